using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Serving;

namespace Looper.Core.Tests.Serving;

public sealed class TagRuleTests
{
    private static BlueprintContent Tagged(PolicySpec policy) => Serve.Banner(policy) with { Features = [new("interests", FeatureKind.Tags), new("embedding", FeatureKind.Vector) { Dimension = 2 }, new("country", FeatureKind.Category)] };

    private static TreePolicy If(RuleNode condition) => new(condition with { Then = new() { Option = "ten-percent" }, Else = new() { Option = "none" } });

    [Theory]
    [InlineData("""["sport","news"]""", true, false, false)]
    [InlineData("""["news"]""", false, true, true)]
    [InlineData("[]", false, true, true)]
    [InlineData("null", false, false, false)]
    [InlineData("[{}]", false, false, false)]
    public void A_rule_can_ask_what_tags_contain(string tags, bool contains, bool lacks, bool few)
    {
        bool Holds(RuleNode node) => Serve.Decide(Serve.Snapshot(Serve.Point(Tagged(If(node)))), "u", context: $$"""{"interests":{{tags}}}""").Key() == "ten-percent";
        Assert.Equal((contains, lacks, few), (Holds(new() { Feature = "interests", Contains = "sport" }), Holds(new() { Feature = "interests", Lacks = "sport" }), Holds(new() { Feature = "interests", AtMost = 1 })));
    }

    public static TheoryData<RuleNode, string> Unfit() => new()
    {
        { new() { Feature = "interests", Is = "sport" }, "contains, lacks" },
        { new() { Feature = "interests", Contains = "a", Lacks = "b" }, "one of these alone" },
        { new() { Feature = "country", Contains = "NL" }, "Compare it by is" },
        { new() { Feature = "embedding", AtMost = 1 }, "no condition can be read" },
    };

    [Theory, MemberData(nameof(Unfit))]
    public void A_condition_that_does_not_fit_its_feature_is_refused(RuleNode node, string reason) =>
        Assert.Contains(reason, RuleCheck.Fault(If(node), Tagged(If(node)), "policy")!.Reason, StringComparison.Ordinal);

    [Fact]
    public void A_rule_says_what_it_asks() =>
        Assert.Equal("if interests contains sport then ten-percent else none", If(new() { Feature = "interests", Contains = "sport" }).Root.ToString());

    [Theory, InlineData("""["sport"]""", true), InlineData("""["news"]""", false), InlineData("null", false)]
    public void An_experiment_can_be_for_those_with_a_tag_and_a_metric_too(string tags, bool expected)
    {
        var experiment = Serve.Experiment(new ArmSource("a", 1, "free-shipping", null, null));
        var context = $$"""{"interests":{{tags}}}""";
        bool Enters(AudienceRule rule) => Serve.Decide(
            Serve.Snapshot(Serve.Point(Tagged(new FixedPolicy("none")), experiments: experiment with { Audience = [new("interests", rule, "sport")] })), "u", context: context).Key() == "free-shipping";
        Assert.Equal((expected, !expected), (Enters(AudienceRule.Contains), Enters(AudienceRule.Lacks)));
        var workspace = new DecisionWorkspace();
        var features = Tagged(new RandomPolicy()).Features;
        new ContextReader(features).Read(Serve.Utf8(context), workspace);
        var record = new DecisionRecord { Id = "d", DecisionPointId = default, Unit = "u", Time = DateTimeOffset.UnixEpoch, Option = 0, Propensity = 1, Reason = Reason.Policy, BlueprintVersion = 1, Served = workspace.Served.ToArray() };
        bool Passes(FilterRule rule) => new ContextFilters([new("interests", rule, "sport")], new Dictionary<int, System.Collections.Immutable.ImmutableArray<Feature>> { [1] = features }).Passes(record);
        Assert.Equal((expected, !expected), (Passes(FilterRule.Contains), Passes(FilterRule.Lacks)));
    }
}
