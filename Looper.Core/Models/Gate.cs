using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Learning;

namespace Looper.Core.Models;

/// <summary>What the gate looks at. All rows are of the newest slice, which neither model was fitted on.</summary>
/// <param name="Quality">Of the candidate.</param>
/// <param name="Units">One per row.</param>
/// <param name="Losses">The candidate's loss per row.</param>
/// <param name="AverageLosses">Per row, of the best constant.</param>
/// <param name="Live">The live model on the same rows, or null when nothing is live.</param>
/// <param name="ArrivedShare">Share of open decisions whose outcome has arrived, when the candidate also learned from open ones and silence
/// means something; NaN otherwise.</param>
/// <param name="Leaks">What the data checks say of features that may not be known before the decision.</param>
public sealed record GateInput(
    ModelQuality Quality, ulong[] Units, double[] Losses, double[] AverageLosses, LiveComparison? Live, double ArrivedShare, double ScoringMicroseconds,
    ImmutableArray<Finding> Leaks)
{
    /// <summary>Examples whose outcome, a sum or a greatest value, may still grow.</summary>
    public int MayGrow { get; init; }
}

/// <param name="Rows">Which rows of the slice came after everything the live model was fitted on.</param>
/// <param name="Losses">The live model's loss on those rows.</param>
/// <param name="Age">Since it was trained.</param>
public sealed record LiveComparison(int Number, int[] Rows, double[] Losses, TimeSpan Age);

/// <summary>
/// Decides whether a candidate may replace what is live. A paired comparison on the same newest rows: the mean difference of
/// the loss, other − candidate, with a 95 % interval that counts each unit once. Better means that the lower end is above zero.
/// </summary>
/// <remarks>Two-sided 95 %, so a candidate that is no better passes at most once in forty tries, one that is worse less often.
/// Replacing an old model needs only that the candidate is not worse by more than the plan's margin (statistics.md B12).</remarks>
public static class Gate
{
    /// <summary>With few rows the error itself is mostly chance; a standard normal rarely leaves this range.</summary>
    public const double CalibrationChance = 3;

    /// <summary>With fewer of the open decisions answered, those that were are no fair sample of all.</summary>
    public const double ArrivedNeeded = 0.95;

    public static Evidence Judge(GateInput input, GatePlan plan, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(plan);
        var lines = ImmutableArray.CreateBuilder<EvidenceLine>();
        lines.Add(Rows(input.Quality));
        lines.Add(Better("Better than always predicting the average", Difference(input.AverageLosses, input.Losses, input.Units), input.Losses.Length, ""));
        if (input.Live is { } live) lines.Add(BetterThanLive(input, live, plan));
        lines.Add(Calibrated(input.Quality, plan));
        lines.Add(Fast(input.ScoringMicroseconds, plan));
        if (!double.IsNaN(input.ArrivedShare))
        {
            lines.Add(new(
                "Early outcomes speak for all", Text($"{ArrivedNeeded:0%} of open decisions answered"), Text($"{input.ArrivedShare:0.0%}"), "",
                input.ArrivedShare >= ArrivedNeeded) { Value = input.ArrivedShare, Limit = ArrivedNeeded });
        }
        if (input.MayGrow > 0)
            lines.Add(new("Outcomes are all there", "no sum or greatest value that may still grow", Text($"{input.MayGrow:N0} examples' windows are open"), "", false) { Value = input.MayGrow, Limit = 0 });
        if (!input.Leaks.IsEmpty)
        {
            lines.Add(new("Knows only what is known before the decision", "no feature that tells the outcome", string.Join(" ", input.Leaks.Select(f => f.Sentence)), "", false));
        }
        var comparison = input.Live is null
            ? Text($"{input.Quality.Rows:N0} newest examples of {input.Quality.Units:N0} units")
            : Text($"{input.Quality.Rows:N0} newest examples of {input.Quality.Units:N0} units; model {input.Live.Number} on {input.Live.Rows.Length:N0} of them");
        return Evidence.Of(at, comparison, lines.ToImmutable());
    }

    /// <summary>Mean of other − candidate per row; positive means that the candidate is better.</summary>
    internal static ClusteredMean Difference(ReadOnlySpan<double> other, ReadOnlySpan<double> candidate, ReadOnlySpan<ulong> units)
    {
        var differences = new double[candidate.Length];
        for (var i = 0; i < differences.Length; i++) differences[i] = other[i] - candidate[i];
        return ClusteredMean.Of(differences, units);
    }

    internal static EvidenceLine Fast(double microseconds, GatePlan plan) => new(
        "Fast enough", Text($"≤ {plan.ScoringMicroseconds:0.#} µs a row"), Text($"{microseconds:0.0} µs"), "", microseconds <= plan.ScoringMicroseconds)
    { Value = microseconds, Limit = plan.ScoringMicroseconds };

    internal static string Gain(ClusteredMean gain) => Text($"{gain.Mean:G3} [{gain.Low:G3}, {gain.High:G3}]");

    internal static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static EvidenceLine Rows(ModelQuality quality) => new(
        "Enough newest examples",
        quality.Task == PredictionTask.Binary
            ? $"{ModelQuality.EnoughRows} examples, {ModelQuality.EnoughRarer} of the rarer answer"
            : $"{ModelQuality.EnoughRows} examples",
        quality.Task == PredictionTask.Binary ? Text($"{quality.Rows:N0}, {quality.Rarer:N0}") : Text($"{quality.Rows:N0}"), "", quality.IsEnough)
    { Value = quality.Rows, Limit = ModelQuality.EnoughRows, Rows = quality.Rows };

    private static EvidenceLine Better(string rule, ClusteredMean gain, int rows, string live) =>
        new(rule, "lower bound of the gain above 0", Gain(gain), live, gain.Low > 0) { Value = gain.Mean, Low = gain.Low, High = gain.High, Limit = 0, Rows = rows };

    private static EvidenceLine BetterThanLive(GateInput input, LiveComparison live, GatePlan plan)
    {
        var units = live.Rows.Select(r => input.Units[r]).ToArray();
        var candidate = live.Rows.Select(r => input.Losses[r]).ToArray();
        var gain = Difference(live.Losses, candidate, units);
        var loss = live.Losses.Length == 0 ? double.NaN : live.Losses.Average();
        var shown = Text($"model {live.Number}: loss {loss:G4}");
        var rule = $"Better than live model {live.Number} on the same rows";
        if (live.Rows.Length < ModelQuality.EnoughRows)
        {
            return new(rule, Text($"{ModelQuality.EnoughRows} examples newer than its data"), Text($"{live.Rows.Length:N0}"), shown, false)
            { Value = live.Rows.Length, Limit = ModelQuality.EnoughRows, Rows = live.Rows.Length };
        }
        if (live.Age < plan.FreshFor || gain.Low > 0) return Better(rule, gain, live.Rows.Length, shown);
        var limit = -plan.NotWorse * loss;
        return new(
            $"Not worse than live model {live.Number}, which is {live.Age.TotalDays:0} days old",
            Text($"lower bound above −{plan.NotWorse:0.0%} of its loss"), Gain(gain), shown, gain.Low > limit)
        { Value = gain.Mean, Low = gain.Low, High = gain.High, Limit = limit, Rows = live.Rows.Length };
    }

    private static EvidenceLine Calibrated(ModelQuality quality, GatePlan plan)
    {
        const string rule = "Predictions mean what they say";
        if (quality.Task == PredictionTask.Binary)
        {
            var error = quality.Of(QualityMetric.CalibrationError)?.Value ?? double.NaN;
            var z = quality.Of(QualityMetric.CalibrationZ)?.Value ?? double.NaN;
            var mean = quality.Of(QualityMetric.MeanError)!;
            return new(
                rule, Text($"calibration error ≤ {plan.CalibrationError:0.00##}, or no more than chance gives"),
                Text($"{error:0.0000}, z {z:0.0}, mean {mean.Value:+0.000;-0.000;0.000}"), "", error <= plan.CalibrationError || (Math.Abs(z) <= CalibrationChance && IsChance(mean, LargestError(quality))))
            { Value = error, Limit = plan.CalibrationError, Rows = quality.Rows };
        }
        if (quality is { Task: PredictionTask.Quantile, Tau: var tau })
        {
            var covered = quality.Of(QualityMetric.Coverage)!;
            return new(rule, Text($"{tau:0.##} of outcomes below: within 0.05 of it, as far as can be told"), Text($"{covered.Value:0.000} [{covered.Low:0.000}, {covered.High:0.000}]"), "",
                covered.Low <= tau + 0.05 && covered.High >= tau - 0.05)
            { Value = covered.Value, Low = covered.Low, High = covered.High, Limit = 0.05, Rows = quality.Rows };
        }
        // how the outcome is spread on these rows: around the average that was learned it would be wide wherever that is far off
        var (rmse, r2) = (quality.Of(QualityMetric.Rmse)?.Value ?? double.NaN, quality.Of(QualityMetric.R2)?.Value ?? double.NaN);
        var spread = rmse / Math.Sqrt(1 - r2);
        var gap = quality.Of(QualityMetric.MeanError)!;
        return new(rule, "mean error within a tenth of the spread, or no more than chance gives", Text($"{gap.Value:G3} of {spread:G3}"), "", gap.Value == 0 || Math.Abs(gap.Value) <= 0.1 * spread || IsChance(gap, 0))
        { Value = gap.Value, Low = gap.Low, High = gap.High, Limit = 0.1 * spread, Rows = quality.Rows };
    }

    /// <summary>Whether a mean error may be chance: it lies within three standard errors, which count each unit once. Spiegelhalter's z alone cannot tell: what is too low
    /// below a half and too low above it cancels in it.</summary>
    /// <param name="least">That the standard error is taken to be at least.</param>
    private static bool IsChance(QualityMetric mean, double least) => Math.Abs(mean.Value) <= CalibrationChance * Math.Max(least, (mean.High - mean.Low) / (2 * 1.959963984540054));

    /// <summary>Standard error of the share of ones if all rows had the same chance: with other chances it is never larger. What was learned is off by chance as well.</summary>
    private static double LargestError(ModelQuality quality)
    {
        var rows = quality.ByOption.Sum(o => (double)o.Rows);
        var mean = quality.ByOption.Sum(o => o.Rows * o.MeanPredicted) / rows;
        return Math.Sqrt(mean * (1 - mean) / rows);
    }
}
