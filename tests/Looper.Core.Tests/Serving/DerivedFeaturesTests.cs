using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Learning;
using Looper.Core.Models;
using Looper.Core.Serving;

namespace Looper.Core.Tests.Serving;

public sealed class DerivedFeaturesTests
{
    private static readonly ImmutableArray<Feature> Features =
    [
        new("cart", FeatureKind.Number), new("country", FeatureKind.Category), new("member", FeatureKind.Boolean), new("sentAt", FeatureKind.Time),
        Derived("band", new BucketDerivation("cart", [10, 50])), Derived("place", new CrossDerivation("country", "band")), Derived("perMember", new RatioDerivation("cart", "member")),
        Derived("logCart", new LogDerivation("cart")), Derived("hour", new TimePartDerivation("sentAt", TimePart.Hour) { Zone = "Europe/Amsterdam" }),
        Derived("weekday", new TimePartDerivation("sentAt", TimePart.Weekday)), Derived("whom", new CrossDerivation("member", "cart")),
    ];

    private static Feature Derived(string name, Derivation rule) => new(name, rule.Gives) { Derived = rule };

    private static byte[] Read(string context)
    {
        var workspace = new DecisionWorkspace();
        Assert.True(new ContextReader(Features).Read(Serve.Utf8(context), workspace));
        return workspace.Served.ToArray();
    }

    private static List<string> Values(ReadOnlySpan<byte> served)
    {
        var values = new List<string>();
        for (var reader = new ServedRowReader(served); reader.Read();)
            values.Add(reader.Kind switch { ServedKind.Number => reader.Number.ToString("R", CultureInfo.InvariantCulture), ServedKind.Text => reader.TextString, var kind => kind.ToString() });
        return values;
    }

    [Theory] // by hand; Sunday 2026-05-03 23:30 UTC is Monday 01:30 in Amsterdam (+02:00 in summer)
    [InlineData("""{"cart":50,"country":"NL","member":true,"sentAt":"2026-05-03T23:30:00Z"}""", "50 and up", "NL|50 and up", "50", "1", "7", "true|50")]
    [InlineData("""{"cart":9.5,"country":"NL","member":false,"sentAt":"2026-01-05T23:30:00+01:00"}""", "below 10", "NL|below 10", "Missing", "23", "1", "false|9.5")]
    [InlineData("""{"cart":"10","country":7,"sentAt":1767652200}""", "10 to 50", "7|10 to 50", "Missing", "23", "1", "Missing")]
    [InlineData("""{"cart":-1,"country":"a\u0062","member":1,"sentAt":1767652200000,"band":"mine","hour":4}""", "below 10", "ab|below 10", "-1", "23", "1", "true|-1")]
    [InlineData("""{"cart":null,"country":{},"member":true,"sentAt":"yesterday"}""", "Missing", "Missing", "Missing", "Missing", "Missing", "Missing")]
    public void Values_come_from_what_was_sent(string context, string band, string place, string perMember, string hour, string weekday, string whom)
    {
        var values = Values(Read(context));
        Assert.Equal((band, place, perMember, hour, weekday, whom), (values[4], values[5], values[6], values[8], values[9], values[10]));
    }

    [Theory, InlineData("1.718281828459045", 1.0), InlineData("0", 0.0)]
    public void The_log_is_that_of_one_more(string cart, double log) => Assert.Equal(log, double.Parse(Values(Read($$"""{"cart":{{cart}}}"""))[7], CultureInfo.InvariantCulture), 1e-12);

    [Theory, InlineData("-1"), InlineData("-2"), InlineData("null")]
    public void Where_there_is_no_log_it_is_missing(string cart) => Assert.Equal("Missing", Values(Read($$"""{"cart":{{cart}}}"""))[7]);

    [Theory]
    [InlineData("2026-05-04T12:30:00Z", 1777897800.0), InlineData("2026-05-04T14:30:00+02:00", 1777897800.0), InlineData("2026-05-04t12:30:00.250z", 1777897800.25), InlineData("1969-12-31T23:59:59Z", -1.0)]
    [InlineData("2026-05-04T12:30:00", double.NaN), InlineData("2026-02-29T12:30:00Z", double.NaN), InlineData("2026-05-04T24:30:00Z", double.NaN), InlineData("2026-05-04T12:30:00.Z", double.NaN), InlineData("2026-05-04", double.NaN)]
    public void A_time_needs_its_offset_to_be_one(string text, double seconds)
    {
        Assert.Equal(double.IsNaN(seconds) ? "Invalid" : seconds.ToString("R", CultureInfo.InvariantCulture), Values(Read($$"""{"sentAt":"{{text}}"}"""))[3]);
        Assert.Equal(Read($$"""{"sentAt":"{{text}}"}"""), Read($$"""{"sentAt":"{{text}}","x":"\u0041"}""")); // both readers alike
    }

    [Fact]
    public void A_row_that_was_imported_is_byte_for_byte_the_one_that_is_served()
    {
        var served = Read("""{"cart":12.5,"country":"NL","member":true,"sentAt":"2026-05-04T12:30:00Z"}""");
        var sent = new byte[200];
        var length = ServedRow.WriteNumber(sent, 12.5);
        length += ServedRow.WriteText(sent.AsSpan(length), "NL"u8);
        length += ServedRow.WriteBoolean(sent.AsSpan(length), true);
        length += ServedRow.WriteNumber(sent.AsSpan(length), 1777897800);
        for (var i = 4; i < Features.Length; i++) length += ServedRow.WriteMissing(sent.AsSpan(length));
        Assert.Equal(served, DerivedFeatures.Of(Features)!.Complete(sent.AsSpan(0, length), Features.Length, new()));
    }

    [Fact] // what training encodes from the journaled row is what the model is scored with, to the last bit; a time is no column
    public void Training_sees_what_serving_scored()
    {
        var content = Serve.Banner() with { Features = Features };
        var examples = new ExampleSet(1);
        var served = Read("""{"cart":12.5,"country":"NL","member":true,"sentAt":"2026-05-04T12:30:00Z"}""");
        examples.Add(new() { Id = "d", DecisionPointId = Guid.Empty, Unit = "u", Time = DateTimeOffset.UnixEpoch, BlueprintVersion = 1, Option = 1, Propensity = 1, Reason = Reason.Policy, Served = served }, served, [1.0]);
        var versions = new VersionTable(content, [new(1, content)]);
        var builder = new DataSetBuilder(content, versions, examples);
        var columns = builder.ColumnsOf([0]);
        Assert.Equal(["@option", "cart", "country", "member", "band", "place", "perMember", "logCart", "hour", "weekday", "whom"], columns.Select(c => c.Name));
        Assert.Equal(["10 to 50"], columns[4].Categories.AsEnumerable());
        var trained = builder.Build(columns, [0], 0);
        var row = new double[columns.Length];
        new ModelEncoder(columns, Features, [.. content.Options.Select(o => o.Key)]).Encode(served, row);
        for (var c = 1; c < columns.Length; c++) Assert.Equal(BitConverter.DoubleToInt64Bits(row[c]), BitConverter.DoubleToInt64Bits(trained.Values[c][0]));
    }

    [Fact]
    public void What_was_derived_otherwise_then_counts_as_missing()
    {
        var now = Serve.Banner() with { Features = Features };
        var then = now with { Features = [.. Features.Select(f => f.Name == "band" ? Derived("band", new BucketDerivation("cart", [20])) : f)] };
        var names = new VersionTable(now, [new(1, then)]).Find(1)!.Features.Select(f => f.Name).ToList();
        Assert.Equal((-1, 5), (names.IndexOf("band"), names.IndexOf("place")));
    }
}
