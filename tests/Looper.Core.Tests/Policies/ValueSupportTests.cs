using Looper.Core.Blueprints;
using Looper.Core.Numerics;
using Looper.Core.Policies;
using Looper.Core.Serving;

namespace Looper.Core.Tests.Policies;

/// <summary>What a log must hold before a value is told.</summary>
public class ValueSupportTests
{
    private static IEnumerable<SmallRow> Even(int units, Func<int, int> rowsOf)
    {
        var random = new Philox(units, "few-units");
        for (var unit = 0; unit < units; unit++)
        {
            for (var i = 0; i < rowsOf(unit); i++) yield return new($"u{unit}", random.Below(2), 0.5, random.Uniform() < 0.2 ? 1 : 0);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(8)]
    public void Many_decisions_of_few_units_are_refused(int units)
    {
        var result = SmallLog.Judge(SmallLog.AlwaysB, SmallLog.Of(SmallLog.AlwaysB, Even(units, _ => 300)));
        Assert.Equal("too-few-units", result.RefusedCode);
        Assert.Contains("30 are needed", result.Sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", result.Sentence, StringComparison.Ordinal);
        Assert.True(double.IsNaN(result.Value.Value));
    }

    [Fact] // its answers are the rest of what the other arms' chances were reckoned with
    public void An_arm_that_has_no_model_yet_was_drawn_by_lot_too()
    {
        var (random, experiment) = (new Philox(6, "no-model"), new Guid(1, 2, 3, new byte[8]));
        var rows = Enumerable.Range(0, 4_000).Select(i => random.Below(2) is var arm && arm == 0
            ? new SmallRow($"u{i}", 0, 0.5, random.Uniform() < 0.2 ? 1 : 0) { Reason = Reason.DefaultNoModel, Experiment = experiment }
            : new SmallRow($"u{i}", 1, 0.5, random.Uniform() < 0.3 ? 1 : 0) { Reason = Reason.Experiment, Experiment = experiment });
        var result = SmallLog.Judge(SmallLog.AlwaysB, SmallLog.Of(SmallLog.AlwaysB, rows));
        Assert.Equal((4_000L, 0L, null), (result.Decisions, result.NotUsed.Forced, result.Refused));
        Assert.Equal(1, result.Overlap!.MeanWeight, 0.06);
        Assert.Equal(0.3, result.Value.Value, 0.04);
    }

    [Fact] // c was never given, and is not wanted; where b was certain, a could not be told
    public void What_was_certain_is_not_told_as_never_tried()
    {
        var draft = SmallLog.AlwaysB with { Options = [.. SmallLog.AlwaysB.Options, new("c")] };
        var rows = Enumerable.Range(0, 2_000).Select(i => i % 2 == 0 ? new SmallRow($"u{i}", 0, 1, i % 10 == 0 ? 1 : 0) : new SmallRow($"u{i}", i / 2 % 2, 0.5, i % 5 == 0 ? 1 : 0));
        var result = SmallLog.Judge(draft, SmallLog.Of(draft, rows));
        Assert.Equal("never-tried", result.RefusedCode);
        Assert.Contains("was impossible when these decisions were made: the answer was certain", result.Refused, StringComparison.Ordinal);
        var wanting = draft with { Policy = new FixedPolicy("c") };
        Assert.Contains("is `c`, which was never tried", SmallLog.Judge(wanting, SmallLog.Of(wanting, rows)).Refused, StringComparison.Ordinal);
    }

    [Fact] // 200 units in all, worth some six
    public void A_few_units_with_nearly_all_decisions_are_refused()
    {
        var result = SmallLog.Judge(SmallLog.AlwaysB, SmallLog.Of(SmallLog.AlwaysB, Even(200, unit => unit < 5 ? 2_000 : 5)));
        Assert.Equal(("too-few-units", 200L, "none"), (result.RefusedCode, result.Units, result.Overlap!.Verdict));
        Assert.InRange(result.Overlap.EffectiveUnits, 5, 7);
    }

    [Fact] // five purchases in 4,000 decisions: some draw of units again has none, and a change relative to nothing is no number
    public void A_sentence_never_says_what_is_undefined()
    {
        var result = SmallLog.Judge(SmallLog.AlwaysB, SmallLog.Of(SmallLog.AlwaysB, Enumerable.Range(0, 4_000).Select(i => new SmallRow($"u{i}", i % 2, 0.5, i % 800 == 1 ? 1 : 0))));
        Assert.Null(result.Refused);
        Assert.True(double.IsNaN(result.Relative.Low));
        Assert.DoesNotContain("NaN", result.Sentence, StringComparison.Ordinal);
        Assert.Matches(@"^Predicted \+0\.1\d? percentage points of purchase a decision \(", result.Sentence);
    }

    [Fact] // the first version waited for no upsell: its silence is none, though absence counts as 0
    public void Decisions_of_a_version_without_the_outcome_are_left_out()
    {
        var draft = SmallLog.AlwaysB with { Outcomes = [new("upsell", OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(1), Absent = 0 }], Goal = new() { Terms = [new("upsell")] } };
        var random = new Philox(4, "upsell");
        IEnumerable<SmallRow> Rows()
        {
            for (var i = 0; i < 10_000; i++)
            {
                var b = random.Uniform() < 0.1;
                yield return new($"u{i}", b ? 1 : 0, b ? 0.1 : 0.9, 0);
            }
            for (var i = 0; i < 2_000; i++)
            {
                var b = random.Below(2);
                yield return new($"v{i}", b, 0.5, random.Uniform() < (b == 1 ? 0.1 : 0.05) ? 1 : 0) { Version = 2 };
            }
        }
        var log = SmallLog.Of(draft, Rows(), new Dictionary<int, BlueprintContent> { [1] = SmallLog.Even, [2] = draft with { Policy = new RandomPolicy() } });
        var result = SmallLog.Judge(draft, log);
        Assert.Null(result.Refused);
        Assert.Equal((2_000L, 10_000L), (result.Decisions, result.NotUsed.WithoutOutcome));
        Assert.Equal(0.1, result.Value.Value, 0.025); // 3.3 standard errors of 1,000 decisions are 0.031
    }

    [Fact] // the guardrail came later: of earlier decisions it is unknown, the goal is not
    public void A_guardrail_is_unknown_where_a_version_did_not_have_it()
    {
        Outcome purchase = SmallLog.AlwaysB.Outcomes[0], refund = new("refund", OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(1), Absent = 0, Better = Direction.Lower };
        var draft = SmallLog.AlwaysB with { Outcomes = [purchase, refund], Goal = new() { Terms = [new("purchase")], Guardrails = [new("refund", 0.1)] } };
        var rows = Enumerable.Range(0, 600).Select(i => new SmallRow($"u{i}", i % 2, 0.5, i % 5 == 0 ? 1 : 0, i >= 300 && i % 3 == 0 ? 1 : 0) { Version = i < 300 ? 1 : 2 });
        var result = SmallLog.Judge(draft, SmallLog.Of(draft, rows, new Dictionary<int, BlueprintContent> { [1] = SmallLog.Even, [2] = draft with { Policy = new RandomPolicy() } }));
        Assert.Equal(600, result.Decisions);
        Assert.Equal(1 / 3.0, result.Outcomes.Single().Value.Value, 0.01);
    }

    [Fact] // ten companies drew an arm each, whatever their users
    public void Decisions_of_a_lot_that_was_not_the_units_own_are_left_out()
    {
        Guid byCompany = new(1, 2, 3, new byte[8]), byUser = new(4, 5, 6, new byte[8]);
        var rows = Enumerable.Range(0, 1_000).Select(i => new SmallRow($"c{i}", i / 100 % 2, 0.5, i / 100 % 2) { Experiment = byCompany, Reason = Reason.Experiment })
            .Concat(Enumerable.Range(0, 400).Select(i => new SmallRow($"u{i}", i % 2, 0.5, i % 4 / 2) { Experiment = byUser, Reason = Reason.Experiment }));
        var result = SmallLog.Judge(SmallLog.AlwaysB, SmallLog.Of(SmallLog.AlwaysB, rows, grouped: new HashSet<Guid> { byCompany }));
        Assert.Equal((400L, 400L, 1_000L), (result.Decisions, result.Units, result.NotUsed.DrawnInGroups));
        Assert.Equal(0.5, result.Value.Value, 1e-9);
    }

    [Theory] // three in ten were decided before there was a country; the rule asks for it, or for something else
    [InlineData("country", 1)]
    [InlineData("isVip", 0)]
    public void A_feature_that_came_later_is_warned_about_where_it_decides(string asked, int warnings)
    {
        var rule = new TreePolicy(new() { Feature = asked, Is = asked == "isVip" ? "true" : "NL", Then = new() { Option = "b" }, Else = new() { Option = "a" } }) { Explore = 0.5 };
        var draft = SmallLog.AlwaysB with { Features = [new("isVip", FeatureKind.Boolean), new("country", FeatureKind.Category)], Policy = rule };
        var versions = new Dictionary<int, BlueprintContent> { [1] = SmallLog.Even, [2] = draft with { Policy = new RandomPolicy() } };
        var log = SmallLog.Of(draft, Enumerable.Range(0, 1_000).Select(i => new SmallRow($"u{i}", i % 2, 0.5, i % 5 == 0 ? 1 : 0) { Version = i < 300 ? 1 : 2, Country = i < 300 ? "" : "NL" }), versions);
        var result = SmallLog.Judge(draft, log);
        Assert.Equal(warnings, result.Warnings.Count(w => w.StartsWith("30% of these decisions are of versions that did not have `country`", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_value_without_an_interval_is_refused()
    {
        var draft = SmallLog.AlwaysB with { Outcomes = [new("purchase", OutcomeKind.Number) { Window = TimeSpan.FromMinutes(1) }] };
        var result = SmallLog.Judge(draft, SmallLog.Of(draft, Enumerable.Range(0, 400).Select(i => new SmallRow($"u{i}", i % 2, 0.5, i % 4 == 1 ? 1e308 : 1))));
        Assert.Equal("no-interval", result.RefusedCode);
        Assert.DoesNotContain("NaN", result.Sentence, StringComparison.Ordinal);
    }
}
