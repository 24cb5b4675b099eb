using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Events;

namespace Looper.Core.Experiments;

/// <summary>A metric ready to be read from units: which of a unit's values it takes, and how the report names it.</summary>
/// <param name="Outcome">What the report shows of it: its key as the name, kind, direction and window.</param>
internal sealed record MetricSpec(Outcome Outcome, MetricKind Kind, MetricRole Role, string Definition)
{
    public double Margin { get; init; } = double.NaN;

    /// <summary>How the margin differs from the blueprint's, in words; null where it does not.</summary>
    public string? MarginNote { get; init; }

    public double CapPercentile { get; init; } = 1;
    public double Quantile { get; init; } = double.NaN;
    public ImmutableArray<ContextFilter> Only { get; init; } = [];

    /// <summary>Which of a unit's values it is, or is divided by, or was before; −1 for none.</summary>
    public int Value { get; init; } = -1;

    public int Divisor { get; init; } = -1;
    public int Before { get; init; } = -1;

    /// <summary>Of a funnel: the values that keep the steps' events, and how far a unit must have come (and from where).</summary>
    public ImmutableArray<int> Steps { get; init; } = [];

    public int Reached { get; init; }

    /// <summary>Values that hold the metric of each stage of time after the exposure alone; empty where units are not followed.</summary>
    public ImmutableArray<int> Stages { get; init; } = [];

    /// <summary>Two numbers a unit: a numerator and a denominator.</summary>
    public bool IsRatio => Divisor >= 0 || (Kind == MetricKind.Ratio && Steps.Length > 0);

    /// <summary>Method and version of one arm's value, where it is not a mean.</summary>
    public string? Method => IsRatio ? Statistics.Ratio.Method : Kind == MetricKind.Quantile ? Statistics.Quantile.Method : null;

    /// <summary>The unit's part in it; <paramref name="divisor"/> is 1 where nothing divides.</summary>
    /// <returns>False while its window is open.</returns>
    public bool TryRead(ExposedUnit unit, out double value, out double divisor)
    {
        divisor = 1;
        if (Steps.Length > 0)
        {
            value = double.NaN;
            foreach (var step in Steps)
                if (!unit.Closed[step]) return false;
            var depth = Depth(unit);
            value = depth >= Reached ? 1 : 0;
            if (IsRatio) divisor = depth >= Reached - 1 ? 1 : 0;
            return true;
        }

        value = unit.Values[Value];
        if (Divisor < 0) return unit.Closed[Value];
        divisor = unit.Values[Divisor];
        if (double.IsNaN(divisor)) value = double.NaN;
        return unit.Closed[Value] && unit.Closed[Divisor];
    }

    /// <summary>The unit's part in each stage of time.</summary>
    /// <param name="stages">One a stage; written to.</param>
    /// <returns>False while the last of them is open, or where nothing is followed.</returns>
    public bool TryReadStages(ExposedUnit unit, Span<double> stages)
    {
        if (Stages.IsEmpty || !unit.Closed[Stages[^1]]) return false;
        for (var i = 0; i < Stages.Length; i++) stages[i] = unit.Values[Stages[i]];
        return true;
    }

    /// <summary>Something of it has been observed.</summary>
    public bool IsObserved(ExposedUnit unit) =>
        Steps.Length > 0 ? !double.IsNaN(unit.SoFar[Steps[0]]) : !double.IsNaN(unit.SoFar[Value]) || (Divisor >= 0 && !double.IsNaN(unit.SoFar[Divisor]));

    // Each step's earliest event that is not before the one of the step before.
    private int Depth(ExposedUnit unit)
    {
        var (depth, at) = (0, long.MinValue);
        foreach (var step in Steps)
        {
            var events = unit.Events[step];
            var next = 0;
            while (next < events.Length && (events[next].Ticks < at || events[next].Value == 0)) next++;
            if (next == events.Length) return depth;
            (depth, at) = (depth + 1, events[next].Ticks);
        }

        return depth;
    }
}
