using Looper.Core.Blueprints;
using Looper.Core.Numerics;
using Looper.Core.Policies;

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

    [Fact]
    public void A_value_without_an_interval_is_refused()
    {
        var draft = SmallLog.AlwaysB with { Outcomes = [new("purchase", OutcomeKind.Number) { Window = TimeSpan.FromMinutes(1) }] };
        var result = SmallLog.Judge(draft, SmallLog.Of(draft, Enumerable.Range(0, 400).Select(i => new SmallRow($"u{i}", i % 2, 0.5, i % 4 == 1 ? 1e308 : 1))));
        Assert.Equal("no-interval", result.RefusedCode);
        Assert.DoesNotContain("NaN", result.Sentence, StringComparison.Ordinal);
    }
}
