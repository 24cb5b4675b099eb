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
}
