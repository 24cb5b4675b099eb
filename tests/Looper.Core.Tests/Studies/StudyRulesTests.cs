using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Optimization;
using Looper.Core.Studies;

namespace Looper.Core.Tests.Studies;

public class StudyRulesTests
{
    private static readonly BlueprintContent s_shop = new()
    {
        Shape = DecisionShape.Choice, Options = [new("a"), new("b"), new("c")], Default = "a",
        Outcomes = [new("sale", OutcomeKind.Boolean), new("return", OutcomeKind.Boolean) { Better = Direction.Lower }],
        Goal = new() { Terms = [new("sale")], Guardrails = [new("return", 0.05)] },
    };

    [Fact]
    public void A_default_study_tunes_the_shares_of_a_random_policy_under_the_guardrails()
    {
        var plan = StudyActions.DefaultPlan(s_shop);
        Assert.Empty(StudyRules.Check(plan, s_shop));
        Assert.Equal(["share:b", "share:c"], plan.Parameters.Select(p => p.Name));
        Assert.Equal((Aim.Maximize, 0.05), (plan.Goals[0].Direction, plan.Guardrails[0].AtMost!.Value));
        var policy = Assert.IsType<RandomPolicy>(PolicyParameters.With(s_shop, ImmutableSortedDictionary<string, ParameterValue>.Empty.Add("share:b", new(0.5)).Add("share:c", new(0.2))));
        Assert.Equal([0.3, 0.5, 0.2], policy.Weights.Select(w => Math.Round(w, 12)));
        Assert.Null(PolicyParameters.With(s_shop, ImmutableSortedDictionary<string, ParameterValue>.Empty.Add("epsilon", new(0.5))));
    }

    [Theory]
    [InlineData("ranges reversed", "parameters[0].low", "'share:b': the smallest value (1) must be below the largest (0). Swap them.")]
    [InlineData("today outside", "statusQuo", "Values of today: 'share:b' is 2; give a number from 0.01 to 0.99. Loosen what forbids them, or leave them out.")]
    [InlineData("nothing allowed", "parameterConstraints[1]", "The least its left side can be is 0.01, which is above -1: nothing is allowed. Raise the bound, or widen a range.")]
    [InlineData("nothing allowed together", "parameterConstraints", "The constraints together allow no setting. Loosen one.")]
    [InlineData("today against a constraint", "statusQuo", "Values of today: The values break a constraint between the parameters. Loosen what forbids them, or leave them out.")]
    [InlineData("no goal", "goals", "Goals: 0; give one to three.")]
    [InlineData("two bounds", "guardrails[0]", "'return': give one bound, either atMost or atLeast.")]
    [InlineData("unknown outcome", "goals", "Outcome 'sales' is not in this blueprint. Choose one of sale, return.")]
    [InlineData("not of the policy", "parameters[0].name", "'epsilon' is no number of the present policy. It has share:b, share:c.")]
    [InlineData("no least gain", "stopBelowGain", "Least gain to go on for: give more than 0, or leave it out.")]
    [InlineData("least gain of two goals", "stopBelowGain", "A least gain to go on for needs a single goal. Leave it out, or keep one goal.")]
    [InlineData("few units", "unitsPerArm", "Units per arm: 10 are too few to measure anything. Give 100 or more.")]
    [InlineData("endless range", "parameters[0].low", "'share:b': from -1E+308 to 1E+308 is further than can be computed with. Narrow the range.")]
    [InlineData("endless ratio", "parameters[0].low", "'share:b': from 1E-300 to 1E+300 is further than can be computed with. Narrow the range.")]
    [InlineData("too many wholes", "parameters[0].low", "'share:b': from 0 to 1E+19 are more whole numbers than can be told apart. Narrow the range, or make it a real number.")]
    [InlineData("endless bound", "parameterConstraints[0]", "A weight or the bound is no number. Give one.")]
    [InlineData("endless threshold", "goals[0].threshold", "'sale': what a useful trial beats is no number. Give one, or leave it out.")]
    [InlineData("many units", "unitsPerArm", "Units per arm: 9223372036854775807 are more than the 1000000000 there is room for. Give fewer.")]
    public void A_plan_that_cannot_work_is_refused_with_field_and_fix(string fault, string field, string reason)
    {
        var plan = StudyActions.DefaultPlan(s_shop);
        plan = fault switch
        {
            "ranges reversed" => plan with { Parameters = [plan.Parameters[0] with { Low = 1, High = 0 }, plan.Parameters[1]], ParameterConstraints = [] },
            "today outside" => plan with { StatusQuo = plan.StatusQuo.SetItem("share:b", new(2)) },
            "nothing allowed" => plan with { ParameterConstraints = plan.ParameterConstraints.Add(new(ImmutableSortedDictionary<string, double>.Empty.Add("share:b", 1), -1)) },
            "nothing allowed together" => plan with { ParameterConstraints = [Between(1, 1, 0.5), Between(-1, -1, -0.6)], StatusQuo = ImmutableSortedDictionary<string, ParameterValue>.Empty },
            "today against a constraint" => plan with { ParameterConstraints = [Between(1, 1, 0.5)] },
            "endless range" => plan with { Parameters = [plan.Parameters[0] with { Low = -1e308, High = 1e308 }, plan.Parameters[1]] },
            "endless ratio" => plan with { Parameters = [plan.Parameters[0] with { Low = 1e-300, High = 1e300, Log = true }, plan.Parameters[1]] },
            "too many wholes" => plan with { Parameters = [plan.Parameters[0] with { Kind = ParameterKind.Whole, Low = 0, High = 1e19 }, plan.Parameters[1]] },
            "endless bound" => plan with { ParameterConstraints = [Between(1, 1, double.PositiveInfinity)] },
            "endless threshold" => plan with { Goals = [new("sale") { Threshold = double.PositiveInfinity }] },
            "many units" => plan with { UnitsPerArm = long.MaxValue },
            "no goal" => plan with { Goals = [] },
            "no least gain" => plan with { StopBelowGain = 0 },
            "least gain of two goals" => plan with { StopBelowGain = 0.1, Goals = [new("sale"), new("return", Aim.Minimize)] },
            "two bounds" => plan with { Guardrails = [new("return") { AtMost = 1, AtLeast = 0 }] },
            "unknown outcome" => plan with { Goals = [new("sales")] },
            "not of the policy" => plan with { Parameters = [new("epsilon") { High = 1 }], ParameterConstraints = [], StatusQuo = ImmutableSortedDictionary<string, ParameterValue>.Empty },
            _ => plan with { UnitsPerArm = 10 },
        };
        Assert.Contains(StudyRules.Check(plan, s_shop), f => f.Field == field && f.Reason == reason && f.Code == "study.invalid");
    }

    [Theory]
    [InlineData(-0.1, 1.0, "parameters[0]", "'share:b': it is a share, from 0 to 1.")]
    [InlineData(0.1, 1.5, "parameters[0]", "'share:b': it is a share, from 0 to 1.")]
    [InlineData(0.1, 0.9, "parameterConstraints", "Shares: with those that are not tuned they may come to more than 1")]
    public void Shares_that_the_policy_cannot_have_are_refused(double low, double high, string field, string reason)
    {
        var plan = StudyActions.DefaultPlan(s_shop);
        plan = plan with { Parameters = [plan.Parameters[0] with { Low = low, High = high }, plan.Parameters[1]], ParameterConstraints = field == "parameterConstraints" ? [Between(1, 0.5, 1)] : plan.ParameterConstraints };
        var fault = Assert.Single(StudyRules.Check(plan, s_shop), f => f.Field == field);
        Assert.StartsWith(reason, fault.Reason, StringComparison.Ordinal);
    }

    [Fact] // b and c come to a half, d to 0.4 more
    public void Shares_that_a_constraint_holds_together_with_their_ranges_are_taken()
    {
        var four = s_shop with { Options = [.. s_shop.Options, new("d")] };
        var plan = StudyActions.DefaultPlan(four);
        plan = plan with { Parameters = [plan.Parameters[0] with { High = 0.5 }, plan.Parameters[1] with { High = 0.5 }, plan.Parameters[2] with { High = 0.4 }], ParameterConstraints = [Between(1, 1, 0.5)] };
        Assert.Empty(StudyRules.Check(plan, four));
    }

    [Theory, InlineData(-0.1, 0.5), InlineData(0, 1.1)]
    public void An_epsilon_that_is_no_share_is_refused(double low, double high)
    {
        var greedy = s_shop with { Policy = new EpsilonGreedyPolicy(0.1) };
        var plan = StudyActions.DefaultPlan(greedy);
        var fault = Assert.Single(StudyRules.Check(plan with { Parameters = [plan.Parameters[0] with { Low = low, High = high }] }, greedy));
        Assert.Equal(("parameters[0]", "'epsilon': it is a share, from 0 to 1."), (fault.Field, fault.Reason));
    }

    [Theory]
    [InlineData(ConfigurationKind.Whole, ParameterKind.Real, 1, 9, "parameters[0].type", "'limit': in the blueprint it is a whole number. Tune it as that.")]
    [InlineData(ConfigurationKind.Real, ParameterKind.Real, 0, 11, "parameters[0]", "'limit': the blueprint takes 0 to 10. Stay within, or publish a version that takes more.")]
    public void A_configuration_is_tuned_within_its_blueprint(ConfigurationKind has, ParameterKind asked, double low, double high, string field, string reason)
    {
        var content = s_shop with { Shape = DecisionShape.Configuration, Options = [], Parameters = [new("limit", has) { Low = 0, High = 10 }], Default = """{"limit":5}""", Policy = new FixedPolicy("""{"limit":5}""") };
        var plan = StudyActions.DefaultPlan(content);
        Assert.Empty(StudyRules.Check(plan, content));
        var fault = Assert.Single(StudyRules.Check(plan with { Parameters = [plan.Parameters[0] with { Kind = asked, Low = low, High = high }] }, content));
        Assert.Equal((field, reason), (fault.Field, fault.Reason));
    }

    public static TheoryData<PolicySpec, DecisionShape> Tunable => new()
    {
        { new EpsilonGreedyPolicy(0.1), DecisionShape.Choice }, { new SoftmaxPolicy(0.5), DecisionShape.Choice }, { new RandomPolicy(), DecisionShape.Choice },
        { new RandomPolicy { Weights = [0.9, 0.1] }, DecisionShape.Binary },
    };

    [Theory, MemberData(nameof(Tunable))]
    public void Both_ends_of_every_range_to_begin_with_can_be_published(PolicySpec policy, DecisionShape shape)
    {
        var content = s_shop with { Policy = policy, Shape = shape, Options = shape == DecisionShape.Binary ? [] : s_shop.Options, Default = shape == DecisionShape.Binary ? "false" : "a" };
        var parameters = PolicyParameters.Of(content);
        Assert.NotEmpty(parameters);
        foreach (var one in parameters)
        {
            foreach (var end in new[] { one.Low, one.High })
            {
                var values = PolicyParameters.Present(content).SetItem(one.Name, new(end));
                foreach (var other in parameters.Where(p => p.Name != one.Name)) values = values.SetItem(other.Name, new((1 - end) / 4));
                Assert.DoesNotContain(BlueprintRules.Check(content with { Policy = PolicyParameters.With(content, values)! }), f => f.Field?.StartsWith("policy", StringComparison.Ordinal) == true);
            }
        }
    }

    private static ParameterConstraint Between(double b, double c, double bound) => new(ImmutableSortedDictionary<string, double>.Empty.Add("share:b", b).Add("share:c", c), bound);
}
