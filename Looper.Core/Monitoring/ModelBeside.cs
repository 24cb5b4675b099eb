using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Learning;
using Looper.Core.Models;
using Looper.Core.Persistence;
using Looper.Core.Serving;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Monitoring;

/// <summary>What a live model knows of features, from what is stored with it, and how they have moved away from where it learned.</summary>
internal sealed class ModelBeside
{
    private readonly ServedProfile? _then;
    private readonly ProfileCounter? _now;
    private readonly ImmutableArray<DriftFigure> _drift;
    private readonly Dictionary<string, FeatureImportance> _importance;
    private readonly ILookup<string, Column> _columns;

    private ModelBeside(Model stored, LiveProfile? live, UnitCount? count)
    {
        var quality = ModelJson.Read<ModelQuality>(stored.Metrics);
        (_then, _now) = (live?.Then, count?.Count());
        Model = new(stored.Number, stored.Outcome, quality?.Task ?? PredictionTask.Number, count?.From, _now?.Rows ?? 0, quality?.Rows ?? 0, quality?.Rarer ?? 0);
        _drift = _then is null ? [] : Drift.OfFeatures(_then, _now!);
        _importance = (stored.Importance is "" or "[]" ? [] : ModelJson.Read<FeatureImportance[]>(stored.Importance)!).ToDictionary(i => i.Feature, StringComparer.Ordinal);
        _columns = (Artefact.Read(stored.Artefact).Value?.Columns ?? []).ToLookup(c => Column.FeatureOf(c.Name), StringComparer.Ordinal);
    }

    public ProfiledModel Model { get; }

    /// <summary>Live models of outcomes that the blueprint has, those of the goal first, in its order.</summary>
    /// <param name="counts">One per model of the point that kept its profile.</param>
    public static async Task<ImmutableArray<ModelBeside>> ReadAsync(LooperDb db, LivePoint point, ImmutableArray<UnitCount> counts, CancellationToken cancel)
    {
        var live = await db.Set<Model>().AsNoTracking().Where(m => m.DecisionPointId == point.Id && m.State == ModelState.Live).Select(m => new Model
        {
            Number = m.Number, Outcome = m.Outcome, Metrics = m.Metrics, Importance = m.Importance, Artefact = m.Artefact,
        }).ToListAsync(cancel);
        string[] goal = [.. point.Current.Goal.Terms.Select(t => t.Outcome)];
        return
        [
            .. live.Where(m => point.Current.Outcomes.Any(o => o.Name == m.Outcome)).OrderBy(m => Array.IndexOf(goal, m.Outcome) is >= 0 and var place ? place : int.MaxValue).ThenBy(m => m.Number).Select(m =>
            {
                var at = point.Models.FirstOrDefault(p => p.Number == m.Number) is { } profile ? point.Models.IndexOf(profile) : -1;
                return new ModelBeside(m, at < 0 ? null : point.Models[at], at < 0 ? null : counts[at]);
            }),
        ];
    }

    public FeatureBeside Beside(FeatureValues values)
    {
        var feature = values.Feature;
        var columns = _columns[feature.Name].ToList();
        var importance = Model.IsJudged ? _importance.GetValueOrDefault(feature.Name) : null;
        return new(
            Model.Number, columns.Count > 0, UnknownShare(values, columns), _drift.FirstOrDefault(d => d.Subject == feature.Name), feature.IsPersonal ? [] : Bins(feature.Name),
            importance, importance is null ? null : FeatureWords.Worth(importance, Model.Task));
    }

    private static double UnknownShare(FeatureValues values, List<Column> columns) => values.Feature.Kind switch
    {
        _ when columns.Count == 0 => double.NaN,
        FeatureKind.Category => FeatureFigures.UnknownShare(values, columns.SelectMany(c => c.Categories)),
        FeatureKind.Tags => FeatureFigures.UnknownShare(values, columns.Where(c => c.Name != values.Feature.Name).Select(c => c.Name[(values.Feature.Name.Length + 1)..^1])),
        _ => double.NaN,
    };

    private ImmutableArray<ProfileBin> Bins(string feature)
    {
        if (_then is null || _now!.Rows < Drift.FewestUnits) return [];
        for (var i = 0; i < _then.Features.Length; i++)
        {
            if (_then.Features[i].Name == feature && _then.Features[i].Rows >= Drift.FewestUnits) return FeatureFigures.Bins(_then.Features[i], _now.Of(i));
        }
        return [];
    }
}
