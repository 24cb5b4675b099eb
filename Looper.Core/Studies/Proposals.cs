using Looper.Core.Persistence;

namespace Looper.Core.Studies;

/// <summary>How trials come into a study and out of it, whoever measures them.</summary>
internal static class Proposals
{
    public const int Spoiled = 5;

    /// <summary>Adds the next trials to the context, without saving. The same stored trials give the same ones again.</summary>
    public static List<StudyTrial> Add(LooperDb db, Study study, StudyPlan plan, List<StudyTrial> trials, int count, StudyTrialState state, Ids ids, DateTimeOffset now, bool isLogged = false)
    {
        var batch = trials.Count == 0 ? 1 : trials.Max(t => t.Batch) + 1;
        var number = trials.Count == 0 ? 0 : trials.Max(t => t.Number);
        // what the log could not tell of may well be measured live
        var known = plan.Source == TrialSource.Live && !isLogged ? trials.FindAll(t => !(t.IsLogged && t.State == StudyTrialState.Failed)) : trials;
        List<StudyTrial> added = [.. new StudyAnalysis(plan, known).Next(count, isFirstLive: !isLogged && !trials.Exists(plan.Counts)).Select(next => new StudyTrial
        {
            Id = ids.Next(), StudyId = study.Id, Number = ++number, Batch = batch, State = state, IsLogged = isLogged, Parameters = StudyJson.Write(next.Values),
            Why = char.ToLowerInvariant(next.Why.ToString()[0]) + next.Why.ToString()[1..], AskedAt = now,
        })];
        db.AddRange(added);
        study.ReadAt = now; // the study's revision guards its trials
        return added;
    }

    /// <param name="metrics">JSON; null when it failed.</param>
    public static void Told(StudyTrial trial, string? metrics, long? units, string? note, DateTimeOffset now) =>
        (trial.State, trial.Metrics, trial.Units, trial.Note, trial.ToldAt) =
            (metrics is null ? StudyTrialState.Failed : StudyTrialState.Measured, metrics, units, note is { Length: > 2000 } ? note[..2000] : note, now);

    /// <summary>Pauses a study whose last trials all failed; asked when a trial has just been told, so that a resumed one goes on.</summary>
    public static void PauseWhenSpoiled(Study study, List<StudyTrial> trials)
    {
        var told = trials.Where(t => t.State is StudyTrialState.Measured or StudyTrialState.Failed).OrderByDescending(t => t.Number).ToList();
        var last = told.Where(t => t.IsLogged == told[0].IsLogged).Take(Spoiled).ToList();
        if (study.State != StudyState.Running || last.Count < Spoiled || last.Exists(t => t.State == StudyTrialState.Measured)) return;
        study.Pause($"The last {Spoiled} trials failed, the newest so: {(last[0].Note ?? "no reason was given").TrimEnd('.')}. Mend what measures them, then resume.");
    }

    /// <summary>Gives up what nobody told within the days of a batch.</summary>
    /// <returns>Whether there was any.</returns>
    public static bool GiveUp(Study study, StudyPlan plan, List<StudyTrial> trials, DateTimeOffset now)
    {
        var overdue = trials.FindAll(t => t.State == StudyTrialState.Running && now - t.AskedAt > TimeSpan.FromDays(plan.BatchDays));
        foreach (var trial in overdue) Told(trial, null, null, FormattableString.Invariant($"Nothing was told of it in {plan.BatchDays} days."), now);
        if (overdue.Count == 0) return false;
        study.ReadAt = now; // the study's revision guards its trials
        PauseWhenSpoiled(study, trials);
        return true;
    }

    /// <summary>Ends a study for which nothing more is to be done; null when it goes on.</summary>
    /// <param name="isWeighed">What its trials say is known, and lets it go on.</param>
    public static string? End(Study study, StudyPlan plan, List<StudyTrial> trials, DateTimeOffset now, bool isWeighed = false)
    {
        if (trials.Exists(IsOpen) || WhyNoMore(study, plan, trials, now, isWeighed) is not { } reason) return null;
        study.End(StudyState.Finished, reason, now);
        return reason;
    }

    /// <summary>Why no trial is added to those that are open, by what has been told; null where more are to be tried.</summary>
    /// <inheritdoc cref="End"/>
    public static string? WhyNoMore(Study study, StudyPlan plan, List<StudyTrial> trials, DateTimeOffset now, bool isWeighed = false)
    {
        var told = trials.FindAll(t => !IsOpen(t));
        var count = told.Count(plan.Counts);
        if (count >= plan.Trials) return told.Exists(t => t.State == StudyTrialState.Measured) ? $"All {plan.Trials} trials are done." : $"All {plan.Trials} trials are done, and none could be measured: there is nothing to keep.";
        if (plan.Days is { } days && study.StartedAt is { } started && now - started > TimeSpan.FromDays(days)) return $"Its {days} days are over.";
        if (isWeighed || count == 0) return null;
        var analysis = new StudyAnalysis(plan, told);
        if (analysis.IsHopeless) return $"None of {count} trials keeps the guardrails. Loosen them, or widen the ranges.";
        if (plan.StopBelowGain is not { } least || !analysis.GainsLess(least)) return null;
        return FormattableString.Invariant($"The next trial is expected to beat the best by less than {(plan.IsOfPolicy ? $"{100 * least:G6}%" : $"{least:G6}")}: {count} of {plan.Trials} trials were needed.");
    }

    private static bool IsOpen(StudyTrial trial) => trial.State is StudyTrialState.Running or StudyTrialState.Waiting;
}
