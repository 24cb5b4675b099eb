namespace Looper.Core.Studies;

/// <summary>When settings are estimated on logged decisions, and when live arms take over. Pure.</summary>
internal static class LoggedPhase
{
    /// <summary>Whether the next setting is estimated on the log. A log that says nothing of the first settings is left alone.</summary>
    /// <param name="trials">All of the study.</param>
    public static bool IsNext(StudyPlan plan, IReadOnlyCollection<StudyTrial> trials)
    {
        if (plan.Source == TrialSource.Logged) return true;
        if (!plan.ReadsLog || trials.Any(t => !t.IsLogged)) return false;
        return trials.Count < plan.LoggedTrials && !(trials.Count >= Proposals.Spoiled && trials.All(t => t.State == StudyTrialState.Failed));
    }
}
