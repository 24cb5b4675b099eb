using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Models;
using Looper.Core.Persistence;
using Looper.Core.Serving;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Experiments;

/// <summary>What the models of before the experiment foretell of a unit, from its features as served at its exposure: computed the same way whatever
/// the unit's arm did, fixed options included, by models that had learned nothing of the experiment's outcomes (MLRATE: Guo et al. 2021).</summary>
public sealed class ModelScore
{
    private readonly Func<DecisionRecord, double> _of;

    private ModelScore(Func<DecisionRecord, double> of) => _of = of;

    /// <summary>Why no unit has one; null where they do.</summary>
    public string? Why { get; private init; }

    /// <summary>Numbers of the models behind it.</summary>
    public ImmutableArray<int> Models { get; private init; } = [];

    /// <summary>NaN where it is not known.</summary>
    public double Of(DecisionRecord exposure) => _of(exposure);

    /// <summary>A score that is known already.</summary>
    public static ModelScore From(Func<DecisionRecord, double> of) => new(of);

    /// <summary>None, and why.</summary>
    public static ModelScore None(string why) => new(_ => double.NaN) { Why = why };

    /// <summary>Scores contexts as served by models of before the experiment.</summary>
    /// <param name="blueprint">Its goal says which outcomes are foretold.</param>
    /// <param name="features">The features of each blueprint version that may have served.</param>
    public static ModelScore Of(BlueprintContent blueprint, IReadOnlyDictionary<int, ImmutableArray<Feature>> features, ImmutableArray<ModelSource> models)
    {
        var scores = LoggedScores.Compile(blueprint, models);
        if (scores.Value is not { } known) return None(scores.Refusal!.Reason.TrimEnd('.'));
        return new(exposure => features.TryGetValue(exposure.BlueprintVersion, out var then) ? known.Of(exposure.BlueprintVersion, then, exposure.Served.Span) : double.NaN)
        {
            Models = [.. models.Select(m => m.Number).Order()],
        };
    }

    internal static async Task<ModelScore> FindAsync(
        LooperDb db, Experiment experiment, BlueprintContent blueprint, IReadOnlyDictionary<int, ImmutableArray<Feature>> features, CancellationToken cancel)
    {
        if (experiment.StartedAt is not { } start) return None("the experiment has no start, so no model can be said to be from before it");
        if (blueprint.Shape.TakesCandidates()) return None("candidates come with each call, and an arm that asks no model keeps none of what one would say of them");
        if (!blueprint.Shape.HasOptions() && blueprint.Shape != DecisionShape.Value) return None("no model scores the answers of this decision point");
        var before = await db.Set<Model>().AsNoTracking().Where(m => m.DecisionPointId == experiment.DecisionPointId)
            .Select(m => new { m.Id, m.Number, m.Outcome, m.DataUntil, m.PromotedAt, m.RetiredAt }).ToListAsync(cancel);
        var chosen = ImmutableArray.CreateBuilder<ModelSource>();
        foreach (var outcome in blueprint.Goal.Terms.Select(t => t.Outcome))
        {
            // The one that served when it started, else the newest of before.
            if (before.Where(m => m.Outcome == outcome && m.DataUntil <= start)
                .OrderByDescending(m => m.PromotedAt <= start && !(m.RetiredAt <= start)).ThenByDescending(m => m.Number).FirstOrDefault() is not { } model)
                return None(string.Create(CultureInfo.InvariantCulture, $"no model of {outcome} had been trained when the experiment started; one trained since has learned from its outcomes"));
            chosen.Add(new(model.Number, outcome, await db.Set<Model>().AsNoTracking().Where(m => m.Id == model.Id).Select(m => m.Artefact).SingleAsync(cancel)));
        }

        return Of(blueprint, features, chosen.ToImmutable());
    }
}
