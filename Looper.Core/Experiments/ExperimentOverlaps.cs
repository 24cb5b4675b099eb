using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Events.Records;
using Looper.Core.Persistence;
using Looper.Core.Statistics;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Experiments;

/// <summary>How many units an experiment would share with another that runs, estimated from who came lately.</summary>
/// <param name="Key">Key of the other experiment.</param>
/// <param name="Seen">Units of this experiment's audience seen here in the time that both samples cover.</param>
/// <param name="Both">Those of them that the other decision point saw as well, in the other's audience.</param>
/// <param name="Takes">Fraction of such units that the other experiment takes once it has its planned traffic.</param>
internal sealed record UnitOverlap(string Key, string Name, string DecisionPoint, string? Layer, bool IsHere, long Seen, long Both, double Takes, double Days)
{
    /// <summary>Fraction of this experiment's units that would be in the other as well, in [0, 1]; NaN below <see cref="ExperimentOverlaps.LeastUnits"/>.</summary>
    public double Share => Seen < ExperimentOverlaps.LeastUnits ? double.NaN : Takes * Both / Seen;

    /// <summary>Wilson’s 95% interval of <see cref="Share"/>; what the other takes is known.</summary>
    public Interval Limits => Conversion.Wilson(Seen, Both, 0.95) is var of && Seen > 0 ? new(Takes * of.Low, Takes * of.High) : Interval.Undefined;
}

/// <summary>Other running experiments whose units an experiment would share, on its own and on other decision points.</summary>
public sealed class ExperimentOverlaps(IDbContextFactory<LooperDb> databases, ExampleReader examples, TimeProvider clock)
{
    /// <summary>Units from which a share is told.</summary>
    public const int LeastUnits = 100;

    /// <summary>Share of units from which it is worth a decision: below it, however the effects depend on each other, the average hardly moves.</summary>
    public const double WorthSaying = 0.05;

    private const int MostOthers = 10, MostDecisions = 30_000;
    private static readonly TimeSpan Lookback = TimeSpan.FromDays(28);

    internal async Task<ImmutableArray<ChecklistItem>> OfAsync(ExperimentView view, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var rows = await (
            from experiment in db.Set<Experiment>().AsNoTracking()
            join point in db.Set<DecisionPoint>().AsNoTracking() on experiment.DecisionPointId equals point.Id
            where experiment.State == ExperimentState.Running && !experiment.IsImported && experiment.Id != view.Id
            orderby experiment.StartedAt descending
            select new { experiment.Key, experiment.Name, experiment.Plan, PointId = point.Id, Point = point.Key }).ToListAsync(cancel);
        // Pieces of one layer never meet, whichever decision point they are on.
        var others = rows.Select(r => (Row: r, Plan: ExperimentJson.ReadPlan(r.Plan))).Where(o => view.Plan.Layer is null || o.Plan.Layer != view.Plan.Layer).ToList();
        if (others.Count == 0) return [Nobody(rows.Count)];
        var here = await ReadAsync(db, view.DecisionPointId, view.Plan, cancel);
        var items = ImmutableArray.CreateBuilder<ChecklistItem>();
        foreach (var (row, plan) in others.Take(MostOthers))
            items.Add(Item(view.Plan, Between(here, await ReadAsync(db, row.PointId, plan, cancel), new(row.Key, row.Name, row.Point, plan.Layer, row.PointId == view.DecisionPointId, 0, 0, (1 - plan.Holdout) * plan.Traffic, 0))));
        if (others.Count > MostOthers)
            items.Add(new("overlap", "Further experiments", HealthState.Unknown, $"{others.Count - MostOthers} more run, started earlier; they were not looked at.", "Look at the list of experiments."));
        return items.ToImmutable();
    }

    private static ChecklistItem Nobody(int running) => new("overlap", "Units shared with other experiments", HealthState.Green,
        running == 0 ? "No other experiment runs." : "Every other running experiment is in the same layer, so none shares a unit.");

    private static UnitOverlap Between(Sample here, Sample there, UnitOverlap about)
    {
        // Only the time that both samples reach back to says how many units are in both.
        var from = here.From > there.From ? here.From : there.From;
        var mine = here.UnitsSince(from);
        var seen = mine.Count;
        mine.IntersectWith(there.UnitsSince(from));
        return about with { Seen = seen, Both = mine.Count, Days = here.Until > from ? (here.Until - from).TotalDays : 0 };
    }

    /// <summary>What the checklist says of one other experiment.</summary>
    internal static ChecklistItem Item(ExperimentPlan plan, UnitOverlap overlap)
    {
        const string name = "overlap";
        var title = $"Units shared with {overlap.Name}";
        var where = overlap.IsHere ? "on this decision point" : $"on {overlap.DecisionPoint}";
        if (double.IsNaN(overlap.Share))
            return new(name, title, HealthState.Unknown, FormattableString.Invariant($"'{overlap.Key}' runs {where}. Not enough data to say how many units it would share: {overlap.Seen:N0} of {LeastUnits} units seen here and there in the same time."),
                "Come back when units have come in, or put both into one layer.");
        var limits = overlap.Limits;
        var sentence = FormattableString.Invariant($"About {100 * overlap.Share:0.#}% [{100 * limits.Low:0.#}%, {100 * limits.High:0.#}%] of these units are in '{overlap.Key}' {where} as well: of {overlap.Seen:N0} seen here in the last {Span(overlap.Days)}, {overlap.Both:N0} came there too, and it takes {100 * overlap.Takes:0.#}% of them.");
        return overlap.Share < WorthSaying && !overlap.IsHere
            ? new(name, title, HealthState.Green, sentence) { Share = overlap.Share }
            : new(name, title, HealthState.Amber, sentence, Fix(plan, overlap)) { Share = overlap.Share };
    }

    private static string Fix(ExperimentPlan plan, UnitOverlap overlap)
    {
        var apart = overlap.Layer is { } layer ? $"To keep them apart, put this one into its exclusive layer '{layer}'"
            : "To keep them apart, wait until it has stopped, or stop it and start both in one exclusive layer";
        return apart + (plan.IsPlain
            ? ". Or accept it: arms are drawn independently, and the report then tests whether the effects depend on each other."
            : ". Or accept it; in this design units do not get their arms one by one, so the report cannot test whether the effects depend on each other.");
    }

    private async Task<Sample> ReadAsync(LooperDb db, Guid point, ExperimentPlan plan, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var filters = new ContextFilters(plan.Audience.IsDefault ? [] : plan.Audience, await ReportActions.FeaturesAsync(db, point, cancel));
        List<(DateTimeOffset At, long Unit)> seen = [];
        var read = 0;
        DateTimeOffset? first = null;
        await foreach (var example in examples.ReadAsync(new(point, []) { From = now - Lookback, AsOf = now, Newest = MostDecisions }, cancel))
        {
            first ??= example.Decision.Time;
            read++;
            if (filters.Passes(example.Decision)) seen.Add((example.Decision.Time, UnitHash.Of(example.Decision.Unit)));
        }

        // A full sample begins where it was cut; any other reaches as far back as was asked.
        return new(read == MostDecisions ? first!.Value : now - Lookback, now, seen);
    }

    private static string Span(double days) => days >= 1.5 ? FormattableString.Invariant($"{days:0} days") : days >= 0.1 ? FormattableString.Invariant($"{24 * days:0} hours") : FormattableString.Invariant($"{1_440 * days:0} minutes");

    /// <summary>Who came to a decision point lately, in an experiment's audience.</summary>
    /// <param name="From">It holds every such decision from here on.</param>
    private sealed record Sample(DateTimeOffset From, DateTimeOffset Until, List<(DateTimeOffset At, long Unit)> Seen)
    {
        public HashSet<long> UnitsSince(DateTimeOffset from) => [.. Seen.Where(s => s.At >= from).Select(s => s.Unit)];
    }
}
