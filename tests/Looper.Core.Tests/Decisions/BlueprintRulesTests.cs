using Looper.Core.Blueprints;
using Looper.Core.Decisions;

namespace Looper.Core.Tests.Decisions;

public class BlueprintRulesTests
{
    [Fact]
    public void Good_blueprints_pass()
    {
        Assert.Empty(BlueprintRules.Check(Sample.Banner));
        Assert.Empty(BlueprintRules.Check(Sample.Tip));
        Assert.Empty(BlueprintRules.Check(Sample.Delivery));
        Assert.Empty(BlueprintRules.Check(Sample.Settings));
        Assert.Empty(BlueprintRules.Check(Sample.Feed));
    }

    [Fact]
    public void Templates_can_be_published_unchanged() => Assert.All(DraftTemplates.All, t => Assert.Empty(BlueprintRules.Check(t.Content)));

    [Fact]
    public void The_paragraph_says_what_a_bandit_does_about_guardrails_that_others_only_warn_of()
    {
        Assert.Contains("and warns if refund gets worse by more than 1%.", BlueprintSummary.Paragraph("banner", Sample.Banner), StringComparison.Ordinal);
        Assert.Contains("and leaves decisions to the baseline while it cannot rule out that refund gets worse by more than 1%.", BlueprintSummary.Paragraph("banner", Sample.Banner with { Policy = new BanditPolicy() }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_ranking_says_how_many_places_are_shown_and_nothing_else_does()
    {
        string? Fault(BlueprintContent content) => Assert.Single(BlueprintRules.Check(content)).Field;
        Assert.Equal("positions", Fault(Sample.Feed with { Positions = null }));
        Assert.Equal("positions", Fault(Sample.Feed with { Positions = 0 }));
        Assert.Equal("positions", Fault(Sample.Feed with { Positions = 51 }));
        Assert.Equal("positions", Fault(Sample.Banner with { Positions = 3 }));
        Assert.Equal("policy.kind", Fault(Sample.Feed with { Policy = new FixedPolicy("a") }));
        Assert.Equal("default", Fault(Sample.Feed with { Default = "a" }));
    }

    [Fact]
    public void All_faults_are_found_at_once()
    {
        var faults = BlueprintRules.Check(Sample.Banner with
        {
            Default = "gold",
            Rollout = new() { Share = 1.5, Holdout = -1, Baseline = "silver" },
            Goal = new() { Terms = [new("purchse", double.NaN)] },
            Policy = new RandomPolicy { Weights = [1, 0] },
        });
        Assert.Equal(
            ["default", "goal.terms[0].outcome", "goal.terms[0].weight", "policy.weights", "policy.weights[1]", "rollout.share", "rollout.holdout", "rollout.baseline"],
            faults.Select(f => f.Field));
        Assert.Contains("Did you mean `purchase`?", faults[1].Reason);
    }

    [Theory]
    [InlineData(OutcomeKind.Count)]
    [InlineData(OutcomeKind.Duration)]
    [InlineData(OutcomeKind.Number)]
    public void The_value_when_nothing_comes_has_the_bound_that_values_have(OutcomeKind kind)
    {
        BlueprintContent With(double absent) =>
            Sample.Banner with { Outcomes = Sample.Banner.Outcomes.SetItem(1, new("revenue", kind) { Aggregation = Aggregation.Sum, Absent = absent }) };
        Assert.Empty(BlueprintRules.Check(With(Outcome.MostMagnitude)));
        var fault = Assert.Single(BlueprintRules.Check(With(Math.BitIncrement(Outcome.MostMagnitude))));
        Assert.Equal("outcomes[1].absent", fault.Field);
        Assert.Contains("1e50", fault.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("checkout-banner", true)]
    [InlineData("abc", true)]
    [InlineData("a1-", false)]
    [InlineData("-ab", false)]
    [InlineData("ab", false)]
    [InlineData("Checkout", false)]
    [InlineData("checkout banner", false)]
    [InlineData("checkout-banner\n", false)]
    [InlineData("аbc", false)] // Cyrillic
    [InlineData("", false)]
    public void Keys_have_one_form(string key, bool allowed) =>
        Assert.Equal(allowed, BlueprintRules.CheckNames(key, "A name", null).Count == 0);

    [Fact]
    public void A_key_has_at_most_64_characters()
    {
        Assert.Empty(BlueprintRules.CheckNames(new('a', 64), "A name", null));
        Assert.Single(BlueprintRules.CheckNames(new('a', 65), "A name", null));
    }

    [Fact]
    public void Names_and_descriptions_have_their_lengths()
    {
        Assert.Equal(["name", "description"], BlueprintRules.CheckNames("abc", " ", new('x', 281)).Select(f => f.Field));
        Assert.Equal("name", Assert.Single(BlueprintRules.CheckNames("abc", "pay\u200Bpal", null)).Field);
    }
}
