using System.Collections.Concurrent;
using System.Collections.Immutable;
using Looper.Core.Bandits;
using Looper.Core.Decisions;
using Looper.Core.Experiments;
using Looper.Core.Models;
using Looper.Core.Persistence;
using Looper.Core.Serving;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Hosting;

/// <summary>What tells one state of a decision point from another: changes whenever it would serve differently.</summary>
public readonly record struct PointPrint(Guid Id, string Print);

/// <summary>Reads from the database what serving needs.</summary>
public sealed class SnapshotBuilder(IDbContextFactory<LooperDb> databases, TimeProvider clock)
{
    /// <summary>A published version never changes: what it says is worked out once.</summary>
    private readonly ConcurrentDictionary<(Guid Point, int Version), PublishedWords> _words = new();

    /// <summary>Every decision point that serves, in the order of their keys.</summary>
    public async Task<ImmutableArray<PointPrint>> PrintsAsync(CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var points = await db.Set<DecisionPoint>().AsNoTracking().Where(p => p.CurrentVersion > 0).OrderBy(p => p.Key)
            .Select(p => new { p.Id, p.Key, p.CurrentVersion, p.IsPaused, p.IsArchived }).ToListAsync(cancel);
        var models = (await db.Set<Model>().AsNoTracking().Where(m => m.State == ModelState.Live).OrderBy(m => m.Id)
            .Select(m => new { m.DecisionPointId, m.Id }).ToListAsync(cancel)).ToLookup(m => m.DecisionPointId, m => m.Id);
        var bandits = (await db.Set<LearnedBandit>().AsNoTracking().OrderBy(b => b.Id).Select(b => new { b.DecisionPointId, b.Id, b.Number }).ToListAsync(cancel)).ToLookup(b => b.DecisionPointId, b => $"bandit {b.Id} {b.Number}");
        var experiments = (await db.Set<Experiment>().AsNoTracking().Where(e => e.State != ExperimentState.Draft).OrderBy(e => e.Id)
            .Select(e => new { e.DecisionPointId, e.Id, e.State, e.Key, e.Revision }).ToListAsync(cancel)).ToLookup(e => e.DecisionPointId);
        return [.. points.Select(p => new PointPrint(p.Id, $"{p} {string.Join('|', models[p.Id])} {string.Join('|', experiments[p.Id])} {string.Join('|', bandits[p.Id])}"))];
    }

    public async Task<SnapshotSource> ReadAsync(CancellationToken cancel)
    {
        var readAt = clock.GetUtcNow();
        return new(readAt, await ReadAsync([.. (await PrintsAsync(cancel)).Select(p => p.Id)], cancel));
    }

    /// <summary>These decision points, in the order given; one that is gone meanwhile is left out.</summary>
    public async Task<ImmutableArray<PointSource>> ReadAsync(IReadOnlyList<Guid> ids, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var points = (await db.Set<DecisionPoint>().AsNoTracking().Where(p => p.CurrentVersion > 0 && ids.Contains(p.Id)).ToListAsync(cancel)).ToDictionary(p => p.Id);
        var models = (await db.Set<Model>().AsNoTracking().Where(m => m.State == ModelState.Live && ids.Contains(m.DecisionPointId))
            .Select(m => new { m.DecisionPointId, m.Number, m.Outcome, m.Artefact }).ToListAsync(cancel)).ToLookup(m => m.DecisionPointId);
        var bandits = await db.Set<LearnedBandit>().AsNoTracking().Where(b => ids.Contains(b.DecisionPointId))
            .Select(b => new { b.DecisionPointId, b.Arm, b.State }).ToDictionaryAsync(b => (b.DecisionPointId, b.Arm), b => b.State, cancel);
        var started = await db.Set<Experiment>().AsNoTracking().Where(e => e.State != ExperimentState.Draft && ids.Contains(e.DecisionPointId)).OrderBy(e => e.Id).ToListAsync(cancel);
        var stops = started.ToDictionary(e => e.Id, e => e.StoppedAt);
        var experiments = started.ToLookup(e => e.DecisionPointId, e => SourceOf(e, arm => bandits.GetValueOrDefault((e.DecisionPointId, BanditArm.NameOf(e.Id, arm)), [])));
        var versions = (await db.Set<Blueprint>().AsNoTracking().Where(b => ids.Contains(b.DecisionPointId)).OrderBy(b => b.Version)
            .Select(b => new { b.Id, b.DecisionPointId, b.Version, b.PublishedAt }).ToListAsync(cancel)).ToLookup(b => b.DecisionPointId);
        var needed = points.Values.ToDictionary(p => p.Id, p => experiments[p.Id].Where(e => e.IsRunning).SelectMany(e => e.Arms)
            .Select(a => a.BlueprintVersion ?? p.CurrentVersion).Append(p.CurrentVersion).ToHashSet());
        var wanted = points.Keys.SelectMany(id => versions[id].Where(v => needed[id].Contains(v.Version) || !_words.ContainsKey((id, v.Version)))).Select(v => v.Id).ToList();
        var contents = (await db.Set<Blueprint>().AsNoTracking().Where(b => wanted.Contains(b.Id)).OrderBy(b => b.Version)
            .Select(b => new { b.DecisionPointId, b.Version, b.Content }).ToListAsync(cancel)).ToLookup(b => b.DecisionPointId, b => new BlueprintSource(b.Version, b.Content));
        foreach (var known in contents)
        {
            foreach (var content in known) _words.TryAdd((known.Key, content.Version), PublishedWords.Of(content));
        }
        var now = clock.GetUtcNow();
        return
        [
            .. ids.Where(points.ContainsKey).Select(id => points[id]).Select(point => new PointSource(
                point.Id, point.Key, point.Salt, point.CurrentVersion, point.IsPaused, point.IsArchived, point.IsSimulated,
                [.. contents[point.Id].Where(c => needed[point.Id].Contains(c.Version))],
                [.. versions[point.Id].Select(v => _words[(point.Id, v.Version)].Words).OfType<VersionWords>()],
                [.. models[point.Id].OrderBy(m => m.Number).Select(m => new ModelSource(m.Number, m.Outcome, m.Artefact))],
                [.. experiments[point.Id]])
            {
                Bandit = bandits.GetValueOrDefault((point.Id, ""), []),
                FormerOutcomes = FormerVersions.WaitFor(
                    [.. versions[point.Id].Select(v => new FormerVersion(v.Version, v.PublishedAt, _words[(point.Id, v.Version)].Outcomes))], needed[point.Id],
                    [.. experiments[point.Id].SelectMany(e => e.Arms.Select(a => (a.BlueprintVersion, stops[e.Id])))], now),
            }),
        ];
    }

    private static ExperimentSource SourceOf(Experiment experiment, Func<string, byte[]> learned)
    {
        try
        {
            return ServedExperiment.Of(experiment, ExperimentJson.ReadPlan(experiment.Plan), learned);
        }
        catch (Exception) // whatever its texts hold: without arms it cannot be served, and its decision point says so
        {
            return new(experiment.Id, experiment.Key, experiment.Salt, Traffic: 1, Holdout: 0, experiment.State == ExperimentState.Running, experiment.StartedAt ?? experiment.CreatedAt, []);
        }
    }
}
