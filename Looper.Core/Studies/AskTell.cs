using System.Collections.Immutable;
using Looper.Core.Access;
using Looper.Core.Optimization;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Studies;

/// <param name="Trial">Number of the trial in its study.</param>
/// <param name="Failed">It gave no metrics and is not to be tried again.</param>
public sealed record Tell(int Trial, ImmutableSortedDictionary<string, TrialMetric>? Metrics = null, bool Failed = false, long? Units = null, string? Note = null);

/// <param name="Why">Why this setting.</param>
public sealed record Asked(int Trial, ImmutableSortedDictionary<string, ParameterValue> Parameters, string Why);

/// <summary>Lets an application outside drive a study: it asks for settings and tells what came of them.</summary>
public sealed class AskTell(IDbContextFactory<LooperDb> databases, TimeProvider clock, Ids ids, ChangeFeed changes)
{
    /// <summary>Trials to measure: those asked for before and not told yet come first, so that an asker who forgot them loses none.</summary>
    /// <param name="count">How many the asker will run side by side.</param>
    /// <returns>Fewer when what was told, or the days, end the study: none when none is open any more.</returns>
    public async Task<Answered<IReadOnlyList<Asked>>> AskAsync(Caller caller, Guid id, int count, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Analyse) is { } denied) return denied;
        if (count is < 1 or > StudyRules.MaxBatch) return new Refusal("study.invalid", $"Count: {count} is not a number from 1 to {StudyRules.MaxBatch}.", "count");
        for (var attempt = 1; ; attempt++)
        {
            await using var db = await databases.CreateDbContextAsync(cancel);
            if (await db.Set<Study>().SingleOrDefaultAsync(s => s.Id == id, cancel) is not { } study) return StudyActions.Unknown(id);
            var plan = StudyJson.ReadPlan(study.Plan);
            if (Refused(study, plan) is { } refusal) return refusal;
            var trials = await db.Set<StudyTrial>().Where(t => t.StudyId == id).OrderBy(t => t.Number).ToListAsync(cancel);
            var open = trials.Where(t => t.State == StudyTrialState.Running).Take(count).ToList();
            var missing = Math.Min(count - open.Count, plan.Trials - trials.Count);
            var now = clock.GetUtcNow();
            // where none is open, what they say was weighed when the last was told
            var over = missing <= 0 ? null : Proposals.WhyNoMore(study, plan, trials, now, isWeighed: open.Count == 0);
            if (missing <= 0 || over is not null && open.Count > 0) return new(open.ConvertAll(View), null); // it ends when those are told
            var asked = over is null ? Proposals.Add(db, study, plan, trials, missing, StudyTrialState.Running, ids, now) : [];
            if (asked.Count == 0 && open.Count == 0) study.End(StudyState.Finished, over ?? "Every allowed setting has been tried.", now);
            try
            {
                await db.SaveChangesAsync(cancel);
            }
            catch (DbUpdateException) when (attempt < 5)
            {
                continue; // another asker took the same numbers
            }
            changes.Announce(ChangeKind.Study, id);
            return new([.. open.Select(View), .. asked.Select(View)], null);
        }
    }

    /// <summary>Keeps what came of a trial. Telling the same twice is harmless; telling something else is refused.</summary>
    public async Task<Refusal?> TellAsync(Caller caller, Guid id, Tell tell, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Analyse) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Set<Study>().SingleOrDefaultAsync(s => s.Id == id, cancel) is not { } study) return StudyActions.Unknown(id);
        var plan = StudyJson.ReadPlan(study.Plan);
        if (plan.Source != TrialSource.External) return NotExternal(study);
        if (await db.Set<StudyTrial>().SingleOrDefaultAsync(t => t.StudyId == id && t.Number == tell.Trial, cancel) is not { } trial) return StudyActions.UnknownTrial(id, tell.Trial);
        if (!tell.Failed && Faulty(plan, tell) is { } fault) return fault;
        var metrics = tell.Failed ? null : StudyJson.Write(Of(plan, tell.Metrics!));
        if (trial.State is StudyTrialState.Measured or StudyTrialState.Failed)
            return trial.Metrics == metrics && (trial.State == StudyTrialState.Failed) == tell.Failed ? null
                : new("trial.already-told", trial.State == StudyTrialState.Failed
                    ? $"Trial {tell.Trial} failed at {trial.ToldAt:u}: {(trial.Note ?? "no reason was given").TrimEnd('.')}. It stays so; ask for another setting."
                    : $"Trial {tell.Trial} was told at {trial.ToldAt:u} with other metrics. What was told first stands.", "trial");
        Proposals.Told(trial, metrics, tell.Units, tell.Note, clock.GetUtcNow());
        var trials = await db.Set<StudyTrial>().Where(t => t.StudyId == id).ToListAsync(cancel);
        study.ReadAt = clock.GetUtcNow(); // the study's revision guards its trials
        Proposals.PauseWhenSpoiled(study, trials);
        if (study.State == StudyState.Running) Proposals.End(study, plan, trials, clock.GetUtcNow());
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateConcurrencyException)
        {
            return new("study.changed-meanwhile", "Somebody else told at the same time. Tell it again.");
        }
        changes.Announce(ChangeKind.Study, id);
        return null;
    }

    private static Refusal? Refused(Study study, StudyPlan plan) => plan.Source != TrialSource.External ? NotExternal(study)
        : study.State switch
        {
            StudyState.Running => null,
            StudyState.Finished => new("study.finished", $"'{study.Name}' has finished: {study.Reason}"),
            StudyState.Paused => new("study.paused", $"'{study.Name}' is paused: {study.Reason}"),
            _ => study.NotRunning("ask"),
        };

    private static Refusal NotExternal(Study study) => new("study.not-external", $"'{study.Name}' is measured by Looper itself. Only a study with the source external is asked and told.");

    private static ImmutableSortedDictionary<string, TrialMetric> Of(StudyPlan plan, ImmutableSortedDictionary<string, TrialMetric> metrics) =>
        StudyAnalysis.ProblemOf(plan).Metrics.ToImmutableSortedDictionary(m => m, m => metrics[m] with { SharedVariance = 0 }, StringComparer.Ordinal);

    private static Refusal? Faulty(StudyPlan plan, Tell tell)
    {
        foreach (var name in StudyAnalysis.ProblemOf(plan).Metrics)
        {
            if (tell.Metrics is null || !tell.Metrics.TryGetValue(name, out var metric))
                return new("trial.invalid", $"Metric '{name}' is missing. A trial without it has failed: say so with failed: true.", $"metrics.{name}");
            if (!double.IsFinite(metric.Mean)) return new("trial.invalid", $"Metric '{name}' has no mean. A trial without one has failed: say so with failed: true.", $"metrics.{name}.mean");
            if (metric.StandardError < 0 || double.IsInfinity(metric.StandardError)) return new("trial.invalid", $"Metric '{name}': the standard error must be 0 or more, or left out where it is not known.", $"metrics.{name}.standardError");
        }
        return null;
    }

    private static Asked View(StudyTrial trial) => new(trial.Number, StudyJson.ReadValues(trial.Parameters), trial.Why);
}
