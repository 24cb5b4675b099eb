using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Experiments;
using Looper.Core.Models;
using Looper.Core.Persistence;
using Looper.Core.Serving;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Hosting;

/// <summary>Reads from the database what serving needs.</summary>
public sealed class SnapshotBuilder(IDbContextFactory<LooperDb> databases, TimeProvider clock)
{
    /// <summary>A published version never changes: its words are worked out once.</summary>
    private readonly ConcurrentDictionary<(Guid Point, int Version), VersionWords?> _words = new();

    /// <summary>Changes whenever a new snapshot would differ.</summary>
    public async Task<string> FingerprintAsync(CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var points = await db.Set<DecisionPoint>().AsNoTracking().OrderBy(p => p.Id).Select(p => new { p.Id, p.CurrentVersion, p.IsPaused, p.IsArchived }).ToListAsync(cancel);
        var models = await db.Set<Model>().AsNoTracking().Where(m => m.State == ModelState.Live).OrderBy(m => m.Id).Select(m => m.Id).ToListAsync(cancel);
        var experiments = await db.Set<Experiment>().AsNoTracking().OrderBy(e => e.Id).Select(e => new { e.Id, e.State, e.Key }).ToListAsync(cancel);
        return string.Join('|', points) + '#' + string.Join('|', models) + '#' + string.Join('|', experiments);
    }

    public async Task<SnapshotSource> ReadAsync(CancellationToken cancel)
    {
        var readAt = clock.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancel);
        var points = await db.Set<DecisionPoint>().AsNoTracking().Where(p => p.CurrentVersion > 0).OrderBy(p => p.Key).ToListAsync(cancel);
        var models = (await db.Set<Model>().AsNoTracking().Where(m => m.State == ModelState.Live)
            .Select(m => new { m.DecisionPointId, m.Number, m.Outcome, m.Artefact }).ToListAsync(cancel)).ToLookup(m => m.DecisionPointId);
        var experiments = (await db.Set<Experiment>().AsNoTracking().Where(e => e.State != ExperimentState.Draft).ToListAsync(cancel)).ToLookup(e => e.DecisionPointId);
        var sources = ImmutableArray.CreateBuilder<PointSource>(points.Count);
        foreach (var point in points)
        {
            ImmutableArray<ExperimentSource> running = [.. experiments[point.Id].Select(SourceOf)];
            var needed = running.Where(e => e.IsRunning).SelectMany(e => e.Arms).Select(a => a.BlueprintVersion ?? point.CurrentVersion).Append(point.CurrentVersion).Distinct().ToList();
            var versions = await db.Set<Blueprint>().AsNoTracking().Where(b => b.DecisionPointId == point.Id).OrderBy(b => b.Version).Select(b => b.Version).ToListAsync(cancel);
            var contents = await ContentsAsync(db, point.Id, needed, versions, cancel);
            sources.Add(new(
                point.Id, point.Key, point.Salt, point.CurrentVersion, point.IsPaused, point.IsArchived, point.IsSimulated,
                [.. contents.Where(c => needed.Contains(c.Version))],
                [.. versions.Select(v => _words.GetValueOrDefault((point.Id, v))).OfType<VersionWords>()],
                [.. models[point.Id].OrderBy(m => m.Number).Select(m => new ModelSource(m.Number, m.Outcome, m.Artefact))],
                running));
        }
        return new(readAt, sources.DrainToImmutable());
    }

    /// <summary>The versions that serve, and those whose words are not known yet.</summary>
    private async Task<List<BlueprintSource>> ContentsAsync(LooperDb db, Guid point, List<int> needed, List<int> versions, CancellationToken cancel)
    {
        var wanted = versions.Where(v => needed.Contains(v) || !_words.ContainsKey((point, v))).ToList();
        var contents = await db.Set<Blueprint>().AsNoTracking().Where(b => b.DecisionPointId == point && wanted.Contains(b.Version))
            .OrderBy(b => b.Version).Select(b => new BlueprintSource(b.Version, b.Content)).ToListAsync(cancel);
        foreach (var content in contents) _words.TryAdd((point, content.Version), WordsOf(content));
        return contents;
    }

    private static VersionWords? WordsOf(BlueprintSource blueprint)
    {
        try
        {
            var content = BlueprintJson.Stored(blueprint.Content);
            return AnswerSet.Of(content).Value is { } answers ? new(blueprint.Version, answers.Shape, answers.Options) : null;
        }
        catch (JsonException)
        {
            return null; // the snapshot says so at the version itself
        }
    }

    private static ExperimentSource SourceOf(Experiment experiment)
    {
        ExperimentPlan plan;
        try
        {
            plan = ExperimentJson.ReadPlan(experiment.Plan);
        }
        catch (JsonException)
        {
            plan = new(); // without arms it cannot be served, and its decision point says so
        }
        return new(
            experiment.Id, experiment.Key, experiment.Salt, plan.Traffic, plan.Holdout, experiment.State == ExperimentState.Running, experiment.StartedAt ?? experiment.CreatedAt,
            [.. plan.Arms.Select(a => new ArmSource(a.Key, a.Weight, a.Option, a.Policy, a.BlueprintVersion))]);
    }
}
