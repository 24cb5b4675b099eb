using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Learning;
using Looper.Core.Models;
using Looper.Core.Policies;

namespace Looper.Core.Tests.Policies;

/// <summary>Who would be treated, on a log whose rule is known.</summary>
public class GroupSharesTests
{
    [Fact] // the draft: NL gets shipping; elsewhere members a discount, others shipping; a tenth at random
    public void Groups_are_those_of_the_features_that_the_rule_reads()
    {
        var groups = SimulatedShop.Judge(1_000, SimulatedShop.Logging.Good, 1).Groups;
        Assert.Equal(["isMember", "country"], groups.Select(g => g.Feature).Distinct());
        double Shipping(string group) => groups.Single(g => g.Group == group).Options.Single(o => o.Option == "shipping").Policy;
        Assert.Equal(0.9 + 0.1 / 3, Shipping("NL"), 1e-9);
        Assert.Equal(0.9 + 0.1 / 3, Shipping("no"), 1e-9);
        Assert.Equal(0.9 / 3 + 0.1 / 3, Shipping("yes"), 0.03); // a third of the members are in NL
        foreach (var feature in groups.GroupBy(g => g.Feature)) Assert.Equal(1, feature.Sum(g => g.Share), 1e-9);
        Assert.All(groups, g => Assert.Equal(1, g.Options.Sum(o => o.Policy), 1e-9));
    }

    [Fact] // what it would do is known even where what it would earn is not
    public void They_are_told_where_no_value_can_be()
    {
        var result = SimulatedShop.Judge(200, SimulatedShop.Logging.Certain, 1);
        Assert.NotNull(result.Refused);
        Assert.NotEmpty(result.Groups);
    }

    [Fact]
    public void Groups_of_small_numbers_have_names_of_their_own()
    {
        double[] values = [.. Enumerable.Range(0, 400).Select(i => 1e-5 * (i / 100))];
        Assert.Equal(["up to 0", "above 0, up to 1E-05", "above 1E-05, up to 2E-05", "above 2E-05"], Names(new("rate", FeatureKind.Number), new Column("rate", ColumnKind.Number, []), values));
    }

    [Fact] // eight levels and none, of which six groups are shown
    public void A_level_is_told_apart_from_what_is_missing_or_pooled()
    {
        ImmutableArray<string> levels = ["", "a", "b", "c", "d", "e", "missing", "others"];
        int[] counts = [80, 20, 10, 10, 10, 10, 100, 90];
        double[] values = [.. counts.SelectMany((count, level) => Enumerable.Repeat((double)level, count)), .. Enumerable.Repeat(double.NaN, 110)];
        Assert.Equal(["missing", "(empty)", "a", "“missing”", "“others”", "others"], Names(new("country", FeatureKind.Category), new Column("country", ColumnKind.Category, levels), values));
    }

    [Fact] // of the rarer ones and of those that sent nothing no more is known than that
    public void Where_only_the_commonest_levels_are_kept_the_rest_are_not_called_missing()
    {
        ImmutableArray<string> levels = [.. Enumerable.Range(0, DataSetBuilder.Categories).Select(k => $"c{k}")];
        double[] values = [.. Enumerable.Range(0, 100).Select(k => (double)k), .. Enumerable.Repeat(double.NaN, 110)];
        Assert.Equal("another or missing", Names(new("city", FeatureKind.Category), new Column("city", ColumnKind.Category, levels), values).First());
        Assert.Equal("missing", Names(new("city", FeatureKind.Category), new Column("city", ColumnKind.Category, levels[..99]), [.. values.Where(v => v < 99 || double.IsNaN(v))]).First());
    }

    // every second row another option, so that groups differ
    private static IEnumerable<string> Names(Feature feature, Column column, double[] values)
    {
        double[] policy = [.. values.SelectMany(v => v > values[0] ? (double[])[1, 0] : [0, 1])];
        return GroupShares.Of(new([column], [values], new double[values.Length]), new int[values.Length], policy, ["none", "ten-percent"], [feature]).Select(g => g.Group);
    }
}
