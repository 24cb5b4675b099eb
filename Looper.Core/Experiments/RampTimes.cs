using Looper.Core.Access;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Experiments;

/// <summary>What share of units an experiment took over its time, its ramp included.</summary>
internal static class RampTimes
{
    /// <returns>Fraction in (0, 1]; NaN before the start.</returns>
    public static async Task<double> ShareAsync(LooperDb db, Experiment experiment, ExperimentPlan plan, DateTimeOffset now, CancellationToken cancel)
    {
        if (experiment.StartedAt is not { } start || experiment.IsImported) return double.NaN;
        List<DateTimeOffset> steps = [];
        if (!plan.Ramp.IsDefaultOrEmpty)
        {
            var subject = experiment.Id.ToString();
            steps = await db.Set<AuditEntry>().AsNoTracking().Where(a => a.Action == "experiment.ramp-stepped" && a.Subject == subject).OrderBy(a => a.Id).Select(a => a.At).ToListAsync(cancel);
        }

        return (1 - plan.Holdout) * Average(plan, start, experiment.StoppedAt ?? now, steps);
    }

    /// <summary>Traffic, averaged over time.</summary>
    /// <param name="steps">When each step of the ramp was taken, rising.</param>
    internal static double Average(ExperimentPlan plan, DateTimeOffset start, DateTimeOffset until, IReadOnlyList<DateTimeOffset> steps)
    {
        if (until <= start) return plan.TrafficAt(steps.Count);
        var (sum, from) = (0.0, start);
        for (var step = 0; step <= steps.Count; step++)
        {
            var to = step < steps.Count && steps[step] < until ? steps[step] : until;
            if (to > from) sum += plan.TrafficAt(step) * (to - from).TotalDays;
            if (to > from) from = to;
        }

        return sum / (until - start).TotalDays;
    }
}
