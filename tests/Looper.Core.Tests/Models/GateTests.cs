using Looper.Core.Blueprints;
using Looper.Core.Models;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Models;

/// <summary>What the rule asks of a candidate on the newest slice.</summary>
public sealed class GateTests
{
    // the outcome has mean 10 and deviation 5; ten times as much was learned from
    [Theory, InlineData(5, false), InlineData(0.2, true)]
    public void A_mean_error_is_held_against_how_the_outcome_is_spread_now(double error, bool holds)
    {
        var random = new Philox(1, "gate");
        double[] labels = [.. Enumerable.Range(0, 1_000).Select(_ => 10 + 5 * random.Normal())], predictions = [.. labels.Select(y => 10 + error + 0.5 * (y - 10))];
        var (target, units) = (new Target(PredictionTask.Number), labels.Select((_, i) => (ulong)i).ToArray());
        var quality = Evaluation.Of(target, labels, predictions, units, new int[1_000], [], average: 100);
        var evidence = Gate.Judge(
            new(quality, units, RowLoss.Of(target, labels, predictions), RowLoss.OfConstant(target, labels, 100), null, double.NaN, 1, []), new GatePlan(), default);
        Assert.True(evidence.Lines.Single(l => l.Rule.StartsWith("Better than always", StringComparison.Ordinal)).Holds);
        Assert.Equal(holds, evidence.Lines.Single(l => l.Rule == "Predictions mean what they say").Holds);
    }

    // three in ten and seven in ten are predicted: what is missing in both cancels in Spiegelhalter's z
    [Theory, InlineData(0.15, false), InlineData(0, true)]
    public void Chances_that_are_all_too_low_do_not_mean_what_they_say(double missing, bool holds)
    {
        var random = new Philox(2, "gate");
        double[] predictions = [.. Enumerable.Range(0, 1_000).Select(i => i % 2 == 0 ? 0.3 : 0.7)], labels = [.. predictions.Select(p => random.Uniform() < p + missing ? 1.0 : 0)];
        var (target, units) = (new Target(PredictionTask.Binary), labels.Select((_, i) => (ulong)i).ToArray());
        var quality = Evaluation.Of(target, labels, predictions, units, new int[1_000], [], average: 0.5);
        Assert.InRange(Math.Abs(quality.Of(QualityMetric.CalibrationZ)!.Value), 0, Gate.CalibrationChance);
        var evidence = Gate.Judge(
            new(quality, units, RowLoss.Of(target, labels, predictions), RowLoss.OfConstant(target, labels, 0.5), null, double.NaN, 1, []), new GatePlan { CalibrationError = 0.01 }, default);
        Assert.Equal(holds, evidence.Lines.Single(l => l.Rule == "Predictions mean what they say").Holds);
    }

    [Fact] // taken for rows of their own about half of these worlds were refused
    public void Right_chances_of_units_that_come_often_mean_what_they_say()
    {
        var refused = 0;
        for (var seed = 0; seed < 40; seed++)
        {
            var (labels, predictions, units) = Learning.CalibratingTests.Returning(200, 10, new(seed, "often"));
            var target = new Target(PredictionTask.Binary);
            var quality = Evaluation.Of(target, labels, predictions, units, new int[2_000], [], average: 0.3);
            var evidence = Gate.Judge(
                new(quality, units, RowLoss.Of(target, labels, predictions), RowLoss.OfConstant(target, labels, 0.3), null, double.NaN, 1, []), new GatePlan(), default);
            if (!evidence.Lines.Single(l => l.Rule == "Predictions mean what they say").Holds) refused++;
        }
        Assert.InRange(refused, 0, 2);
    }

    [Theory, InlineData(0, true), InlineData(3, false)]
    public void A_sum_that_may_still_grow_is_left_to_a_person(int open, bool holds)
    {
        var random = new Philox(3, "gate");
        double[] labels = [.. Enumerable.Range(0, 1_000).Select(_ => 10 + 5 * random.Normal())], predictions = [.. labels.Select(y => 10 + 0.5 * (y - 10))];
        var (target, units) = (new Target(PredictionTask.Number), labels.Select((_, i) => (ulong)i).ToArray());
        var quality = Evaluation.Of(target, labels, predictions, units, new int[1_000], [], average: 10);
        var input = new GateInput(quality, units, RowLoss.Of(target, labels, predictions), RowLoss.OfConstant(target, labels, 10), null, double.NaN, 1, []) { MayGrow = open };
        Assert.Equal(holds, Gate.Judge(input, new GatePlan(), default).Holds);
    }

    [Theory] // where nothing means unknown, nobody knows how many will come
    [InlineData(null, 0, 119, false)]
    [InlineData(null, 0, 24 * 60, true, 20)]
    [InlineData(null, 0, (24 * 60) - 1, false, 20)]
    [InlineData(null, 0, 120, true)]
    [InlineData(null, 200, 10, true)]
    [InlineData(0.0, 0, 600, false)]
    public void A_shadow_is_judged_once_outcomes_are_known(double? absent, int closed, int minutes, bool isReady, int hours = 1)
    {
        var from = new DateTimeOffset(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);
        var shadow = new ShadowComparison(from, from.AddMinutes(5), 1, 500, 0, 1, 0.5, 0.5, [], closed, 0.1, 0.1, new(0, 0, 0), 1, 1);
        Assert.Equal(isReady, ShadowGate.IsReady(shadow, new(), new("bought", OutcomeKind.Boolean) { Window = TimeSpan.FromHours(hours), Absent = absent }, TimeSpan.FromMinutes(minutes)));
    }
}
