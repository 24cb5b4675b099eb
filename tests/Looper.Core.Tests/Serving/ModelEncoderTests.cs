using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Learning;
using Looper.Core.Serving;

namespace Looper.Core.Tests.Serving;

public sealed class ModelEncoderTests
{
    private static readonly ImmutableArray<Feature> Features = [new("country", FeatureKind.Category), new("cart", FeatureKind.Number), new("member", FeatureKind.Boolean)];

    private static readonly ImmutableArray<Column> Columns =
    [
        new("cart", ColumnKind.Number, []),
        new(ModelEncoder.OptionColumn, ColumnKind.Category, ["b", "a"]),
        new("country", ColumnKind.Category, ["DE", "NL"]),
        new("gone", ColumnKind.Number, []),
        new("member", ColumnKind.Number, []),
    ];

    [Theory]
    [InlineData("""{"country":"NL","cart":2.5,"member":true}""", 2.5, 1, 1)]
    [InlineData("""{"country":"DE","member":false}""", double.NaN, 0, 0)]
    [InlineData("""{"country":"FR","cart":"x"}""", double.NaN, double.NaN, double.NaN)]
    public void A_row_has_the_models_columns_whatever_the_blueprint_sends(string context, double cart, double country, double member)
    {
        var encoder = new ModelEncoder(Columns, Features, ["a", "b", "c"]);
        var row = new double[encoder.Width];
        encoder.Encode(Served(context, Features), row);
        Assert.Equal([cart, double.NaN, country, double.NaN, member], row);
        encoder.SetOption(0, row);
        Assert.Equal(1, row[1]);
        encoder.SetOption(2, row);
        Assert.Equal(double.NaN, row[1]); // an option the model has never seen
    }

    [Fact]
    public void A_feature_that_changed_its_kind_is_read_as_the_models_column_means_it()
    {
        ImmutableArray<Feature> before = [new("zip", FeatureKind.Number), new("member", FeatureKind.Boolean), new("cart", FeatureKind.Category)];
        ImmutableArray<Column> columns = [new("zip", ColumnKind.Category, ["1011", "false"]), new("member", ColumnKind.Category, ["true", "false"]), new("cart", ColumnKind.Number, [])];
        var row = new double[3];
        new ModelEncoder(columns, before, []).Encode(Served("""{"zip":1011,"member":false,"cart":"5"}""", before), row);
        Assert.Equal([0, 1, double.NaN], row);
    }

    [Fact]
    public void A_row_cut_short_is_missing_at_its_end()
    {
        var row = new double[5];
        new ModelEncoder(Columns, Features, []).Encode([], row);
        Assert.All(row, value => Assert.Equal(double.NaN, value));
    }

    private static byte[] Served(string context, ImmutableArray<Feature> features)
    {
        var workspace = new DecisionWorkspace();
        new ContextReader(features).Read(Serve.Utf8(context), workspace);
        return workspace.Served.ToArray();
    }
}
