using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Learning;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Models;

/// <summary>Judges two models on the same newest examples.</summary>
public sealed class ModelComparisons(IDbContextFactory<LooperDb> databases, ExampleReader reader)
{
    /// <summary>Examples looked at, at most: what keeps the answer within a second.</summary>
    public const int MostRows = 5_000;

    public async Task<Answered<SameRowsView>> OnSameRowsAsync(Caller caller, string key, int a, int b, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Key == key, cancel);
        if (point is null) return ModelQueries.UnknownPoint(key);
        var models = await db.Set<Model>().AsNoTracking().Where(m => m.DecisionPointId == point.Id && (m.Number == a || m.Number == b)).ToListAsync(cancel);
        if (models.Find(m => m.Number == a) is not { } one) return ModelQueries.Unknown(key, a);
        if (models.Find(m => m.Number == b) is not { } other) return ModelQueries.Unknown(key, b);
        if (one.Outcome != other.Outcome)
            return new Refusal("model.other-outcome", $"Model {a} predicts `{one.Outcome}` and model {b} `{other.Outcome}`: there is no example on which both could be judged. Choose two models of one outcome.");
        var (readA, readB) = (Artefact.Read(one.Artefact), Artefact.Read(other.Artefact));
        if ((readA.Refusal ?? readB.Refusal) is { } unreadable) return new Refusal("model.unreadable", $"The two cannot be compared: {unreadable.Reason}");
        var stored = await StoredVersions.ReadAsync(db, point.Id, cancel);
        var (contents, newest) = (stored.Contents, Math.Max(one.BlueprintVersion, other.BlueprintVersion));
        stored.Need(newest);
        if (contents.GetValueOrDefault(newest) is not { } content || content.Outcomes.FirstOrDefault(o => o.Name == one.Outcome) is not { } outcome)
            return new Refusal("model.outcome-gone", $"Blueprint version {newest} no longer names `{one.Outcome}`, so its examples cannot be read.");
        var versions = new VersionTable(content, contents);
        var (asked, theirs) = (TargetOf(one, outcome, content), TargetOf(other, outcome, content));
        if (asked != theirs)
            return new Refusal("model.other-target", $"Model {a} and model {b} predict different things of `{outcome.Name}`, so no one loss judges both. Choose two models of one target.");
        var (rows, examples, newer) = await RowsAsync(point.Id, outcome, versions, one, other, cancel);
        return Judge(content, versions, outcome, asked, examples, rows, readA.Value!, readB.Value!, ConstantOf(one), newer);
    }

    private async Task<(int[] Rows, ExampleSet Examples, DateTimeOffset Newer)> RowsAsync(
        Guid point, Outcome outcome, VersionTable versions, Model a, Model b, CancellationToken cancel)
    {
        var newer = new[] { FittedUntil(a), FittedUntil(b) }.Max();
        var reading = new ExampleReading([outcome], versions, provisional: false);
        var query = new ExampleQuery(point, [outcome]) { From = newer.AddTicks(1), ClosedOnly = true, Newest = MostRows };
        await reading.ReadAsync(reader, query, (_, _) => { }, cancel);
        return (reading.RowsOf(0).Rows, reading.Examples, newer);
    }

    internal static SameRowsView Judge(
        BlueprintContent content, VersionTable versions, Outcome outcome, Target target, ExampleSet examples, int[] rows, TrainedPredictor a, TrainedPredictor b,
        double average, DateTimeOffset newer)
    {
        var builder = new DataSetBuilder(content, versions, examples);
        var labels = rows.Select(r => examples.Label(0, r)).ToArray();
        var units = rows.Select(examples.Unit).ToArray();
        var (ofA, ofB) = (builder.Predict(a, rows), builder.Predict(b, rows));
        ModelQuality Quality(double[] predictions) => Evaluation.Of(
            target, labels, predictions, units, [.. rows.Select(r => versions.CurrentOption(examples.Version(r), examples.Option(r)))], [.. content.Options.Select(o => o.Key)], average);
        var quality = rows.Length == 0 ? null : Quality(ofA);
        if (quality is not { IsEnough: true }) return new(rows.Length, ModelQuality.EnoughRows, newer, null, null, null, null);
        var gain = Gate.Difference(RowLoss.Of(target, labels, ofA), RowLoss.Of(target, labels, ofB), units);
        var same = content.Options.IsEmpty ? double.NaN : SameOption(new(content, versions, examples, outcome.Better), a, b, rows);
        return new(rows.Length, ModelQuality.EnoughRows, newer, quality, Quality(ofB), gain, new(RankCorrelation(ofA, ofB), ofA.Zip(ofB, (x, y) => Math.Abs(x - y)).Average(), same));
    }

    private static double SameOption(OptionScores scores, TrainedPredictor a, TrainedPredictor b, int[] rows) =>
        rows.Zip(scores.Best(a, rows).Zip(scores.Best(b, rows)), (_, best) => best.First == best.Second ? 1.0 : 0).Average();

    private static double RankCorrelation(double[] a, double[] b)
    {
        var (x, y) = (Metrics.MidRanks(a), Metrics.MidRanks(b));
        double mx = x.Average(), my = y.Average(), xx = 0, yy = 0, xy = 0;
        for (var i = 0; i < x.Length; i++)
        {
            xx += (x[i] - mx) * (x[i] - mx);
            yy += (y[i] - my) * (y[i] - my);
            xy += (x[i] - mx) * (y[i] - my);
        }
        return xx > 0 && yy > 0 ? xy / Math.Sqrt(xx * yy) : double.NaN;
    }

    private static DateTimeOffset FittedUntil(Model model) => ModelJson.Read<Lineage>(model.Settings)?.FittedUntil ?? model.DataUntil;

    private static double ConstantOf(Model model) => ModelJson.Read<DataSnapshot>(model.Data)?.Constant ?? double.NaN;

    /// <summary>As it was trained, whatever the outcome's kind and the settings are now.</summary>
    private static Target TargetOf(Model model, Outcome outcome, BlueprintContent content) =>
        ModelJson.Read<ModelQuality>(model.Metrics) is { } quality ? new(quality.Task, quality.Tau)
        : Target.Of(outcome, ModelJson.Read<Lineage>(model.Settings)?.Plan ?? content.Training);
}
