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
}
