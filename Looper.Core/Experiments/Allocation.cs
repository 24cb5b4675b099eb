using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>New shares from what the arms have brought. Pure.</summary>
internal static class Allocation
{
    /// <summary>Shares that move by less stay as they are: every change ends a stretch of the analysis.</summary>
    public const double SmallestMove = 0.01;

    /// <summary>The chance of each arm to be the best on the metric that decides, squeezed so that none falls below the floor; or why shares stay.</summary>
    /// <remarks>w_i = floor + (1 − arms·floor)·P(i is best). Once shares have moved, an arm's mean is the one with the same part of every stretch in all
    /// arms: by pooled means an arm that had more units at a better time would earn still more of them. Means of a yes/no metric get one success and one
    /// failure more (Laplace), and no less of an error than that, so that an arm without a success is not certain of anything.</remarks>
    public static (ImmutableArray<double> Weights, string? Held) Next(ReportContent report, BanditDesign design)
    {
        if (report.Health.FirstOrDefault(h => h.State == HealthState.Red) is { } broken) return ([], $"{broken.Title}: {broken.Sentence}");
        if (report.Metrics.FirstOrDefault(m => m.IsPrimary) is not { } primary) return ([], $"Outcome {report.Settings.PrimaryOutcome} is not in the blueprint.");
        var arms = primary.Arms;
        if (arms.FirstOrDefault(a => a.Units < Needs.ForMeans) is { } small) return ([], $"Not enough data: {small.Units:N0} of {Needs.ForMeans} units with a closed window in {small.Arm}.");
        var (means, errors) = (new double[arms.Length], new double[arms.Length]);
        for (var i = 0; i < arms.Length; i++)
        {
            var n = (double)arms[i].Units;
            var (mean, error) = arms[i].Balanced is { } balanced ? (balanced.Value, balanced.StandardError) : (arms[i].Mean, arms[i].Deviation / Math.Sqrt(n));
            if (!double.IsFinite(mean)) return ([], "Since the shares moved, no stretch has units with a closed window in every arm, so no two arms can be compared at the same time.");
            if (primary.Kind == OutcomeKind.Boolean && mean is >= 0 and <= 1)
            {
                mean = (n * mean + 1) / (n + 2);
                error = Math.Max(double.IsFinite(error) ? error : 0, Math.Sqrt(mean * (1 - mean) / (n + 2)));
            }

            if (arms[i].Deviation is double.NaN or double.PositiveInfinity || double.IsInfinity(error))
                return ([], $"The values of {primary.Outcome} in {arms[i].Arm} are too large to compute with, so nothing says how sure its mean is. Look for wrong ones, or report the outcome in another unit.");
            if (!(error > 0)) return ([], $"All units of {arms[i].Arm} have the same {primary.Outcome}, so nothing says how sure its mean is.");
            (means[i], errors[i]) = (primary.Better == Direction.Lower ? -mean : mean, error);
        }

        var best = BestArm.Probabilities(means, errors);
        return ([.. best.Select(p => design.Floor + (1 - arms.Length * design.Floor) * p)], null);
    }

    /// <summary>Shares in words: <c>50%/50%</c>.</summary>
    public static string Words(IEnumerable<double> weights) => string.Join("/", weights.Select(w => FormattableString.Invariant($"{100 * w:0.#}%")));
}
