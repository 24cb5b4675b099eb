using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Monitoring;

/// <summary>Counts how often the outcomes of the goal and of the guardrails are reported, day by day.</summary>
public sealed class JoinRateFigures(ExampleReader examples)
{
    /// <summary>Decisions read of each day at most, the newest: of all days the same hours, so that these are compared.</summary>
    private const int MostOfDay = 4_000;

    private static readonly TimeSpan s_day = TimeSpan.FromDays(1);

    /// <returns>One per outcome.</returns>
    internal async Task<List<JoinRate>> LookAsync(LooperDb db, LivePoint point, DateTimeOffset now, CancellationToken cancel)
    {
        var goal = point.Current.Goal;
        var looked = new List<JoinRate>();
        var alerts = await db.Set<Alert>().AsNoTracking().Where(a => a.DecisionPointId == point.Id && a.Condition == JoinRate.Low).Select(a => new { a.Subject, a.FiredAt, a.ClearedAt }).ToListAsync(cancel);
        var alarmed = alerts.ToLookup(a => a.Subject, a => new AlarmedSpan(a.FiredAt, a.ClearedAt), StringComparer.Ordinal);
        var asked = point.Current.Outcomes.Where(o => goal.Terms.Any(t => t.Outcome == o.Name) || goal.Guardrails.Any(g => g.Outcome == o.Name));
        foreach (var alike in asked.GroupBy(o => o.Window))
        {
            Outcome[] outcomes = [.. alike];
            var last = await DayAsync(point, outcomes, alike.Key, now, cancel);
            var isEnough = last.Any(d => d.Closed >= JoinRate.FewestUnits); // most decision points of a large installation are quiet
            int[][] before = [.. outcomes.Select(o => isEnough ? JoinRate.DaysBefore(now, [.. alarmed[o.Name]]).ToArray() : [])];
            var days = new Dictionary<int, JoinDay[]>();
            foreach (var ago in before.SelectMany(agos => agos).Distinct()) days[ago] = await DayAsync(point, outcomes, alike.Key, now - ago * s_day, cancel);
            looked.AddRange(outcomes.Select((o, k) => JoinRate.Of(o.Name, last[k], [.. before[k].Select(ago => days[ago][k])])));
        }
        return looked;
    }

    // As it was known when the day ended: what is reported late is late on every day. Of an import nobody knows when it was known.
    private async Task<JoinDay[]> DayAsync(LivePoint point, Outcome[] outcomes, TimeSpan window, DateTimeOffset end, CancellationToken cancel)
    {
        var (days, seen) = (new JoinDay[outcomes.Length], new HashSet<string>(StringComparer.Ordinal));
        var query = new ExampleQuery(point.Id, [.. outcomes]) { From = end - window - s_day + TimeSpan.FromTicks(1), AsOf = end, ClosedOnly = true, Newest = MostOfDay };
        await foreach (var example in examples.ReadAsync(query, cancel).WithCancellation(cancel))
        {
            if ((example.Decision.Marks & RecordMarks.Imported) != 0 || !seen.Add(example.Decision.Unit)) continue;
            for (var k = 0; k < outcomes.Length; k++)
            {
                if (point.Versions.SharesOutcome(example.Decision.BlueprintVersion, outcomes[k])) days[k] = new(days[k].Closed + 1, days[k].Joined + (double.IsNaN(example.SoFar[k]) ? 0 : 1));
            }
        }
        return days;
    }
}
