using System.Collections.Immutable;
using System.Text;
using Looper.Core.Blueprints;
using Looper.Core.Experiments;
using Looper.Core.Personalization;
using Looper.Core.Serving;
using Looper.Core.Tests.Experiments;

namespace Looper.Core.Tests.Personalization;

/// <summary>Units of an experiment whose first decisions were of several blueprint versions.</summary>
public class OtherVersionsTests
{
    [Fact] // version 1 cut bands of carts at 10, version 2 at 50: "below 10" of then is no band of now, and "50 and up" of a mistaken mixture would be fewer than they are
    public void A_feature_that_was_made_otherwise_is_missing()
    {
        Feature Band(double edge) => new("band", FeatureKind.Category) { Derived = new BucketDerivation("cart", [edge]) };
        var content = ShopEffects.Content with { Features = [new("cart", FeatureKind.Number), Band(50)] };
        var features = new Dictionary<int, ImmutableArray<Feature>> { [1] = [new("cart", FeatureKind.Number), Band(10)], [2] = content.Features };
        var plan = ShopEffects.Plan(2) with { BlueprintVersion = 2 };
        var metric = EffectMetric.Of(MetricSpecs.Of(plan, "purchase", content), "purchase", content)[0];
        var units = new EffectUnits(plan, metric, [], features, 2);
        for (var i = 0; i < 40; i++)
        {
            var (version, cart) = (1 + i % 2, (double)(i * 3));
            var row = new byte[100];
            var at = ServedRow.WriteNumber(row, cart);
            var edge = version == 1 ? 10 : 50;
            at += ServedRow.WriteText(row.AsSpan(at), Encoding.UTF8.GetBytes(cart < edge ? $"below {edge}" : $"{edge} and up"));
            units.Add(Exposed.Unit(i / 2 % 2, [i % 3 == 0 ? 1 : 0, 0], row[..at], version: version));
        }
        var (columns, left) = units.Columns(new double[40]);
        Assert.Empty(left);
        var band = columns.Columns.Single(c => c.Name == "band");
        Assert.Equal(["50 and up", "below 50"], band.Categories);
        var codes = columns.Values[columns.Columns.IndexOf(band)];
        Assert.All(Enumerable.Range(0, 40), i => Assert.Equal(i % 2 == 0, double.IsNaN(codes[i])));
        Assert.Equal(117, columns.Values[0].Max()); // what is sent as before is known of all
    }
}
