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
using Looper.Core.Runs;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Models;

/// <summary>Reads a decision point's examples once and trains one candidate per goal outcome. <see cref="Registration"/> stores what came out.</summary>
public sealed class TrainingPipeline(IDbContextFactory<LooperDb> databases, ExampleReader examples, TimeProvider clock)
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
        if (point.IsArchived) return Archived(point.Key);
        var stored = await StoredVersions.ReadAsync(db, decisionPointId, cancel);
        var (contents, current) = (stored.Contents, stored.Of(point.CurrentVersion));
        var outcomes = GoalOutcomes(current);
        if (outcomes.IsEmpty) return new Refusal("model.no-goal", $"The goal of '{point.Key}' names no outcome, so there is nothing to predict. Add one to the blueprint.");

        if (await IsImportingAsync(db, decisionPointId, cancel))
            return ImportOpen(point.Key); // it began after this was asked for

        report("Gather examples", 1);
        var versions = new VersionTable(current, contents, recalls: true);
        var reading = new ExampleReading(outcomes, versions, input.Provisional);
        await reading.ReadAsync(examples, new ExampleQuery(decisionPointId, outcomes) { Until = until, AsOf = until, Newest = MostExamples }, report, cancel);
        say(reading.Summary);

        var live = await LiveAsync(db, decisionPointId, cancel);
        var trainer = new Trainer(current, versions, reading.Examples, clock);
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
            foreach (var finding in fit.Value!.Preparation.Findings) say($"{outcome.Name}: {finding.Sentence}");
            foreach (var step in fit.Value.Preparation.Selection?.Steps ?? []) say($"{outcome.Name}: {step.Why}");
            foreach (var trial in fit.Value.Preparation.Trials) say(Describe(outcome, trial));
            say(Describe(fit.Value));
            trained.Add(fit.Value with { Lineage = fit.Value.Lineage with { ReadAt = until, Provisional = input.Provisional } });
        }
        if (trained.Count == 0) return refusals[0];
        report("Register", 99);
        return new TrainingResult(point.Id, point.Key, point.CurrentVersion, runId, clock.GetUtcNow(),
            clock.GetElapsedTime(started).TotalSeconds / trained.Count, trained.ToImmutable(), [.. refusals.Select(r => r.Reason)]);
    }

    internal static Refusal Archived(string key) => new("decision-point.archived", $"'{key}' is archived. Restore it, then train.");

    internal static Refusal ImportOpen(string key) =>
        new("model.import-open", $"Decisions of '{key}' are being imported, and half of a file is no fair sample of it. Train when the import has ended, or cancel it.");

    /// <summary>Rows of a file are still coming in.</summary>
    internal static Task<bool> IsImportingAsync(LooperDb db, Guid point, CancellationToken cancel) => db.Set<JobRun>().AnyAsync(
        r => r.DecisionPointId == point && r.Kind == JobKinds.Import && (r.State == JobState.Queued || r.State == JobState.Running || r.State == JobState.Cancelling), cancel);

    internal static LiveModel? LiveOf(Model model) =>
        // A live model that cannot be read serves nothing either; the candidate then has only the average to beat.
        Artefact.Read(model.Artefact) is { Value: { } predictor }
            ? new(model.Number, predictor, model.TrainedAt, ModelJson.Read<Lineage>(model.Settings)?.FittedUntil ?? model.DataUntil)
            : null;

    private static async Task<Dictionary<string, LiveModel>> LiveAsync(LooperDb db, Guid point, CancellationToken cancel)
    {
        var live = new Dictionary<string, LiveModel>();
        foreach (var model in await db.Set<Model>().AsNoTracking().Where(m => m.DecisionPointId == point && m.State == ModelState.Live).ToListAsync(cancel))
        {
            if (LiveOf(model) is { } readable) live[model.Outcome] = readable;
        }
        return live;
    }

    internal static ImmutableArray<Outcome> GoalOutcomes(BlueprintContent content) =>
        [.. content.Outcomes.Where(o => content.Goal.Terms.Any(t => t.Outcome == o.Name))];

    internal static long SeedOf(Guid run, int index) => BinaryPrimitives.ReadInt64LittleEndian(run.ToByteArray().AsSpan(8)) + index;

    private static string Describe(Outcome outcome, TriedSettings trial) => string.Create(
        CultureInfo.InvariantCulture, $"{outcome.Name}: tried {trial.Family}, {trial.Settings}: loss {trial.Loss:G5}{(trial.IsChosen ? ", chosen" : "")}");

    private static string Describe(Trained trained) => string.Create(
        CultureInfo.InvariantCulture,
        $"{trained.Outcome.Name}: {trained.Data.Rows:N0} examples, {trained.Lineage.Learner}{(trained.Lineage.Rounds > 0 ? $" of {trained.Lineage.Rounds} rounds" : "")}; {trained.Quality.Main?.Name} {trained.Quality.Main?.Value:G4}, always the average {trained.Quality.Main?.Average:G4}. {trained.Evidence.Verdict}");
}
