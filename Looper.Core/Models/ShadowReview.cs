using System.Text.Json;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Learning;
using Looper.Core.Metering;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Looper.Core.Models;

/// <summary>Compares every model in the shadow with the live one on the decisions made since, and ends the shadow when there is enough.
/// Each look counts everything again from the journal, so that a look that was lost, or made twice, changes nothing.</summary>
public sealed class ShadowReview(IDbContextFactory<LooperDb> databases, ExampleReader examples, Ids ids, ChangeFeed changes, TimeProvider clock, ILogger<ShadowReview> log)
{
    /// <summary>Newest examples compared at most, unless the plan asks for more: of all since the shadow began, and of those with closed windows.</summary>
    public const int MostExamples = 20_000;

    /// <summary>Looks at every shadow once. One that fails keeps none of the others from ending.</summary>
    /// <returns>How many shadows ended.</returns>
    /// <exception cref="AggregateException">What failed, after all have been looked at.</exception>
    public async Task<int> CheckAsync(CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var waiting = await db.Set<Model>().AsNoTracking().Where(m => m.State == ModelState.Shadow).Select(m => m.Id).ToListAsync(cancel);
        var (ended, faults) = (0, new List<Exception>());
        foreach (var id in waiting)
        {
            try
            {
                if (await LookAsync(id, cancel)) ended++;
            }
            catch (DbUpdateConcurrencyException)
            {
                // Somebody promoted or retired a model meanwhile: the next look starts from what is there then.
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                faults.Add(fault);
            }
        }
        return faults.Count == 0 ? ended : throw new AggregateException(faults);
    }

    private async Task<bool> LookAsync(Guid id, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var model = await db.Set<Model>().SingleOrDefaultAsync(m => m.Id == id && m.State == ModelState.Shadow, cancel);
        if (model?.ShadowedAt is not { } since) return false;
        using var counted = WorkMeter.For(model.DecisionPointId);
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleAsync(p => p.Id == model.DecisionPointId, cancel);
        var live = await db.Set<Model>().SingleOrDefaultAsync(m => m.DecisionPointId == point.Id && m.Outcome == model.Outcome && m.State == ModelState.Live, cancel);
        var stored = await StoredVersions.ReadAsync(db, point.Id, cancel);
        var (contents, current) = (stored.Contents, stored.Of(point.CurrentVersion));
        var trained = ModelJson.Read<Evidence>(model.Evidence) ?? Evidence.None;
        var outcome = current.Outcomes.FirstOrDefault(o => o.Name == model.Outcome);
        if (outcome is null || Artefact.Read(model.Artefact).Value is not { } candidate || live is null || TrainingPipeline.LiveOf(live) is not { } beside)
            return await EndAsync(db, model, live, trained with { Holds = false, Verdict = "Not promoted: what it was compared with is gone. Train again, or promote it by hand." }, GateVerdict.Kept, cancel);
        if (Outdated(point, stored, model, outcome) is { } outdated)
            return await EndAsync(db, model, live, trained with { Holds = false, Verdict = $"Not promoted: {outdated}" }, GateVerdict.Kept, cancel);
        if (await ComparedWithAsync(db, model, cancel) != live.Number)
            return await EndAsync(db, model, live, trained with { Holds = false, Verdict = "Not promoted: another model went live while it was in the shadow. Train again, or promote it by hand." }, GateVerdict.Kept, cancel);

        var versions = new VersionTable(current, contents, asServed: true); // both models are scored again on what was served
        var plan = current.Training.Gate;
        var query = new ExampleQuery(point.Id, [outcome]) { From = since, Newest = Math.Max(MostExamples, plan.ShadowDecisions) };
        var reading = await ReadAsync(query, outcome, versions, cancel);
        if (reading.Examples.Rows == 0) return false;
        var decided = await examples.CountClosedAsync(new(point.Id, []) { From = since }, cancel); // without outcomes no window is open
        var quality = ModelJson.Read<ModelQuality>(model.Metrics);
        var target = quality is null ? Target.Of(outcome, current.Training) : new Target(quality.Task, quality.Tau);
        var profile = ModelJson.Read<ServedProfile>(model.Profile) ?? new([], null);
        ShadowComparison Compare(ExampleReading read) => new Shadowing(current, versions, read.Examples, outcome, clock).Compare(candidate, beside, target, profile);
        var shadow = Compare(reading) with { Decisions = (int)(Math.Max(decided, reading.Decisions) - reading.LeftOut) };
        if (decided > reading.Decisions) // where more is decided within a window than is compared at once, the newest are all open still
            shadow = shadow.On(Compare(await ReadAsync(query with { ClosedOnly = true }, outcome, versions, cancel)));
        model.Shadow = JsonSerializer.Serialize(shadow, ModelJson.Options);
        if (!ShadowGate.IsReady(shadow, plan, outcome, clock.GetUtcNow() - since))
        {
            await db.SaveChangesAsync(cancel);
            changes.Announce(ChangeKind.Model, model.Id);
            return false;
        }
        var judged = ShadowGate.Judge(shadow, plan, clock.GetUtcNow());
        var both = Evidence.Of(judged.JudgedAt, $"{trained.Comparison}; then {judged.Comparison}", [.. trained.Lines, .. judged.Lines]);
        if (!judged.Holds) return await EndAsync(db, model, live, both with { Verdict = $"Not promoted. {judged.Verdict}" }, GateVerdict.Kept, cancel);
        if (!current.Training.PromoteAutomatically)
            return await EndAsync(db, model, live, both with { Verdict = "The rule holds. The blueprint leaves promoting to a person." }, GateVerdict.LeftToPerson, cancel);
        await EndAsync(db, model, live, Registration.Promote(db, point.Key, model, live, judged.JudgedAt, both), GateVerdict.Promoted, cancel);
        ModelEvents.Promoted(log, point.Key, model.Number, "rule");
        return true;
    }

    /// <summary>What was published or archived since, for which it may not go live however well it did; null where it may.</summary>
    private static string? Outdated(DecisionPoint point, StoredVersions stored, Model model, Outcome outcome) =>
        point.IsArchived ? "the decision point was archived while it was in the shadow. Restore it, then promote by hand."
        : stored.Contents.GetValueOrDefault(model.BlueprintVersion) is not { } then
            ? $"blueprint version {model.BlueprintVersion}, for which it was trained, cannot be read, so whether it still predicts the same is not known. Train again."
        : !VersionTable.Shares(then, outcome) ? $"a version that defines `{outcome.Name}` otherwise was published while it was in the shadow. Train again."
        : null;

    private async Task<ExampleReading> ReadAsync(ExampleQuery query, Outcome outcome, VersionTable versions, CancellationToken cancel)
    {
        var reading = new ExampleReading([outcome], versions, provisional: false);
        await reading.ReadAsync(examples, query, (_, _) => { }, cancel);
        return reading;
    }

    private async Task<bool> EndAsync(LooperDb db, Model model, Model? live, Evidence evidence, GateVerdict verdict, CancellationToken cancel)
    {
        if (verdict != GateVerdict.Promoted) model.State = ModelState.Candidate;
        model.Evidence = JsonSerializer.Serialize(evidence, ModelJson.Options);
        db.Add(Registration.DecisionOf(ids, model, live?.Number, clock.GetUtcNow(), GateStage.Shadow, verdict, "rule", null, evidence));
        await db.SaveChangesAsync(cancel);
        changes.Announce(ChangeKind.Model, model.Id);
        return true;
    }

    private static Task<int?> ComparedWithAsync(LooperDb db, Model model, CancellationToken cancel) =>
        db.Set<GateDecision>().Where(d => d.DecisionPointId == model.DecisionPointId && d.ModelNumber == model.Number && d.Stage == GateStage.Training)
            .Select(d => d.LiveNumber).FirstOrDefaultAsync(cancel);
}
