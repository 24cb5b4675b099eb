using System.Collections.Immutable;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Persistence;
using Looper.Core.Statistics;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Experiments;

/// <summary>What a decision point's own history says of a metric: the figures an experiment is planned with.</summary>
/// <param name="Baseline">Mean, share or ratio; NaN below <see cref="MetricBaselines.LeastUnits"/> units.</param>
/// <param name="Deviation">Standard deviation of one unit's value (of a ratio, linearised).</param>
/// <param name="Units">Units with a closed window.</param>
/// <param name="UnitsPerDay">Distinct units, of those that the plan and the metric take, of the first day of the curve; NaN below two days.</param>
/// <param name="Growth">Exponent of the curve of distinct units.</param>
/// <param name="ScoreSaves">Share of variance that the model's score at the first decision would save; NaN without scores.</param>
/// <param name="Sentence">The same in words.</param>
public sealed record MetricBaseline(
    string Metric, DesignKind Kind, double Baseline, double Deviation, long Units, DateTimeOffset From, DateTimeOffset Until, double UnitsPerDay, double Growth, double ScoreSaves, string Sentence);

/// <summary>Reads baseline figures: each unit once, by its first decision of the last four weeks.</summary>
public sealed class MetricBaselines(IDbContextFactory<LooperDb> databases, ExposureReader exposures, TimeProvider clock)
{
    public const int LeastUnits = 200;
    private static readonly TimeSpan Lookback = TimeSpan.FromDays(28);

    /// <param name="name">An outcome of the current blueprint; null takes its first goal.</param>
    public async Task<Answered<MetricBaseline>> OfAsync(Caller caller, string decisionPoint, string? name, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Key == decisionPoint, cancel);
        if (point is null) return new Refusal("decision-point.unknown", $"There is no decision point '{decisionPoint}'.");
        if (point.CurrentVersion == 0) return new Refusal("decision-point.unpublished", $"'{decisionPoint}' has no published version, so it has no history. Publish one first.");
        var content = await StoredVersions.ServedAsync(db, point.Id, point.CurrentVersion, cancel);
        var key = name ?? ExperimentRules.PrimaryOutcome(new(), content) ?? content.Outcomes.FirstOrDefault()?.Name;
        return key is null || !content.Outcomes.Any(o => o.Name == key)
            ? new Refusal("outcome.unknown", $"'{key}' is not an outcome of '{decisionPoint}'. Choose one of {string.Join(", ", content.Outcomes.Select(o => o.Name))}.", "outcome")
            : await ReadAsync(point.Id, content, new(), key, cancel);
    }

    /// <summary>The same for a metric of a draft's plan.</summary>
    public async Task<Answered<MetricBaseline>> OfAsync(Caller caller, Guid decisionPointId, BlueprintContent content, ExperimentPlan plan, string metric, CancellationToken cancel) =>
        caller.Lacks(Right.Read) is { } denied ? denied : await ReadAsync(decisionPointId, content, plan, metric, cancel);

    private async Task<Answered<MetricBaseline>> ReadAsync(Guid pointId, BlueprintContent content, ExperimentPlan plan, string metric, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var specs = MetricSpecs.Of(plan, metric, content);
        if (specs.All.FirstOrDefault(s => s.Outcome.Name == metric) is not { Kind: not MetricKind.Quantile } spec)
            return new Refusal("metric.unknown", $"'{metric}' is not a mean, share or ratio of this plan, so its size cannot be planned.", "metric");
        await using var db = await databases.CreateDbContextAsync(cancel);
        var takes = new ContextFilters([.. plan.Audience.IsDefault ? [] : plan.Audience, .. spec.Only], await ReportActions.FeaturesAsync(db, pointId, cancel));
        var query = new ExposureQuery(pointId, Guid.Empty, content.Outcomes) { Measures = specs.Measures, AnyDecision = true, From = now - Lookback, AsOf = now };
        var sums = new JointMoments(3);
        var scored = new JointMoments(2);
        var days = new SortedDictionary<int, double>();
        await foreach (var unit in exposures.ReadAsync(query, cancel))
        {
            if (!takes.Passes(unit.Decision)) continue; // those that the plan and the metric leave out neither come in nor count
            var day = DateOnly.FromDateTime(unit.Decision.Time.UtcDateTime).DayNumber;
            days[day] = days.GetValueOrDefault(day) + 1;
            if (!spec.TryRead(unit, out var value, out var divisor) || double.IsNaN(value)) continue;
            sums.Add([value, divisor, 0]);
            if (!unit.Decision.Scores.IsDefaultOrEmpty) scored.Add([value, unit.Decision.Scores.Average()]);
        }

        return Of(metric, spec, sums, scored, days, now);
    }

    private static MetricBaseline Of(string metric, MetricSpec spec, JointMoments sums, JointMoments scored, SortedDictionary<int, double> days, DateTimeOffset now)
    {
        var value = spec.IsRatio ? Ratio.Linear(sums).Of(0) : sums.Of(0);
        var kind = spec.IsRatio ? DesignKind.Ratio : spec.Outcome.Kind == OutcomeKind.Boolean && MetricSums.IsYesNo(value) ? DesignKind.Proportion : DesignKind.Mean;
        var isKnown = value.Count >= LeastUnits && value.Variance > 0;
        var growth = UnitGrowth.Fit(Distinct(days));
        var correlation = scored.Count >= LeastUnits && !spec.IsRatio ? scored.Covariance(0, 1) / Math.Sqrt(scored.Covariance(0, 0) * scored.Covariance(1, 1)) : double.NaN;
        return new(metric, kind, isKnown ? value.Mean : double.NaN, isKnown ? Math.Sqrt(value.Variance) : double.NaN, (long)value.Count, now - Lookback, now, growth.Scale, growth.Exponent, correlation * correlation,
            isKnown ? FormattableString.Invariant($"From {value.Count:N0} units of the last {Lookback.TotalDays:0} days whose window is closed.")
            : value.Count < LeastUnits ? FormattableString.Invariant($"Not enough data: {value.Count:N0} of {LeastUnits} units with a closed window in the last {Lookback.TotalDays:0} days.")
            : "All units have the same value, so the spread is unknown.");
    }

    // Distinct units by the end of each day, days without any in between counted too; the day that is not over is left out.
    private static double[] Distinct(SortedDictionary<int, double> days)
    {
        if (days.Count < 2) return [];
        var (first, last, sum) = (days.Keys.First(), days.Keys.Last(), 0.0);
        return [.. Enumerable.Range(first, last - first).Select(day => sum += days.GetValueOrDefault(day))];
    }
}
