using Looper.Core.Blueprints;

namespace Looper.Core.Policies;

/// <summary>A policy that learns beside the one that decides, as people see it.</summary>
/// <param name="Words">The policy in words.</param>
/// <param name="Decides">It is the policy of the current version by now.</param>
/// <param name="Evaluation">The newest judgement; null until it was asked for.</param>
public sealed record ApprenticeView(string DecisionPoint, PolicySpec Policy, string Words, string StartedBy, DateTimeOffset StartedAt, bool Decides, PolicyEvaluationView? Evaluation)
{
    /// <summary>Why it does not fit the current version, so that it is judged no more; null where it fits.</summary>
    public Refusal? Unfit { get; init; }
}
