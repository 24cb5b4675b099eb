using System.Collections.Immutable;
using Looper.Core.Access;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Experiments;

/// <summary>Shares that follow the outcomes: looks at each experiment that asks for it, when its time has come.</summary>
public sealed class AllocationActions(IDbContextFactory<LooperDb> databases, ReportActions reports, TimeProvider clock, ChangeFeed changes)
{
    /// <summary>New shares hold from then on at every node at once: by then each has read them.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromMinutes(1);

    /// <summary>Renews the shares of every experiment that is due. Safe to run twice. One that cannot be analysed keeps none of the others back.</summary>
    /// <exception cref="AggregateException">What failed, after all have been looked at.</exception>
    public async Task RenewAsync(CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var running = await db.Set<Experiment>().AsNoTracking().Where(e => e.State == ExperimentState.Running).ToListAsync(cancel);
        await OneByOne.DoAsync(running, e => $"The shares of '{e.Key}'", async e =>
        {
            if (!IsDue(e, clock.GetUtcNow()) || await reports.GaugeAsync(e.Id, cancel) is not { } report) return false;
            await RenewAsync(e.Id, report, cancel);
            return true;
        });
    }

    private async Task RenewAsync(Guid id, ReportContent report, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var now = clock.GetUtcNow();
        var experiment = await db.Set<Experiment>().SingleOrDefaultAsync(e => e.Id == id, cancel);
        if (experiment is null || !IsDue(experiment, now)) return; // stopped meanwhile, or another node was here first
        var plan = ExperimentJson.ReadPlan(experiment.Plan);
        var known = ExperimentJson.ReadAllocation(experiment.Allocation);
        ImmutableArray<double> before = known.IsEmpty ? [.. plan.Arms.Select(a => a.Weight)] : known[^1].Weights;
        var (weights, held) = Allocation.Next(report, plan.Bandit!);
        if (held is null && weights.Zip(before).Any(w => Math.Abs(w.First - w.Second) >= Allocation.SmallestMove))
        {
            var from = new DateTimeOffset((now + Ahead).UtcTicks / TimeSpan.TicksPerMinute * TimeSpan.TicksPerMinute, TimeSpan.Zero).AddMinutes(1);
            experiment.Allocate(known.Add(new(from, weights)), now);
            db.Add(AuditEntry.Of(Caller.System, "experiment.shares-renewed", id, now, before: new { shares = before },
                after: new { shares = weights, from, sentence = FormattableString.Invariant($"Shares {Allocation.Words(before)} → {Allocation.Words(weights)} from {from:d MMM yyyy HH:mm} UTC.") }));
        }
        else
        {
            experiment.KeepShares(held, now);
        }

        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateConcurrencyException)
        {
            return; // the next look sees what was changed
        }

        changes.Announce(ChangeKind.Experiment, experiment.Id);
        changes.Announce(ChangeKind.DecisionPoint, experiment.DecisionPointId);
    }

    private static bool IsDue(Experiment experiment, DateTimeOffset now) =>
        experiment.State == ExperimentState.Running && ExperimentJson.ReadPlan(experiment.Plan).Bandit is { } design
        && (experiment.AllocationAt ?? experiment.StartedAt) is { } since && now >= since.AddHours(design.RenewHours);
}
