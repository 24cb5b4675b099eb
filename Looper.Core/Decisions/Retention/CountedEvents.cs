using System.Text.Json;
using Looper.Core.Blueprints;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Decisions.Retention;

/// <summary>An experiment that still counts what happened.</summary>
/// <param name="Key">Of the experiment.</param>
/// <param name="From">Its start, less the time before an exposure that its metrics look back on.</param>
public sealed record CountedFrom(string Key, DateTimeOffset From);

/// <summary>What reports are still made from: without the first decisions of an experiment, units that come back would count as exposed when they did.</summary>
internal static class CountedEvents
{
    private sealed record Begun(Guid Point, string Key, string Plan, DateTimeOffset From, DateTimeOffset Until);

    /// <returns>By decision point the experiment that counts the furthest back, while it runs and until the windows of its last decisions are over.</returns>
    public static async Task<Dictionary<Guid, CountedFrom>> ReadAsync(LooperDb db, DateTimeOffset now, CancellationToken cancel)
    {
        var recent = now - OpenWindows.Longest - OpenWindows.Margin;
        var rows = await db.Set<Experiment>().AsNoTracking().Where(e => e.StartedAt != null && (e.State == ExperimentState.Running || e.StoppedAt > recent))
            .Select(e => new { e.DecisionPointId, e.Key, e.Plan, e.State, e.StartedAt, e.StoppedAt }).ToListAsync(cancel);
        List<Begun> begun = [.. rows.Select(e => new Begun(e.DecisionPointId, e.Key, e.Plan, e.StartedAt!.Value, e.State == ExperimentState.Running ? DateTimeOffset.MaxValue : e.StoppedAt!.Value))];
        var points = begun.Select(e => e.Point).ToHashSet();
        var contents = await db.Set<Blueprint>().AsNoTracking().Where(b => points.Contains(b.DecisionPointId)).Select(b => new { b.DecisionPointId, b.Version, b.Content }).ToListAsync(cancel);
        var versions = contents.ToDictionary(b => (b.DecisionPointId, b.Version), b => b.Content);
        return begun.Select(e => (Experiment: e, Looks: Looks.Of(e.Plan, version => versions.GetValueOrDefault((e.Point, version)))))
            .Where(e => e.Experiment.Until > now - e.Looks.Ahead - OpenWindows.Margin)
            .GroupBy(e => e.Experiment.Point, e => new CountedFrom(e.Experiment.Key, e.Experiment.From - e.Looks.Back))
            .ToDictionary(e => e.Key, e => e.MinBy(one => one.From)!);
    }

    /// <param name="Back">From an exposure.</param>
    private readonly record struct Looks(TimeSpan Back, TimeSpan Ahead)
    {
        public static Looks Of(string plan, Func<int, string?> contentOf)
        {
            try
            {
                var read = ExperimentJson.ReadPlan(plan);
                List<Metric> metrics = [.. read.Metrics.IsDefault ? [] : read.Metrics];
                var windows = read.Arms.Select(a => a.BlueprintVersion).OfType<int>().Append(read.BlueprintVersion).Select(contentOf).OfType<string>().Select(OpenWindows.LongestOf)
                    .Concat(metrics.Select(m => m.From + (m.Window ?? TimeSpan.Zero)));
                return new(metrics.Select(m => m.PrePeriod ?? TimeSpan.Zero).DefaultIfEmpty().Max(), windows.DefaultIfEmpty().Max());
            }
            catch (JsonException)
            {
                return new(TimeSpan.Zero, OpenWindows.Longest); // such as the work of a later Looper: its own go later rather than too early
            }
        }
    }
}
