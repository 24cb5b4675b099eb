using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Experiments;
using Looper.Core.Serving;

namespace Looper.Core.Tests.Serving;

public sealed class TreePolicyTests
{
    private static readonly RuleNode s_rule = new()
    {
        Feature = "cartValue", AtMost = 50,
        Then = new() { Option = "free-shipping" },
        Else = new() { Feature = "country", Is = "NL", Then = new() { Option = "ten-percent" }, Else = new() { Feature = "isMember", Is = "true", Then = new() { Option = "ten-percent" }, Else = new() { Option = "none" } } },
    };

    [Theory]
    [InlineData("""{"cartValue":50}""", "free-shipping")]
    [InlineData("""{"cartValue":50.5,"country":"NL"}""", "ten-percent")]
    [InlineData("""{"cartValue":51,"country":"DE","isMember":true}""", "ten-percent")]
    [InlineData("""{"cartValue":51,"country":"DE"}""", "none")]
    [InlineData("""{"country":"NL"}""", "ten-percent")] // a missing value meets no condition
    [InlineData("{}", "none")]
    public void The_rule_decides_without_a_model(string context, string option)
    {
        var decision = Serve.Decide(Serve.Snapshot(Serve.Point(Serve.Banner(new TreePolicy(s_rule)))), "u", context: context);
        Assert.Equal((option, 1.0, Reason.Policy), (decision.Key(), decision.Propensity, decision.Reason));
    }

    [Fact] // 0.9 + 0.1/3 for the rule's option, 0.1/3 for the others; frequencies within 4 standard errors
    public void Exploration_has_exact_propensities()
    {
        var snapshot = Serve.Snapshot(Serve.Point(Serve.Banner(new TreePolicy(s_rule) { Explore = 0.1 })));
        const int n = 20_000;
        var explored = 0;
        for (var i = 0; i < n; i++)
        {
            var decision = Serve.Decide(snapshot, i.ToString(CultureInfo.InvariantCulture), context: """{"cartValue":10}""");
            var preferred = decision.Key() == "free-shipping";
            Assert.Equal(preferred ? 0.9 + 0.1 / 3 : 0.1 / 3, decision.Propensity, 1e-12);
            Assert.Equal(preferred ? Reason.Policy : Reason.Explore, decision.Reason);
            if (!preferred) explored++;
        }
        var share = 0.2 / 3;
        Assert.InRange(explored / (double)n, share - 4 * Math.Sqrt(share * (1 - share) / n), share + 4 * Math.Sqrt(share * (1 - share) / n));
    }

    public static TheoryData<string, RuleNode> Faulty => new()
    {
        { "policy.root.feature", s_rule with { Feature = "absent" } },
        { "policy.root", s_rule with { AtMost = null, Is = "50" } },
        { "policy.root.then.option", s_rule with { Then = new() { Option = "absent" } } },
        { "policy.root.else", s_rule with { Else = null } },
        { "policy.root", s_rule with { Option = "none" } },
        { "policy.root", new() { Feature = "isMember", Is = "maybe", Then = new() { Option = "none" }, Else = new() { Option = "none" } } },
    };

    [Theory, MemberData(nameof(Faulty))]
    public void A_rule_that_cannot_be_served_is_not_published(string field, RuleNode rule)
    {
        var content = Serve.Banner(new TreePolicy(rule));
        Assert.Contains(BlueprintRules.Check(content), f => f.Field == field);
        var plan = new ExperimentPlan { Arms = [new("a", 0.5) { Option = "none" }, new("b", 0.5) { Policy = new TreePolicy(rule) }] };
        Assert.Contains(ExperimentRules.Check(plan, Serve.Banner()), f => f.Field == field.Replace("policy", "arms[1].policy", StringComparison.Ordinal));
    }

    [Fact]
    public void A_rule_survives_being_written_and_reads_as_a_sentence()
    {
        var content = Serve.Banner(new TreePolicy(s_rule) { Explore = 0.05 });
        var again = BlueprintJson.Stored(BlueprintJson.Write(content));
        Assert.Equal(BlueprintJson.Write(content), BlueprintJson.Write(again));
        Assert.StartsWith("if cartValue is at most 50 then free-shipping else (if country is NL then ten-percent else", Words.Of(again.Policy), StringComparison.Ordinal);
        Assert.EndsWith("exploring 5%", Words.Of(again.Policy), StringComparison.Ordinal);
    }
}
