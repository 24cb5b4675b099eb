using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Models;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Monitoring;

/// <summary>A look at one decision point: the figures of every live model.</summary>
public sealed record DriftLook(string Key, TrainingPlan Plan, ImmutableArray<ModelDrift> Models);

/// <param name="From">What is compared with where the model learned was decided from here on.</param>
/// <param name="Figures">One per feature of the blueprint that the model learned from, then the outcome's.</param>
public sealed record ModelDrift(int Number, string Outcome, DateTimeOffset From, ImmutableArray<DriftFigure> Figures);

/// <summary>Counts what was served in the last day, and what came of the decisions whose window closed in it, one decision per unit; of a ranking one of the places that it showed.</summary>
public sealed class DriftFigures(ExampleReader examples, TimeProvider clock)
{
    private static readonly TimeSpan Window = TimeSpan.FromDays(1);

    /// <returns>Null when there is no such decision point, or nothing is published.</returns>
    internal async Task<DriftLook?> LookAsync(LooperDb db, Guid id, CancellationToken cancel)
    {
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Id == id, cancel);
        if (point is not { CurrentVersion: > 0 }) return null;
        var live = await db.Set<Model>().AsNoTracking().Where(m => m.DecisionPointId == id && m.State == ModelState.Live)
            .Select(m => new { m.Number, m.Outcome, m.DataUntil, m.Profile }).ToListAsync(cancel);
        var contents = (await db.Set<Blueprint>().AsNoTracking().Where(b => b.DecisionPointId == id).ToListAsync(cancel)).ToDictionary(b => b.Version, b => BlueprintJson.Served(b.Content));
        var current = contents[point.CurrentVersion];
        var versions = new VersionTable(current, contents);
        var models = ImmutableArray.CreateBuilder<ModelDrift>();
        foreach (var model in live)
        {
            if (current.Outcomes.FirstOrDefault(o => o.Name == model.Outcome) is not { } outcome || ModelJson.Read<ServedProfile>(model.Profile) is not { } profile) continue;
            var now = clock.GetUtcNow();
            var from = Later(now - Window, model.DataUntil); // what it learned from cannot have moved away from itself
            var counter = await CountAsync(id, versions, profile, from, cancel);
            var labels = await LabelsAsync(id, versions, outcome, Later(now - Window - outcome.Window, model.DataUntil), cancel);
            models.Add(new(model.Number, model.Outcome, from, [.. Drift.OfFeatures(profile, counter), .. Drift.OfOutcome(outcome.Name, profile, labels) is { } figure ? [figure] : ImmutableArray<DriftFigure>.Empty]));
        }
        return new(point.Key, current.Training, models.ToImmutable());
    }

    private async Task<ProfileCounter> CountAsync(Guid id, VersionTable versions, ServedProfile profile, DateTimeOffset from, CancellationToken cancel)
    {
        var (counter, seen, chosen) = (profile.Counter(), new HashSet<string>(StringComparer.Ordinal), new ChosenRow());
        await foreach (var example in examples.ReadAsync(new ExampleQuery(id, []) { From = from, Newest = ServedProfile.MostUnits }, cancel).WithCancellation(cancel))
        {
            var decision = example.Decision;
            if (versions.Find(decision.BlueprintVersion) is not { } then || (then.Shape.TakesCandidates() && !chosen.ReadAny(decision, then)) || !seen.Add(decision.Unit)) continue;
            counter.Add(then.AllFeatures, then.Shape.TakesCandidates() ? chosen.Served : decision.Served.Span);
        }
        return counter;
    }

    private async Task<List<double>> LabelsAsync(Guid id, VersionTable versions, Outcome outcome, DateTimeOffset from, CancellationToken cancel)
    {
        var (labels, seen) = (new List<double>(), new HashSet<string>(StringComparer.Ordinal));
        var query = new ExampleQuery(id, [outcome]) { From = from, ClosedOnly = true, Newest = ServedProfile.MostUnits, ByPlace = versions.IsRanking };
        await foreach (var example in examples.ReadAsync(query, cancel).WithCancellation(cancel))
        {
            var value = !versions.IsRanking ? example.Values[0] : example.Places.IsEmpty ? double.NaN : example.Places[ChosenRow.AnyPlace(example.Decision, example.Places.Length)].Values[0];
            if (!versions.SharesOutcome(example.Decision.BlueprintVersion, outcome) || !double.IsFinite(value) || !seen.Add(example.Decision.Unit)) continue;
            labels.Add(outcome.Kind == OutcomeKind.Boolean ? value > 0 ? 1 : 0 : value);
        }
        return labels;
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
