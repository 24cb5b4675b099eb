using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Models;
using Looper.Core.Persistence;

namespace Looper.Core.Monitoring;

/// <summary>A look at one decision point: the figures of every live model.</summary>
public sealed record DriftLook(string Key, TrainingPlan Plan, ImmutableArray<ModelDrift> Models);

/// <param name="From">What is compared with where the model learned was decided from here on.</param>
/// <param name="Figures">One per feature of the blueprint that the model learned from, then the outcome's.</param>
public sealed record ModelDrift(int Number, string Outcome, DateTimeOffset From, ImmutableArray<DriftFigure> Figures);

/// <summary>Counts what was served in the last day, and what came of the decisions whose window closed in it, one decision per unit; of a ranking one of the places that it showed.</summary>
public sealed class DriftFigures(ExampleReader examples, TimeProvider clock)
{
    private readonly ServedSample _sample = new(examples);

    /// <returns>Null when there is no such decision point, or nothing is published.</returns>
    internal async Task<DriftLook?> LookAsync(LooperDb db, Guid id, CancellationToken cancel)
    {
        return await LivePoint.FindAsync(db, id, cancel) is { } point ? await LookAsync(point, cancel) : null;
    }

    internal async Task<DriftLook> LookAsync(LivePoint point, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        ImmutableArray<UnitCount> counts = [.. point.Models.Select(m => new UnitCount(m.Then, m.Since(now - LivePoint.Window)))];
        await _sample.ReadAsync(point, [.. counts], now, cancel);
        var models = ImmutableArray.CreateBuilder<ModelDrift>();
        foreach (var (model, count) in point.Models.Zip(counts))
        {
            var labels = await LabelsAsync(point.Id, point.Versions, model.Outcome, model.Since(now - LivePoint.Window - model.Outcome.Window), cancel);
            models.Add(new(model.Number, model.Outcome.Name, count.From,
                [.. Drift.OfFeatures(model.Then, count.Count()), .. Drift.OfOutcome(model.Outcome.Name, model.Then, labels) is { } figure ? [figure] : ImmutableArray<DriftFigure>.Empty]));
        }
        return new(point.Key, point.Current.Training, models.ToImmutable());
    }

    private async Task<double[]> LabelsAsync(Guid id, VersionTable versions, Outcome outcome, DateTimeOffset from, CancellationToken cancel)
    {
        var drawn = new Dictionary<string, (ulong Draw, double Label)>(StringComparer.Ordinal);
        var query = new ExampleQuery(id, [outcome]) { From = from, ClosedOnly = true, Newest = ServedProfile.MostUnits, ByPlace = versions.IsRanking };
        await foreach (var example in examples.ReadAsync(query, cancel).WithCancellation(cancel))
        {
            var value = !versions.IsRanking ? example.Values[0] : example.Places.IsEmpty ? double.NaN : example.Places[ChosenRow.AnyPlace(example.Decision, example.Places.Length)].Values[0];
            if (!versions.SharesOutcome(example.Decision.BlueprintVersion, outcome) || !double.IsFinite(value)) continue;
            var draw = UnitCount.Draw(example.Decision);
            if (!drawn.TryGetValue(example.Decision.Unit, out var other) || draw < other.Draw) drawn[example.Decision.Unit] = (draw, outcome.Kind == OutcomeKind.Boolean ? value > 0 ? 1 : 0 : value);
        }
        return [.. drawn.Values.Select(d => d.Label)];
    }
}
