using Looper.Core.Blueprints;
using Looper.Core.Experiments;

namespace Looper.Core.Tests.Experiments;

public class ExperimentRulesTests
{
    private static readonly BlueprintContent Blueprint = Exposed.Blueprint(new("purchase", OutcomeKind.Boolean), new("refund", OutcomeKind.Boolean), new("visits", OutcomeKind.Count)) with
    {
        Features = [new("cart", FeatureKind.Number), new("country", FeatureKind.Category)],
    };

    private static ExperimentPlan Good => Exposed.Plan(("control", 0.5), ("treatment", 0.5));

    [Fact]
    public void A_sound_plan_has_no_faults() => Assert.Empty(ExperimentRules.Check(Good, Blueprint, [1]));

    [Fact]
    public void A_plan_has_its_own_margins_and_keeps_the_rest_of_the_blueprints()
    {
        var blueprint = Blueprint with { Goal = Blueprint.Goal with { Guardrails = [new("refund", 0.01)] } };
        var plan = Good with { Guardrails = [new("visits", 0), new("refund", 0.25) { Reason = "a sale week" }] };
        Assert.Empty(ExperimentRules.Check(plan, blueprint, [1]));
        Assert.Equal(new Guardrail[] { new("refund", 0.25), new("visits", 0) }, GuardrailRules.Of(plan, blueprint));
        Assert.Equal(new Guardrail[] { new("refund", 0.01) }, GuardrailRules.Of(Good, blueprint));
        Assert.Equal((null, "in place of the blueprint’s 1%: a sale week", "guarded in this experiment only"),
            (GuardrailRules.Changed(Good, blueprint, "refund"), GuardrailRules.Changed(plan, blueprint, "refund"), GuardrailRules.Changed(plan, blueprint, "visits")));
        Assert.Equal("guardrails[0].reason", Assert.Single(ExperimentRules.Check(Good with { Guardrails = [new("refund", 0.25)] }, blueprint, [1])).Field);
        Assert.Empty(ExperimentRules.Check(Good with { Guardrails = [new("refund", 0.01)] }, blueprint, [1]));
        var specs = MetricSpecs.Of(plan, "purchase", blueprint).All;
        Assert.Equal([(MetricRole.Goal, double.NaN), (MetricRole.Guardrail, 0.25), (MetricRole.Guardrail, 0.0)], specs.Select(s => (s.Role, s.Margin)));
        // A third more refunds in treatment: beyond the blueprint's margin, inside the plan's.
        GuardrailState? Judged(ExperimentPlan of) => Exposed.Report(Exposed.Settings(of, "purchase", ExperimentState.Stopped), blueprint with { Outcomes = [.. blueprint.Outcomes.Select(o => o with { Better = o.Name == "refund" ? Direction.Lower : o.Better })] },
            Enumerable.Range(0, 20_000).Select(i => Exposed.Unit(i % 2, [i % 3 == 0 ? 1 : 0, i % 20 < 10 + (i % 2 == 0 ? 0 : 6) && i % 4 < 2 ? 1 : 0, 1]))).Metrics.Single(m => m.Outcome == "refund").Comparisons[0].Guardrail;
        Assert.Equal(GuardrailState.Harmed, Judged(Good));
        Assert.Equal(GuardrailState.Safe, Judged(Good with { Guardrails = [new("refund", 0.9)] }));
    }

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
        { "guardrails[0].outcome", "decides this experiment" },
        { "guardrails[0].marginRelative", "0.01 for 1%" },
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
            "guardrails[0].outcome" => Good with { Guardrails = [new("purchase", 0.1)] },
            "guardrails[0].marginRelative" => Good with { Guardrails = [new("refund", double.NaN)] },
            "covariates[0]" => Good with { Covariates = ["country"] },
            _ => Good with { CapPercentile = 0 },
        };
        var fault = Assert.Single(ExperimentRules.Check(plan, Blueprint, [1]), f => f.Field == field);
        Assert.Contains(words, fault.Reason, StringComparison.Ordinal);
        Assert.Equal("experiment.invalid", fault.Code);
    }

    [Fact]
    public void A_reading_that_holds_once_needs_an_end_that_was_planned()
    {
        var fault = Assert.Single(ExperimentRules.Check(Good with { Reading = ReadingKind.Fixed }, Blueprint, [1]));
        Assert.Equal(("experiment.invalid", "plannedDays"), (fault.Code, fault.Field));
        Assert.StartsWith("Planned days: a fixed reading holds once", fault.Reason, StringComparison.Ordinal);
        Assert.Contains("Give the days, or choose the sequential reading", fault.Reason, StringComparison.Ordinal);
        Assert.Empty(ExperimentRules.Check(Good with { Reading = ReadingKind.Fixed, PlannedDays = 14 }, Blueprint, [1]));
        Assert.Empty(ExperimentRules.Check(Good with { Reading = ReadingKind.Bayesian }, Blueprint, [1]));
    }

    [Theory, InlineData("random", false), InlineData("epsilon-greedy", false), InlineData("softmax", false), InlineData("best", true), InlineData("fixed", true)] // as serving has it
    public void A_value_is_predicted_or_fixed_in_an_arm_too(string policy, bool mayStart)
    {
        var number = Blueprint with { Shape = DecisionShape.Value, Options = [], Default = "10" };
        var plan = Good with { Arms = [new("control", 0.5) { Option = "10" }, new("b", 0.5) { Policy = policy switch { "random" => new RandomPolicy(), "epsilon-greedy" => new EpsilonGreedyPolicy(0.1), "softmax" => new SoftmaxPolicy(1), "best" => new BestPolicy(), _ => new FixedPolicy("12") } }] };
        Assert.Equal(mayStart ? [] : ["arms[1].policy"], ExperimentRules.Check(plan, number, [1]).Select(f => f.Field ?? ""));
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
