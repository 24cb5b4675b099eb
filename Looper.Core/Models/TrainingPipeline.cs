using System.Buffers.Binary;
using System.Collections.Immutable;
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

/// <summary>Reads a decision point's examples once, trains one candidate per goal outcome, and registers what came out.</summary>
public sealed class TrainingPipeline(IDbContextFactory<LooperDb> databases, ExampleReader examples, ILearner learner, Ids ids, TimeProvider clock)
{
    /// <summary>Examples learned from at most, the newest ones: what bounds the memory of a training.</summary>
    public const int MostExamples = 1_000_000;

    /// <param name="until">Decisions before this moment; windows count as open or closed at it.</param>
    /// <param name="runId">Gives the seed, so that a run that starts again makes the same models.</param>
    /// <param name="report">Phase and percent.</param>
    /// <param name="say">A line for the log.</param>
    /// <returns>What was trained; or why nothing can be, and what to do.</returns>
    public async Task<Answered<TrainingResult>> TrainAsync(
        Guid decisionPointId, TrainingInput input, DateTimeOffset until, Guid runId, Action<string, double> report, Action<string> say, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(say);
        var started = clock.GetTimestamp();
        await using var db = await databases.CreateDbContextAsync(cancel);
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Id == decisionPointId, cancel);
        if (point is null) return new Refusal("decision-point.unknown", $"The decision point {decisionPointId} is gone; there is nothing to train for.");
        if (point.CurrentVersion == 0) return new Refusal("model.nothing-published", $"'{point.Key}' has no published blueprint yet. Publish one, then train.");
        var blueprints = await db.Set<Blueprint>().AsNoTracking().Where(b => b.DecisionPointId == decisionPointId).ToListAsync(cancel);
        var contents = blueprints.ToDictionary(b => b.Version, b => BlueprintJson.Stored(b.Content));
        var current = contents[point.CurrentVersion];
        var outcomes = GoalOutcomes(current);
        if (outcomes.IsEmpty) return new Refusal("model.no-goal", $"The goal of '{point.Key}' names no outcome, so there is nothing to predict. Add one to the blueprint.");

        report("Gather examples", 1);
        var versions = new VersionTable(current, contents);
        var reading = new ExampleReading(outcomes, versions, input.Provisional);
        await reading.ReadAsync(examples, new ExampleQuery(decisionPointId, outcomes) { Until = until, AsOf = until, Newest = MostExamples }, report, cancel);
        say(reading.Summary);

        var live = await LiveAsync(db, decisionPointId, cancel);
        var trainer = new Trainer(current, versions, reading.Examples, learner, clock);
        var trained = ImmutableArray.CreateBuilder<Trained>();
        var refusals = new List<Refusal>();
        foreach (var (outcome, index) in outcomes.Select((o, i) => (o, i)))
        {
            var (from, share) = (20 + 78.0 * index / outcomes.Length, 78.0 / outcomes.Length);
            void Say(string phase, double done) => report(outcomes.Length == 1 ? phase : $"{phase}: {outcome.Name}", from + share * done);
            var fit = trainer.Fit(reading.RowsOf(index), live.GetValueOrDefault(outcome.Name), input.Why, SeedOf(runId, index), Say, cancel);
            if (fit.Refusal is { } refusal)
            {
                say($"No model for {outcome.Name}: {refusal.Reason}");
                refusals.Add(refusal);
                continue;
            }
            say(Describe(fit.Value!));
            trained.Add(fit.Value!);
        }
        if (trained.Count == 0) return refusals[0];
        report("Register", 99);
        return new TrainingResult(point.Id, point.Key, point.CurrentVersion, current.Training.PromoteAutomatically, runId, clock.GetUtcNow(),
            clock.GetElapsedTime(started).TotalSeconds / trained.Count, trained.ToImmutable(), [.. refusals.Select(r => r.Reason)]);
    }

    /// <summary>Adds the candidates, and makes live those whose rule holds. Does not save.</summary>
    public async Task<ImmutableArray<Registered>> RegisterAsync(LooperDb db, TrainingResult result, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(result);
        var number = await db.Set<Model>().Where(m => m.DecisionPointId == result.DecisionPointId).MaxAsync(m => (int?)m.Number, cancel) ?? 0;
        var made = ImmutableArray.CreateBuilder<Registered>();
        for (var i = 0; i < result.Trained.Length; i++)
        {
            var model = ModelOf(result, i, ++number);
            db.Add(model);
            var live = await db.Set<Model>().SingleOrDefaultAsync(
                m => m.DecisionPointId == result.DecisionPointId && m.Outcome == model.Outcome && m.State == ModelState.Live, cancel);
            var evidence = result.Trained[i].Evidence;
            if (!evidence.Holds) evidence = evidence with { Verdict = $"Not promoted. {evidence.Verdict}" };
            else if (live?.Number != result.Trained[i].ComparedWith) evidence = evidence with { Holds = false, Verdict = "Not promoted: the live model changed while this one was trained. Train again, or promote it by hand." };
            else if (!result.PromoteAutomatically) evidence = evidence with { Verdict = "The rule holds. The blueprint leaves promoting to a person." };
            else
            {
                live?.Retire(result.At);
                model.Promote(result.At);
                evidence = evidence with { Verdict = string.Create(CultureInfo.InvariantCulture, $"Promoted by rule at {result.At:d MMM yyyy HH:mm} UTC.") };
                db.Add(AuditEntry.Of(Caller.System, "model.promoted", $"{result.Key}/{number}", result.At, live is null ? null : $"{result.Key}/{live.Number}", $"{result.Key}/{number}", "by rule"));
            }
            model.Evidence = JsonSerializer.Serialize(evidence, ModelJson.Options);
            made.Add(new(model, evidence.Verdict));
        }
        return made.ToImmutable();
    }

    private Model ModelOf(TrainingResult result, int index, int number)
    {
        var trained = result.Trained[index];
        return new Model
        {
            Id = ids.Next(),
            DecisionPointId = result.DecisionPointId,
            Number = number,
            Outcome = trained.Outcome.Name,
            State = ModelState.Candidate,
            BlueprintVersion = result.BlueprintVersion,
            Family = "trees",
            Seed = SeedOf(result.RunId, index),
            DataFrom = trained.DataFrom,
            DataUntil = trained.DataUntil,
            Rows = trained.Rows,
            TrainedAt = result.At,
            TrainSeconds = result.SecondsEach,
            JobRunId = result.RunId,
            Metrics = JsonSerializer.Serialize(trained.Quality, ModelJson.Options),
            Importance = JsonSerializer.Serialize(trained.Importance, ModelJson.Options),
            Settings = JsonSerializer.Serialize(trained.Lineage, ModelJson.Options),
            Artefact = Artefact.Write(trained.Predictor),
        };
    }

    private static async Task<Dictionary<string, LiveModel>> LiveAsync(LooperDb db, Guid point, CancellationToken cancel)
    {
        var live = new Dictionary<string, LiveModel>();
        foreach (var model in await db.Set<Model>().AsNoTracking().Where(m => m.DecisionPointId == point && m.State == ModelState.Live).ToListAsync(cancel))
        {
            // A live model that cannot be read serves nothing either; the candidate then has only the average to beat.
            if (Artefact.Read(model.Artefact) is not { Value: { } predictor }) continue;
            var until = ModelJson.Read<Lineage>(model.Settings)?.FittedUntil ?? model.DataUntil;
            live[model.Outcome] = new(model.Number, predictor, model.TrainedAt, until);
        }
        return live;
    }

    private static ImmutableArray<Outcome> GoalOutcomes(BlueprintContent content) =>
        [.. content.Outcomes.Where(o => content.Goal.Terms.Any(t => t.Outcome == o.Name))];

    private static long SeedOf(Guid run, int index) => BinaryPrimitives.ReadInt64LittleEndian(run.ToByteArray().AsSpan(8)) + index;

    private static string Describe(Trained trained) => string.Create(
        CultureInfo.InvariantCulture,
        $"{trained.Outcome.Name}: {trained.Rows:N0} examples, {trained.Lineage.Rounds} rounds; {trained.Quality.Main?.Name} {trained.Quality.Main?.Value:G4}, always the average {trained.Quality.Main?.Average:G4}. {trained.Evidence.Verdict}");
}

/// <param name="Verdict">Whether it was promoted, and why.</param>
public sealed record Registered(Model Model, string Verdict);

/// <param name="SecondsEach">Time spent on each model.</param>
/// <param name="Refused">Why outcomes got no model.</param>
public sealed record TrainingResult(
    Guid DecisionPointId, string Key, int BlueprintVersion, bool PromoteAutomatically, Guid RunId, DateTimeOffset At, double SecondsEach,
    ImmutableArray<Trained> Trained, ImmutableArray<string> Refused);
