using Looper.Core.Blueprints;
using Looper.Core.Experiments;

namespace Looper.Core.Tests.Experiments;

public class ExperimentRulesTests
{
    private static readonly BlueprintContent Blueprint = Exposed.Blueprint(new Outcome("purchase", OutcomeKind.Boolean)) with
    {
        Features = [new("cart", FeatureKind.Number), new("country", FeatureKind.Category)],
    };

    private static ExperimentPlan Good => Exposed.Plan(("control", 0.5), ("treatment", 0.5));

    [Fact]
    public void A_sound_plan_has_no_faults() => Assert.Empty(ExperimentRules.Check(Good, Blueprint, [1]));

    public static TheoryData<string, string> Faults => new()
    {
        { "arms", "now 90%" },
        { "arms[1].key", "names two arms" },
        { "arms[1].weight", "not between 0% and 100%" },
        { "arms[1].option", "not an option" },
        { "arms[1]", "more than one of" },
        { "arms[1].blueprintVersion", "has not been published" },
        { "arms[1].policy.epsilon", "not a share" },
        { "traffic", "not between" },
        { "level", "0.95 is usual" },
        { "primaryOutcome", "not in this blueprint" },
        { "smallestChange", "above 0" },
        { "plannedDays", "1 to 3,650" },
        { "covariates[0]", "is a category" },
        { "capPercentile", "0.999 is usual" },
    };

    [Theory, MemberData(nameof(Faults))]
    public void Every_fault_names_its_field_and_the_way_out(string field, string words)
    {
        var arm = Good.Arms[1];
        ExperimentPlan With(Arm changed) => Good with { Arms = [Good.Arms[0], changed] };
        var plan = field switch
        {
            "arms" => Good with { Arms = [new("a", 0.5), new("b", 0.4)] },
            "arms[1].key" => With(arm with { Key = "control" }),
            "arms[1].weight" => Good with { Arms = [new("a", 1), new("b", 0)] },
            "arms[1].option" => With(arm with { Option = "nothing" }),
            "arms[1]" => With(arm with { Policy = new RandomPolicy() }),
            "arms[1].blueprintVersion" => With(arm with { Option = null, BlueprintVersion = 9 }),
            "arms[1].policy.epsilon" => With(arm with { Option = null, Policy = new EpsilonGreedyPolicy(1.5) }),
            "traffic" => Good with { Traffic = 0 },
            "level" => Good with { Level = 1 },
            "primaryOutcome" => Good with { PrimaryOutcome = "purchse" },
            "smallestChange" => Good with { SmallestChange = 0 },
            "plannedDays" => Good with { PlannedDays = 0 },
            "covariates[0]" => Good with { Covariates = ["country"] },
            _ => Good with { CapPercentile = 0 },
        };
        var fault = Assert.Single(ExperimentRules.Check(plan, Blueprint, [1]), f => f.Field == field);
        Assert.Contains(words, fault.Reason, StringComparison.Ordinal);
        Assert.Equal("experiment.invalid", fault.Code);
    }

    [Fact]
    public void Fewer_than_two_arms_compare_nothing() => Assert.Equal("arms", Assert.Single(ExperimentRules.Check(Good with { Arms = [new("a", 1)] }, Blueprint)).Field);

    [Fact]
    public void NaN_is_a_fault_everywhere() => Assert.True(ExperimentRules.Check(
        new() { Arms = [new("a", double.NaN), new("b", 0.5)], Traffic = double.NaN, Level = double.NaN, Power = double.NaN, SmallestChange = double.NaN, CapPercentile = double.NaN }, Blueprint).Length >= 6);

    [Fact]
    public void A_stored_plan_of_another_version_can_still_be_read()
    {
        var plan = Good with { Arms = [Good.Arms[0], new("b", 0.5) { Policy = new EpsilonGreedyPolicy(0.1) }], PlannedDays = 14 };
        var stored = ExperimentJson.Write(plan);
        Assert.Equal(stored, ExperimentJson.Write(ExperimentJson.ReadPlan(stored)));
        Assert.Equal(stored, ExperimentJson.Write(ExperimentJson.ReadPlan(stored[..^1] + ",\"ofAnotherVersion\":true}")));
    }
}
