using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Learning;
using Looper.Core.Serving;

namespace Looper.Core.Tests.Serving;

public sealed class ListFeatureTests
{
    private static readonly ImmutableArray<Feature> Features = [new("interests", FeatureKind.Tags), new("embedding", FeatureKind.Vector) { Dimension = 3 }, new("cart", FeatureKind.Number)];

    [Theory]
    [InlineData("""{"interests":["sport","news"],"embedding":[1,-0.5,1e-3]}""", """["news", "sport"] [1, -0.5, 0.001]""")]
    [InlineData("""{ "interests" : [ "b" , "a" , "b" , "" ] , "embedding" : [ 0 , -0.0 , 2 ] }""", """["a", "b"] [0, 0, 2]""")]
    [InlineData("""{"interests":[],"embedding":null}""", "[] -")]
    [InlineData("""{"interests":[5.0,true,"x"],"embedding":[0.1,0.2,0.3]}""", """["5", "true", "x"] [0.1, 0.2, 0.3]""")]
    [InlineData("""{"interests":"sport","embedding":[1,2]}""", """["sport"] !""")]
    [InlineData("""{"interests":["\u0061\"b"],"embedding":[1,2,3,4]}""", """["a\"b"] !""")]
    [InlineData("""{"interests":[["x"],"y"],"embedding":["1",2,3]}""", "! !")]
    [InlineData("""{"interests":[null],"embedding":[1,2,1e39]}""", "! !")]
    [InlineData("""{"interests":7,"embedding":7}""", "! !")]
    [InlineData("""{"interests":{"a":1},"embedding":{}}""", "! !")]
    [InlineData("""{"interests":["\ud800"],"embedding":"[1,2,3]"}""", "! !")]
    [InlineData("""{"cart":1}""", "- -")]
    public void Lists_arrive_as_their_features_mean_them(string context, string expected)
    {
        Assert.Equal(expected, Shown(Served(context, Features)));
        Assert.Equal(expected, Shown(Served(context[..context.LastIndexOf('}')] + ""","\u0078":0}""", Features))); // the escape forces the long way
    }

    [Fact]
    public void A_hundred_different_tags_fit_and_one_more_is_no_value()
    {
        string Tags(int count) => $$"""{"interests":[{{string.Join(',', Enumerable.Range(0, count).Append(0).Select(i => $"\"t{i}\""))}}]}""";
        var reader = new ServedRowReader(Served(Tags(100), Features));
        Assert.True(reader.Read());
        Assert.Equal((ServedKind.Tags, 100), (reader.Kind, TagReader.Count(reader.Packed)));
        Assert.Equal("! -", Shown(Served(Tags(101), Features)));
    }

    [Fact]
    public void Tags_longer_together_than_a_row_can_hold_are_no_value() =>
        Assert.Equal("! -", Shown(Served($$"""{"interests":[{{string.Join(',', Enumerable.Range(0, 20).Select(i => $"\"{i}{new string('x', 4_000)}\""))}}]}""", Features)));

    private static readonly ImmutableArray<Column> Columns =
    [
        new("embedding[0]", ColumnKind.Number, []), new("embedding[1]", ColumnKind.Number, []), new("embedding[2]", ColumnKind.Number, []),
        new("interests", ColumnKind.Number, []), new("interests[sport]", ColumnKind.Number, []), new("interests[a]b]", ColumnKind.Number, []),
    ];

    [Theory]
    [InlineData("""{"interests":["sport","unseen"],"embedding":[1,2,3]}""", new double[] { 1, 2, 3, 2, 1, 0 })]
    [InlineData("""{"interests":["a]b"]}""", new[] { double.NaN, double.NaN, double.NaN, 1, 0, 1 })]
    [InlineData("""{"interests":[],"embedding":[0,0,0]}""", new[] { 0, 0, 0, 0, 0, 0.0 })]
    [InlineData("""{"interests":7,"embedding":[1]}""", new[] { double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN })]
    public void Tags_and_vectors_become_columns(string context, double[] expected)
    {
        var row = new double[Columns.Length];
        row.AsSpan().Fill(9); // of the row before: a candidate's columns are written over those of another
        new ModelEncoder(Columns, Features, []).EncodeOver(Served(context, Features), row);
        Assert.Equal(expected, row);
    }

    [Fact]
    public void What_changed_its_kind_or_length_is_read_as_the_model_means_it_or_missing()
    {
        ImmutableArray<Feature> before = [new("interests", FeatureKind.Category), new("embedding", FeatureKind.Vector) { Dimension = 2 }];
        var row = new double[Columns.Length];
        new ModelEncoder(Columns, before, []).Encode(Served("""{"interests":"sport","embedding":[1,2]}""", before), row);
        Assert.Equal([double.NaN, double.NaN, double.NaN, 1, 1, 0], row);
        var plain = new double[1];
        new ModelEncoder([new("interests", ColumnKind.Category, ["sport"])], Features, []).Encode(Served("""{"interests":["sport"]}""", Features), plain);
        Assert.Equal([double.NaN], plain);
    }

    [Fact]
    public void Rows_with_lists_are_read_again_as_they_were_written()
    {
        var served = Served("""{"interests":["sport","é"],"embedding":[1,2,3],"cart":5}""", Features);
        var (copy, length) = (new byte[served.Length], 0);
        var reader = new ServedRowReader(served);
        while (reader.Read()) length += ServedRow.Copy(reader, copy.AsSpan(length));
        Assert.Equal(served, copy[..length]);
        Assert.Throws<FormatException>(() => Shown(served[..6])); // cut within the tags
    }

    private static byte[] Served(string context, ImmutableArray<Feature> features)
    {
        var workspace = new DecisionWorkspace();
        new ContextReader(features).Read(Serve.Utf8(context), workspace);
        return workspace.Served.ToArray();
    }

    /// <summary>The first two values.</summary>
    private static string Shown(byte[] served)
    {
        var shown = new List<string>();
        var reader = new ServedRowReader(served);
        while (reader.Read() && shown.Count < 2)
            shown.Add(reader.Kind switch { ServedKind.Tags or ServedKind.Vector => ListText.Of(reader), ServedKind.Invalid => "!", ServedKind.Missing => "-", _ => "?" });
        return string.Join(' ', shown);
    }
}
