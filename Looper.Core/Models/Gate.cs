using System.Collections.Immutable;
using System.Globalization;

namespace Looper.Core.Models;

/// <summary>What the gate looks at. All rows are of the newest slice, which neither model was fitted on.</summary>
/// <param name="Quality">Of the candidate.</param>
/// <param name="Units">One per row.</param>
/// <param name="Losses">The candidate's loss per row.</param>
/// <param name="AverageLosses">Per row, of always predicting the average.</param>
/// <param name="Live">The live model on the same rows, or null when nothing is live.</param>
/// <param name="ArrivedShare">Share of open decisions whose outcome has arrived, when the candidate also learned from open ones and silence
/// means something; NaN otherwise.</param>
public sealed record GateInput(
    ModelQuality Quality, ulong[] Units, double[] Losses, double[] AverageLosses, LiveComparison? Live, double ArrivedShare, double ScoringMicroseconds);

/// <param name="Rows">Which rows of the slice came after everything the live model was fitted on.</param>
/// <param name="Losses">The live model's loss on those rows.</param>
/// <param name="Age">Since it was trained.</param>
public sealed record LiveComparison(int Number, int[] Rows, double[] Losses, TimeSpan Age);

/// <summary>
/// Decides whether a candidate may replace what is live. A paired comparison on the same newest rows: the mean difference of
/// the loss, other − candidate, with a 95 % interval that counts each unit once. Better means that the lower end is above zero.
/// </summary>
/// <remarks>Two-sided 95 %, so a candidate that is no better passes at most once in forty tries, one that is worse less often.
/// Replacing an old model needs only that the candidate is not worse by more than half a percent (statistics.md B12).</remarks>
public static class Gate
{
    /// <summary>A live model older than this is replaced by one that is not worse.</summary>
    public static readonly TimeSpan FreshFor = TimeSpan.FromDays(14);

    /// <summary>How much worse, relative to the live model's loss, still counts as not worse.</summary>
    public const double NotWorse = 0.005;

    public const double CalibrationLimit = 0.05;

    /// <summary>With few rows the error itself is mostly chance; a standard normal rarely leaves this range.</summary>
    public const double CalibrationChance = 3;

    /// <summary>Longest time that scoring one row may take.</summary>
    public const double ScoringLimitMicroseconds = 1_000;

    /// <summary>With fewer of the open decisions answered, those that were are no fair sample of all.</summary>
    public const double ArrivedNeeded = 0.95;

    public static Evidence Judge(GateInput input, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(input);
        var lines = ImmutableArray.CreateBuilder<EvidenceLine>();
        lines.Add(Rows(input.Quality));
        lines.Add(Better("Better than always predicting the average", Difference(input.AverageLosses, input.Losses, input.Units), ""));
        if (input.Live is { } live) lines.Add(BetterThanLive(input, live));
        lines.Add(Calibrated(input.Quality));
        lines.Add(new(
            "Fast enough", Text($"≤ {ScoringLimitMicroseconds:0} µs a row"), Text($"{input.ScoringMicroseconds:0.0} µs"), "",
            input.ScoringMicroseconds <= ScoringLimitMicroseconds));
        if (!double.IsNaN(input.ArrivedShare))
        {
            lines.Add(new(
                "Early outcomes speak for all", Text($"{ArrivedNeeded:0%} of open decisions answered"), Text($"{input.ArrivedShare:0.0%}"), "",
                input.ArrivedShare >= ArrivedNeeded));
        }
        var missing = lines.Where(l => !l.Holds).Select(l => l.Rule).ToList();
        var comparison = input.Live is null
            ? Text($"{input.Quality.Rows:N0} newest examples of {input.Quality.Units:N0} units")
            : Text($"{input.Quality.Rows:N0} newest examples of {input.Quality.Units:N0} units; model {input.Live.Number} on {input.Live.Rows.Length:N0} of them");
        return new(
            at, comparison, lines.ToImmutable(), missing.Count == 0,
            missing.Count == 0 ? "The rule holds." : $"Missing: {string.Join("; ", missing)}.");
    }

    /// <summary>Mean of other − candidate per row; positive means that the candidate is better.</summary>
    internal static ClusteredMean Difference(ReadOnlySpan<double> other, ReadOnlySpan<double> candidate, ReadOnlySpan<ulong> units)
    {
        var differences = new double[candidate.Length];
        for (var i = 0; i < differences.Length; i++) differences[i] = other[i] - candidate[i];
        return ClusteredMean.Of(differences, units);
    }

    private static EvidenceLine Rows(ModelQuality quality) => new(
        "Enough newest examples",
        quality.Task == PredictionTask.Binary
            ? $"{ModelQuality.EnoughRows} examples, {ModelQuality.EnoughRarer} of the rarer answer"
            : $"{ModelQuality.EnoughRows} examples",
        quality.Task == PredictionTask.Binary ? Text($"{quality.Rows:N0}, {quality.Rarer:N0}") : Text($"{quality.Rows:N0}"), "", quality.IsEnough);

    private static EvidenceLine Better(string rule, ClusteredMean gain, string live) =>
        new(rule, "lower bound of the gain above 0", Gain(gain), live, gain.Low > 0);

    private static EvidenceLine BetterThanLive(GateInput input, LiveComparison live)
    {
        var units = live.Rows.Select(r => input.Units[r]).ToArray();
        var candidate = live.Rows.Select(r => input.Losses[r]).ToArray();
        var gain = Difference(live.Losses, candidate, units);
        var loss = live.Losses.Length == 0 ? double.NaN : live.Losses.Average();
        var shown = Text($"model {live.Number}: loss {loss:G4}");
        var rule = $"Better than live model {live.Number} on the same rows";
        if (live.Rows.Length < ModelQuality.EnoughRows)
        {
            return new(rule, Text($"{ModelQuality.EnoughRows} examples newer than its data"), Text($"{live.Rows.Length:N0}"), shown, false);
        }
        if (live.Age < FreshFor || gain.Low > 0) return Better(rule, gain, shown);
        return new(
            $"Not worse than live model {live.Number}, which is {live.Age.TotalDays:0} days old",
            Text($"lower bound above −{NotWorse:0.0%} of its loss"), Gain(gain), shown, gain.Low > -NotWorse * loss);
    }

    private static EvidenceLine Calibrated(ModelQuality quality)
    {
        if (quality.Task == PredictionTask.Binary)
        {
            var error = quality.Of(Metric.CalibrationError)?.Value ?? double.NaN;
            var z = quality.Of(Metric.CalibrationZ)?.Value ?? double.NaN;
            return new(
                "Predictions mean what they say", Text($"calibration error ≤ {CalibrationLimit:0.00}, or no more than chance gives"),
                Text($"{error:0.0000}, z {z:0.0}"), "", error <= CalibrationLimit || Math.Abs(z) <= CalibrationChance);
        }
        var rows = quality.ByOption.Sum(o => (double)o.Rows);
        var gap = quality.ByOption.Sum(o => o.Rows * (o.MeanPredicted - o.MeanObserved)) / rows;
        var rmse = quality.Of(Metric.Rmse)?.Average ?? double.NaN;
        return new("Predictions mean what they say", "mean error within a tenth of the spread", Text($"{gap:G3} of {rmse:G3}"), "", Math.Abs(gap) <= 0.1 * rmse);
    }

    private static string Gain(ClusteredMean gain) => Text($"{gain.Mean:G3} [{gain.Low:G3}, {gain.High:G3}]");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
