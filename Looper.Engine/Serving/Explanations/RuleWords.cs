namespace Looper.Core.Serving.Explanations;

/// <summary>Which rule decided, as a word and as a sentence.</summary>
internal static class RuleWords
{
    /// <param name="policy">Kind of the policy in force; null when it is not known any more.</param>
    public static (string Rule, string Because) Of(Reason reason, string? policy) => reason switch
    {
        Reason.Policy => (policy ?? "policy", $"{Named(policy)} prefers this answer."),
        Reason.Explore => (policy ?? "policy", $"{Named(policy)} drew this answer at random, to learn what comes of it."),
        Reason.Stale => (policy ?? "policy", $"{Named(policy)} gave this answer from the last good snapshot, since the database was away."),
        Reason.Experiment => ("arm", "The unit's arm of the experiment fixes this answer."),
        Reason.Holdout => ("baseline", "The unit is held out or outside the rollout, so it gets the baseline."),
        Reason.Override => ("override", "The answer was set by hand for this unit."),
        Reason.DefaultNoModel => ("default", "The policy needs a live model for each outcome of the goal, and there is none yet, so the default was answered."),
        Reason.DefaultInvalidContext => ("default", "The context is no object, so the default was answered."),
        Reason.DefaultPaused => ("default", "The decision point is paused, so the default was answered."),
        Reason.DefaultError => ("default", "Something failed while deciding, so the default was answered."),
        _ => ("unknown", "It is not known which rule decided."),
    };

    private static string Named(string? policy) => policy is null ? "The policy" : $"The policy `{policy}`";
}
