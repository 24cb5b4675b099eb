using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Statistics;

namespace Looper.Core.Personalization;

/// <summary>A number that each unit has: an outcome or a metric of the experiment, or the goal as the weighted sum of its outcomes.</summary>
/// <param name="Key">Names it.</param>
/// <param name="Terms">What it is read from, each with its coefficient: 1 where the metric is one of its own, else the goal's weight, less than 0 where the outcome should be low.</param>
internal sealed record EffectMetric(string Key, ImmutableArray<EffectTerm> Terms)
{
    /// <summary>Key of the goal where it has several outcomes and none of them, nor a metric, is called so.</summary>
    public const string Goal = "goal";

    private MetricSpec? Only => Terms is [{ IsWhole: true, Spec: var spec }] ? spec : null;

    public bool IsRate => Only?.Outcome.Kind == OutcomeKind.Boolean;

    public bool LowerIsBetter => Only?.Outcome.Better == Direction.Lower;

    public string? UnitOfMeasure => Only?.Outcome.UnitOfMeasure;

    public TimeSpan Window => Terms.Max(t => t.Spec.Outcome.Window);

    public MetricRole Role => Only?.Role ?? MetricRole.Goal;

    /// <summary>How much worse it may get, as a fraction of the first arm's mean; NaN where it is no guardrail.</summary>
    public double Margin => Only?.Margin ?? double.NaN;

    public string Definition => Only?.Definition ?? string.Join(" ", Terms.Select((t, i) =>
        $"{(t.Coefficient < 0 ? "− " : i > 0 ? "+ " : "")}{Math.Abs(t.Coefficient).ToString("G6", CultureInfo.InvariantCulture)} × {t.Spec.Outcome.Name}"));

    public ImmutableArray<ContextFilter> Filters => Only?.Only ?? [];

    /// <summary>All that effects can be estimated of, the one that decides first.</summary>
    public static ImmutableArray<EffectMetric> Of(MetricSpecs specs, string primary, BlueprintContent blueprint)
    {
        ImmutableArray<EffectMetric> own = [.. specs.All.Where(IsValuePerUnit).Select(s => new EffectMetric(s.Outcome.Name, [new(s, 1, IsWhole: true)])).OrderBy(m => m.Key != primary)];
        EffectTerm[] terms = [.. blueprint.Goal.Terms.Select(t => (t.Weight, Spec: specs.All.FirstOrDefault(s => s.Outcome.Name == t.Outcome))).Where(t => t.Spec is not null)
            .Select(t => new EffectTerm(t.Spec!, t.Spec!.Outcome.Better == Direction.Higher ? t.Weight : -t.Weight, IsWhole: false))];
        return terms.Length < 2 || specs.All.Any(s => s.Outcome.Name == Goal) ? own : [.. own.Take(1), new(Goal, [.. terms]), .. own.Skip(1)];
    }

    /// <summary>The one of that name, or why it cannot be.</summary>
    /// <param name="name">Null takes the one that decides.</param>
    public static Answered<EffectMetric> Find(MetricSpecs specs, string primary, BlueprintContent blueprint, string? name)
    {
        var possible = Of(specs, primary, blueprint);
        if (possible.FirstOrDefault(m => name is null || m.Key == name) is { } found) return found;
        var choose = $"Choose one of {string.Join(", ", possible.Select(m => m.Key))}.";
        return new Refusal("effects.invalid", specs.All.Any(s => s.Outcome.Name == name)
            ? $"Metric: '{name}' is a ratio or a quantile, which no single unit has. {choose}"
            : $"Metric: '{ExperimentRules.Shown(name ?? "")}' is neither an outcome nor a metric of this experiment. {choose}", "metric");
    }

    /// <summary>The unit's value of each term, in turn.</summary>
    /// <param name="values">One a term; written to. NaN where it is unknown.</param>
    /// <returns>False while a window is open.</returns>
    public bool TryRead(ExposedUnit unit, Span<double> values)
    {
        var closed = true;
        for (var t = 0; t < Terms.Length; t++)
        {
            closed &= Terms[t].Spec.TryRead(unit, out var value, out _);
            values[t] = double.IsFinite(value) ? value : double.NaN;
        }
        return closed;
    }

    /// <summary>The metric of units from their values of the terms, each cut where the plan cuts it; and the cut, NaN where there was none or there are several terms.</summary>
    /// <param name="terms">terms[t][i]: term t of unit i; NaN where unknown.</param>
    public (double[] Values, double Cap) Sum(double[][] terms)
    {
        var (sum, cap) = (new double[terms[0].Length], double.NaN);
        for (var t = 0; t < terms.Length; t++)
        {
            var most = CapOf(terms[t], Terms[t].Spec.CapPercentile);
            for (var i = 0; i < sum.Length; i++) sum[i] += Terms[t].Coefficient * (terms[t][i] > most ? most : terms[t][i]);
            if (terms.Length == 1) cap = most;
        }
        return (sum, cap);
    }

    /// <summary>Units with it have another value than the commonest: <c>purchase</c>, <c>no purchase</c>, <c>another revenue than 0</c>.</summary>
    public static string OtherThan(double commonest, string metric, bool isRate) => !isRate ? FormattableString.Invariant($"another {metric} than {commonest:G6}") : commonest == 0 ? metric : $"no {metric}";

    private static double CapOf(double[] values, double percentile)
    {
        double[] known = percentile < 1 ? [.. values.Where(double.IsFinite)] : [];
        return known.Length == 0 ? double.NaN : Capping.Cap(known, percentile);
    }

    private static bool IsValuePerUnit(MetricSpec spec) => !spec.IsRatio && spec.Kind != MetricKind.Quantile;
}

/// <param name="Spec">What is read.</param>
/// <param name="Coefficient">What it counts in the metric.</param>
/// <param name="IsWhole">It is the metric, in its own unit and direction, and no part of a sum.</param>
internal sealed record EffectTerm(MetricSpec Spec, double Coefficient, bool IsWhole);
