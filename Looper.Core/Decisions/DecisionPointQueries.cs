using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Models;
using Looper.Core.Persistence;
using Looper.Core.Runs;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Decisions;

/// <summary>Reads of decision points and their versions; everyone who is signed in may.</summary>
public sealed class DecisionPointQueries(IDbContextFactory<LooperDb> databases, EventActivity activity)
{
    /// <summary>By name; drafts that have no decision point yet are in <see cref="DraftQueries"/>.</summary>
    public async Task<IReadOnlyList<DecisionPointView>> ListAsync(Caller caller, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Read) is not null) return [];
        await using var db = await databases.CreateDbContextAsync(cancel);
        return await ViewsAsync(db, db.Set<DecisionPoint>(), cancel);
    }

    public async Task<DecisionPointView?> FindAsync(Caller caller, string key, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Read) is not null) return null;
        await using var db = await databases.CreateDbContextAsync(cancel);
        return (await ViewsAsync(db, db.Set<DecisionPoint>().Where(p => p.Key == key), cancel)).SingleOrDefault();
    }

    public async Task<DecisionPointView?> FindAsync(Caller caller, Guid id, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Read) is not null) return null;
        await using var db = await databases.CreateDbContextAsync(cancel);
        return (await ViewsAsync(db, db.Set<DecisionPoint>().Where(p => p.Id == id), cancel)).SingleOrDefault();
    }

    private async Task<IReadOnlyList<DecisionPointView>> ViewsAsync(LooperDb db, IQueryable<DecisionPoint> which, CancellationToken cancel)
    {
        var points = await which.AsNoTracking()
            .Join(db.Set<Blueprint>(), p => new { p.Id, Version = p.CurrentVersion }, b => new { Id = b.DecisionPointId, b.Version }, (p, b) => new { Point = p, Blueprint = b })
            .OrderBy(x => x.Point.Name).ThenBy(x => x.Point.Key).ToListAsync(cancel);
        var ids = which.Select(p => p.Id);
        var drafts = await db.Set<Draft>().Where(d => d.DecisionPointId != null && ids.Contains(d.DecisionPointId.Value))
            .ToDictionaryAsync(d => d.DecisionPointId!.Value, d => d.Id, cancel);
        var tested = await db.Set<Experiment>().Where(e => e.State == ExperimentState.Running && ids.Contains(e.DecisionPointId))
            .Select(e => e.DecisionPointId).ToListAsync(cancel);
        var models = await db.Set<Model>().Where(m => ids.Contains(m.DecisionPointId) && (m.State == ModelState.Live || m.State == ModelState.Shadow))
            .Select(m => new { m.DecisionPointId, m.State, m.Number }).ToListAsync(cancel);
        var training = await db.Set<JobRun>()
            .Where(r => r.Kind == JobKinds.TrainModel && r.DecisionPointId != null && ids.Contains(r.DecisionPointId.Value) && (r.State == JobState.Running || r.State == JobState.Queued))
            .Select(r => r.DecisionPointId!.Value).ToListAsync(cancel);
        var paused = await PausedAsync(db, [.. points.Where(x => x.Point.IsPaused).Select(x => x.Point.Key)], cancel);
        return [.. points.Select(x =>
        {
            var own = models.Where(m => m.DecisionPointId == x.Point.Id).ToList();
            var live = own.Where(m => m.State == ModelState.Live).Select(m => (int?)m.Number).Max();
            var read = BlueprintJson.Readable(x.Blueprint.Content);
            var content = read ?? Unread;
            var facts = new StageFacts(
                x.Point.IsArchived, x.Point.IsPaused, activity.Of(x.Point.Id), tested.Contains(x.Point.Id), live is not null,
                own.Any(m => m.State == ModelState.Shadow), training.Contains(x.Point.Id), content.Policy, content.Training.FirstModelAt);
            return new DecisionPointView
            {
                Id = x.Point.Id,
                Key = x.Point.Key,
                Name = x.Point.Name,
                Description = x.Point.Description,
                State = facts.State,
                IsReadable = read is not null,
                NextStep = read is null ? Unreadable(x.Point.Key, x.Point.CurrentVersion).Reason : facts.NextStep,
                Shape = content.Shape,
                IsPaused = x.Point.IsPaused,
                IsArchived = x.Point.IsArchived,
                IsSimulated = x.Point.IsSimulated,
                CurrentVersion = x.Point.CurrentVersion,
                Goal = read is null ? "" : Words.Of(content.Goal, content.Outcomes),
                DraftId = drafts.TryGetValue(x.Point.Id, out var draft) ? draft : null,
                LiveModel = live,
                CreatedAt = x.Point.CreatedAt,
                CreatedBy = x.Point.CreatedBy,
                ChangedAt = x.Blueprint.PublishedAt,
                PausedAt = x.Point.IsPaused && paused.TryGetValue(x.Point.Key, out var since) ? since : null,
                Revision = x.Point.Revision,
            };
        })];
    }

    private static async Task<Dictionary<string, DateTimeOffset>> PausedAsync(LooperDb db, string[] keys, CancellationToken cancel) => keys.Length == 0 ? []
        : await db.Set<AuditEntry>().Where(e => e.Action == DecisionPointActions.Paused && keys.Contains(e.Subject))
            .GroupBy(e => e.Subject).Select(g => new { g.Key, At = g.Max(e => e.At) }).ToDictionaryAsync(p => p.Key, p => p.At, cancel);

    /// <summary>Stands for what is stored and cannot be read, where the others in a list are to be shown all the same.</summary>
    internal static BlueprintContent Unread { get; } = new() { Shape = DecisionShape.Choice, Default = "" };

    internal static Refusal Unreadable(string key, int version) => new("blueprint.unreadable",
        $"Version {version} of `{key}` cannot be read: a later Looper wrote it, or it is damaged. Start that Looper, restore a backup, or go back to a version that can be read.");

    internal static Refusal UnknownVersion(string key, int version) =>
        new("blueprint.unknown", $"`{key}` has no version {version}. Look at its list of versions.");

    internal static BlueprintView View(Blueprint blueprint, DecisionPoint point) => new()
    {
        Id = blueprint.Id,
        DecisionPointId = point.Id,
        Key = point.Key,
        Version = blueprint.Version,
        Hash = blueprint.Hash,
        Content = BlueprintJson.Stored(blueprint.Content),
        Note = blueprint.Note,
        PublishedAt = blueprint.PublishedAt,
        PublishedBy = blueprint.PublishedBy,
        RestoredFrom = blueprint.RestoredFrom,
        IsCurrent = blueprint.Version == point.CurrentVersion,
    };
}
