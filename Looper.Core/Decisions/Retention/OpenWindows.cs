using System.Text.Json;
using Looper.Core.Blueprints;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Decisions.Retention;

/// <summary>How long the outcomes of what was decided may still come, by decision point: a version that serves no longer has decisions whose windows are open for as
/// long after its last one as its longest window is.</summary>
internal static class OpenWindows
{
    /// <summary>Any version's window: an outcome's, and that of a feature that looks back on it.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(180) + HistoryDerivation.LongestWindow;

    /// <summary>A server may serve a little longer.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromDays(1);

    /// <returns>The longest window of each decision point with a version.</returns>
    public static async Task<Dictionary<Guid, TimeSpan>> ReadAsync(LooperDb db, DateTimeOffset now, CancellationToken cancel)
    {
        var versions = await db.Set<Blueprint>().AsNoTracking().Select(b => new { b.Id, b.DecisionPointId, b.Version, b.PublishedAt }).ToListAsync(cancel);
        var used = await UsedAsync(db, cancel);
        var published = versions.ToDictionary(v => (v.DecisionPointId, v.Version), v => v.PublishedAt);
        // The newest is that which serves: numbers go up, and going back makes another.
        DateTimeOffset LastOf(Guid point, int version)
        {
            var until = published.GetValueOrDefault((point, version + 1), DateTimeOffset.MaxValue);
            return used.TryGetValue((point, version), out var tried) && tried > until ? tried : until;
        }
        bool IsOpen(DateTimeOffset last, TimeSpan window) => last > now - window - Margin;
        var recent = versions.Where(v => IsOpen(LastOf(v.DecisionPointId, v.Version), Longest)).Select(v => v.Id).ToList();
        var contents = await db.Set<Blueprint>().AsNoTracking().Where(b => recent.Contains(b.Id)).Select(b => new { b.DecisionPointId, b.Version, b.Content }).ToListAsync(cancel);
        return contents.Select(b => (b.DecisionPointId, b.Version, Window: LongestOf(b.Content)))
            .Where(b => IsOpen(LastOf(b.DecisionPointId, b.Version), b.Window)).GroupBy(b => b.DecisionPointId).ToDictionary(b => b.Key, b => b.Max(one => one.Window));
    }

    // When an experiment last gave a version to an arm, or read its outcomes.
    private static async Task<Dictionary<(Guid Point, int Version), DateTimeOffset>> UsedAsync(LooperDb db, CancellationToken cancel)
    {
        var used = new Dictionary<(Guid, int), DateTimeOffset>();
        var experiments = await db.Set<Experiment>().AsNoTracking().Where(e => e.State != ExperimentState.Draft).Select(e => new { e.DecisionPointId, e.Plan, e.StoppedAt }).ToListAsync(cancel);
        foreach (var experiment in experiments)
        {
            var until = experiment.StoppedAt ?? DateTimeOffset.MaxValue;
            foreach (var version in VersionsOf(experiment.Plan))
            {
                if (used.GetValueOrDefault((experiment.DecisionPointId, version)) < until) used[(experiment.DecisionPointId, version)] = until;
            }
        }
        return used;
    }

    // What cannot be read, such as the work of a later Looper, keeps nobody else's events from going.
    private static List<int> VersionsOf(string plan)
    {
        try
        {
            var read = ExperimentJson.ReadPlan(plan);
            return [.. read.Arms.Select(a => a.BlueprintVersion).OfType<int>(), read.BlueprintVersion];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    /// <summary>An outcome's, and where a feature looks back on it that one's after it: what is reported at the end of the first is counted until the end of the second.</summary>
    public static TimeSpan LongestOf(string blueprint)
    {
        try
        {
            var content = BlueprintJson.Stored(blueprint);
            var windows = content.Outcomes.GroupBy(o => o.Name).ToDictionary(o => o.Key, o => o.Max(one => one.Window));
            var histories = content.Features.Select(f => f.Derived).OfType<HistoryDerivation>().Select(h => windows.GetValueOrDefault(h.Of) + h.Window);
            return windows.Values.Concat(histories).DefaultIfEmpty().Max();
        }
        catch (JsonException)
        {
            return Longest; // its own go later rather than too early
        }
    }
}
