using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Learning;
using Looper.Core.Models;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Monitoring;

/// <summary>Scores again what was decided since a live model went live, and holds it against what came of it.</summary>
public sealed class LiveQualityFigures(ExampleReader reader)
{
    /// <summary>Examples read at most, the newest: what bounds a look.</summary>
    private const int Most = 50_000;

    /// <param name="numbers">Only these models; empty takes every live one.</param>
    /// <returns>One per model that can be read and whose outcome the blueprint still names.</returns>
    internal async Task<List<LiveQuality>> LookAsync(LooperDb db, Guid point, IReadOnlyCollection<int> numbers, CancellationToken cancel)
    {
        var current = await db.Set<DecisionPoint>().AsNoTracking().Where(p => p.Id == point).Select(p => p.CurrentVersion).SingleOrDefaultAsync(cancel);
        var models = await db.Set<Model>().AsNoTracking()
            .Where(m => m.DecisionPointId == point && m.PromotedAt != null && (numbers.Count == 0 ? m.State == ModelState.Live : numbers.Contains(m.Number))).ToListAsync(cancel);
        var looked = new List<LiveQuality>();
        if (current == 0 || models.Count == 0) return looked;
        var stored = await StoredVersions.ReadAsync(db, point, cancel);
        var (contents, content) = (stored.Contents, stored.Of(current));
        foreach (var model in models)
        {
            if (content.Outcomes.FirstOrDefault(o => o.Name == model.Outcome) is not { } outcome || Artefact.Read(model.Artefact).Value is not { } predictor) continue;
            looked.Add(await LookAsync(point, model, predictor, outcome, content, new VersionTable(content, contents, asServed: true), cancel));
        }
        return looked;
    }

    private async Task<LiveQuality> LookAsync(
        Guid point, Model model, TrainedPredictor predictor, Outcome outcome, BlueprintContent content, VersionTable versions, CancellationToken cancel)
    {
        var from = model.PromotedAt!.Value;
        var reading = new ExampleReading([outcome], versions, provisional: false);
        var query = new ExampleQuery(point, [outcome]) { From = from, Until = model.State == ModelState.Live ? null : model.RetiredAt, ClosedOnly = true, Newest = Most };
        await reading.ReadAsync(reader, query, (_, _) => { }, cancel);
        var examples = reading.Examples;
        var seen = new HashSet<ulong>();
        var rows = reading.RowsOf(0).Rows.Where(r => seen.Add(examples.Unit(r))).ToArray(); // examples come in order of time: the unit's first
        var predictions = new DataSetBuilder(content, versions, examples).Predict(predictor, rows);
        var target = Target.Of(outcome, ModelJson.Read<Lineage>(model.Settings)?.Plan ?? content.Training);
        var average = ModelJson.Read<DataSnapshot>(model.Data)?.Constant ?? double.NaN;
        return LiveQuality.Of(
            model.Number, model.Outcome, target, from, [.. rows.Select((r, i) => new JudgedExample(new(examples.Ticks(r), TimeSpan.Zero), examples.Label(0, r), predictions[i]))], average);
    }
}
