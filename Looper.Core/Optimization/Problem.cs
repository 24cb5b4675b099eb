using System.Collections.Immutable;

namespace Looper.Core.Optimization;

/// <summary>A metric to raise or to lower.</summary>
/// <param name="Metric">Its name in a trial.</param>
/// <param name="Maximize">Whether more is better.</param>
/// <param name="Threshold">With several goals: the value that a useful trial beats; null takes it from the trials.</param>
public sealed record Goal(string Metric, bool Maximize, double? Threshold = null)
{
    /// <summary>+1 or −1: what turns the metric into one that is minimised.</summary>
    public double Sign => Maximize ? -1 : 1;
}

/// <summary>A metric that must stay on one side of a limit.</summary>
/// <param name="Metric">Its name in a trial.</param>
/// <param name="AtMost">Whether the limit is an upper one.</param>
/// <param name="Limit">In the metric's unit.</param>
public sealed record MetricLimit(string Metric, bool AtMost, double Limit)
{
    /// <summary>+1 or −1: what turns the limit into an upper one.</summary>
    public double Sign => AtMost ? 1 : -1;
}

/// <summary>What is to be optimised.</summary>
/// <param name="Space">The parameters.</param>
/// <param name="Goals">One to three.</param>
/// <param name="Limits">What every recommended trial must keep.</param>
/// <param name="Seed">Fixes every random choice.</param>
public sealed record Problem(ParameterSpace Space, ImmutableArray<Goal> Goals, ImmutableArray<MetricLimit> Limits, long Seed)
{
    /// <summary>Point of what is done today, tried first; null when there is none.</summary>
    public ImmutableArray<double>? StatusQuo { get; init; }

    /// <summary>Trials placed by design before the model speaks.</summary>
    public int StartTrials => Math.Max(Space.Dimensions + 1, 5);

    /// <summary>Names of all metrics that a measured trial must report.</summary>
    public IEnumerable<string> Metrics => Goals.Select(g => g.Metric).Concat(Limits.Select(l => l.Metric)).Distinct();
}

/// <summary>Where a trial stands.</summary>
public enum TrialState
{
    /// <summary>Proposed; its metrics are awaited.</summary>
    Pending,

    /// <summary>Its metrics are known.</summary>
    Measured,

    /// <summary>It gave no metrics, and is not tried again.</summary>
    Failed,
}

/// <summary>A metric of a trial.</summary>
/// <param name="Mean">Estimate, in the metric's unit.</param>
/// <param name="StandardError">Of the estimate: 0 = exact, NaN = not known.</param>
public readonly record struct Measured(double Mean, double StandardError);

/// <summary>One setting of the parameters and what came of it.</summary>
/// <param name="Number">From 1, unique.</param>
/// <param name="Point">Its coordinates.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Metrics">Of a measured one: every metric of the problem.</param>
public sealed record Trial(int Number, ImmutableArray<double> Point, TrialState State, ImmutableSortedDictionary<string, Measured> Metrics)
{
    /// <summary>Whether it was estimated from logged decisions or a simulator rather than lived.</summary>
    public bool Offline { get; init; }

    /// <summary>Trials of one number were compared with the same control; −1 = none.</summary>
    public int Group { get; init; } = -1;

    /// <summary>By metric: the part of the squared standard error that the control brings, the same for the whole group.</summary>
    public ImmutableSortedDictionary<string, double> SharedVariance { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>A trial that is being measured.</summary>
    /// <param name="number">From 1, unique.</param>
    /// <param name="point">Its coordinates.</param>
    public static Trial Pending(int number, ReadOnlySpan<double> point) => new(number, [.. point], TrialState.Pending, ImmutableSortedDictionary<string, Measured>.Empty);
}
