using System.Globalization;
using System.Text.Json;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Learning;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Models;

/// <summary>Which model a run makes again, as the run stores it.</summary>
public sealed record RepeatedTrainingInput(int Number)
{
    public string Write() => JsonSerializer.Serialize(this, ModelJson.Options);

    public static RepeatedTrainingInput? Read(string json) => ModelJson.Read<RepeatedTrainingInput>(json);
}

/// <summary>Trains a model again from its lineage, on the data as they were then, and says whether the same bytes come out. Adds no model.</summary>
public sealed class RepeatedTraining(IDbContextFactory<LooperDb> databases, ExampleReader examples, TimeProvider clock)
{
    /// <returns>What came out, in words; or why the model cannot be made again.</returns>
    public async Task<Answered<string>> RunAsync(
        Guid decisionPointId, int number, Action<string, double> report, Action<string> say, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(say);
        await using var db = await databases.CreateDbContextAsync(cancel);
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Id == decisionPointId, cancel);
        if (point is null) return new Refusal("decision-point.unknown", $"The decision point {decisionPointId} is gone, and its events with it.");
        var model = await db.Set<Model>().AsNoTracking().SingleOrDefaultAsync(m => m.DecisionPointId == decisionPointId && m.Number == number, cancel);
        if (model is null) return ModelQueries.Unknown(point.Key, number);
        if (ModelJson.Read<Lineage>(model.Settings) is not { ReadAt: { } at } lineage || ModelJson.Read<DataSnapshot>(model.Data) is not { } data) return NotKept(number);

        report("Gather examples", 1);
        var stored = await StoredVersions.ReadAsync(db, decisionPointId, cancel);
        stored.NeedAll(); // without one its examples would count as gone
        var (contents, content) = (stored.Contents, stored.Of(model.BlueprintVersion));
        var outcomes = TrainingPipeline.GoalOutcomes(content);
        var versions = new VersionTable(content, contents, recalls: true); // as training read them
        var reading = new ExampleReading(outcomes, versions, lineage.Provisional);
        await reading.ReadAsync(
            examples, new ExampleQuery(decisionPointId, outcomes) { Until = at, AsOf = at, Newest = TrainingPipeline.MostExamples }, report, cancel);
        say(reading.Summary);
        if (reading.Examples.HashText() is var hash && hash != data.Hash) return OtherData(number, data, reading.Examples.Rows, hash);

        var outcome = outcomes.Select((o, i) => (o.Name, Index: i)).Single(o => o.Name == model.Outcome).Index;
        var trainer = new Trainer(content, versions, reading.Examples, clock, lineage.Search);
        var fit = trainer.Fit(reading.RowsOf(outcome), null, lineage.Why, model.Seed, (phase, done) => report(phase, 20 + 78 * done), cancel);
        if (fit.Refusal is { } refusal) return refusal;
        var bytes = fit.Value!.Artefact;
        return bytes.AsSpan().SequenceEqual(model.Artefact)
            ? Text($"Model {number} was made again from {data.Rows:N0} examples: the same {bytes.Length:N0} bytes.")
            : Text($"The same {data.Rows:N0} examples gave another model: {bytes.Length:N0} bytes in place of {model.Artefact.Length:N0}. Data, settings and seed are the same, so the code is not: most likely another version of Looper made it. Train a new model to go on from.");
    }

    internal static Refusal NotKept(int number) => new(
        "model.not-repeatable", $"Model {number} cannot be made again: it is from before Looper kept as of when its data were read. Train a new one.");

    private static Refusal OtherData(int number, DataSnapshot then, int rows, string hash) => new(
        "model.other-data",
        Text($"Model {number} cannot be made again: its data are not those of then. It read {then.Read:N0} decisions (hash {then.Hash[..16]}); now there are {rows:N0} (hash {hash[..16]}). {(rows > then.Read ? "Decisions of that time were imported since." : "Events are gone by erasure, removal or age.")}"));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
