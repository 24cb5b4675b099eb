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
    /// <remarks>w_i = floor + (1 − arms·floor)·P(i is best). Means of a yes/no metric get one success and one failure more (Laplace), so that an arm
    /// without a success is not certain of anything.</remarks>
    public static (ImmutableArray<double> Weights, string? Held) Next(ReportContent report, BanditDesign design)
    {
        if (report.Health.FirstOrDefault(h => h.State == HealthState.Red) is { } broken) return ([], $"{broken.Title}: {broken.Sentence}");
        if (report.Metrics.FirstOrDefault(m => m.IsPrimary) is not { } primary) return ([], $"Outcome {report.Settings.PrimaryOutcome} is not in the blueprint.");
        var arms = primary.Arms;
        if (arms.FirstOrDefault(a => a.Units < Needs.ForMeans) is { } small) return ([], $"Not enough data: {small.Units:N0} of {Needs.ForMeans} units with a closed window in {small.Arm}.");
        var (means, errors) = (new double[arms.Length], new double[arms.Length]);
        for (var i = 0; i < arms.Length; i++)
        {
            double n = arms[i].Units, mean = arms[i].Mean, deviation = arms[i].Deviation;
            if (primary.Kind == OutcomeKind.Boolean && mean is >= 0 and <= 1)
            {
                mean = (n * mean + 1) / (n + 2);
                (n, deviation) = (n + 2, Math.Sqrt(mean * (1 - mean)));
            }

            if (!(deviation > 0)) return ([], $"All units of {arms[i].Arm} have the same {primary.Outcome}, so nothing says how sure its mean is.");
            (means[i], errors[i]) = (primary.Better == Direction.Lower ? -mean : mean, deviation / Math.Sqrt(n));
        }

        var best = BestArm.Probabilities(means, errors);
        return ([.. best.Select(p => design.Floor + (1 - arms.Length * design.Floor) * p)], null);
    }

    /// <summary>Shares in words: <c>50%/50%</c>.</summary>
    public static string Words(IEnumerable<double> weights) => string.Join("/", weights.Select(w => FormattableString.Invariant($"{100 * w:0.#}%")));
}
