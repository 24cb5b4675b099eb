using System.Collections.Immutable;

namespace Looper.Core.Models;

/// <summary>What a model was made from, as it was when it was read: enough to say later whether other data are the same.</summary>
/// <param name="From">Time of the oldest decision used.</param>
/// <param name="Until">Time of the newest.</param>
/// <param name="Rows">Examples with a known outcome, all slices together.</param>
/// <param name="Units">Different units among them.</param>
/// <param name="Read">Decisions read; <paramref name="JoinRate"/> is the share of these with a known outcome.</param>
/// <param name="TrainRows">Examples it was fitted on. After a search those that chose the settings are among them.</param>
/// <param name="ValidationRows">Examples that stopped the fit, or chose the settings, and fitted the calibration.</param>
/// <param name="NewestRows">The newest, which judged it.</param>
/// <param name="ProvisionalRows">Examples whose window was still open.</param>
/// <param name="GapSeconds">Time left out between the slices.</param>
/// <param name="Outcome">How the outcome is spread.</param>
/// <param name="Versions">Blueprint versions whose decisions it learned from.</param>
/// <param name="Hash">SHA-256 over every row read.</param>
public sealed record DataSnapshot(
    DateTimeOffset From, DateTimeOffset Until, int Rows, int Units, int Read, double JoinRate, int TrainRows, int ValidationRows, int NewestRows,
    int ProvisionalRows, double GapSeconds, OutcomeSpread Outcome, ImmutableArray<int> Versions, string Hash)
{
    /// <summary>The best constant prediction by what it was fitted and stopped on: the mean, of a quantile that quantile; the mean where it was not kept.</summary>
    public double Constant { get => double.IsFinite(field) ? field : Outcome?.Mean ?? double.NaN; init; } = double.NaN;
}

/// <summary>The outcome among the examples. For yes or no the counts are the class balance; for a number they count 0 and everything else.</summary>
/// <param name="Mean">Of the rows it was fitted and stopped on.</param>
public sealed record OutcomeSpread(double Mean, double Low, double Median, double High, ImmutableArray<OutcomeShare> Balance)
{
    /// <param name="labels">At least one, finite.</param>
    public static OutcomeSpread Of(PredictionTask task, IReadOnlyCollection<double> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var sorted = labels.Order().ToArray();
        var zeros = sorted.Count(y => task == PredictionTask.Binary ? y <= 0.5 : y == 0);
        ImmutableArray<OutcomeShare> balance =
        [
            new(task == PredictionTask.Binary ? "no" : "0", zeros, (double)zeros / sorted.Length),
            new(task == PredictionTask.Binary ? "yes" : "other", sorted.Length - zeros, 1 - (double)zeros / sorted.Length),
        ];
        return new(sorted.Average(), sorted[0], sorted[sorted.Length / 2], sorted[^1], balance);
    }
}

/// <param name="Share">In [0, 1].</param>
public sealed record OutcomeShare(string Value, int Rows, double Share);
