using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;

namespace Looper.Core.Experiments;

/// <summary>What shipping an arm would do to live traffic, before anybody agrees to it.</summary>
/// <param name="Does">What the arm does, in words.</param>
/// <param name="IsBaseline">The arm is the baseline: shipping it is a roll-back.</param>
/// <param name="Share">Fraction of all units that get the arm from then on, in [0, 1].</param>
/// <param name="Already">Fraction of units that get it already, as the arm of the running experiment: of all units, or of those in its audience where it has
/// one, at the present step of its ramp and the present shares of its arms. 0 once it is stopped.</param>
/// <param name="Holdout">Fraction of units that keep the baseline as before.</param>
/// <param name="FromVersion">Version that serves now.</param>
/// <param name="ToVersion">Version that will serve; the same when nothing has to be published.</param>
/// <param name="Changes">Field by field.</param>
/// <param name="Sentences">The same for people: what changes, for whom, from when.</param>
/// <param name="Blocked">Why it cannot be shipped now; null when it can.</param>
public sealed record BlastRadius(
    string DecisionPoint, string Arm, string Does, bool IsBaseline, double Share, double Already, double Holdout, int FromVersion, int ToVersion,
    ImmutableArray<BlueprintChange> Changes, ImmutableArray<string> Sentences, Refusal? Blocked);

/// <summary>From an arm to the blueprint in which everyone gets it. Pure.</summary>
public static class Shipping
{
    /// <summary>Version whose content the arm stands for: the one it names, or where it names nothing at all the one that the experiment ran on, whatever was
    /// published since. Null for an arm that names an option or a policy, and in a draft.</summary>
    public static int? VersionOf(Arm arm, ExperimentPlan plan) =>
        arm.BlueprintVersion ?? (arm is { Option: null, Policy: null } && plan.BlueprintVersion > 0 ? plan.BlueprintVersion : null);

    /// <param name="current">Content that serves now: its rollout, holdout and durability stay.</param>
    /// <param name="pinned">Content of <see cref="VersionOf"/>; null where it has none.</param>
    public static BlueprintContent ContentOf(Arm arm, BlueprintContent current, BlueprintContent? pinned) => arm switch
    {
        { BlueprintVersion: not null } when pinned is null => throw new ArgumentNullException(nameof(pinned)),
        { Option: DecisionShapes.AsSent } when current.Shape.TakesCandidates() => current with { Policy = new AsSentPolicy() },
        { Option: { } option } => current with { Policy = new FixedPolicy(option) },
        { Policy: { } policy } => current with { Policy = policy },
        _ => (pinned ?? current) with { Rollout = current.Rollout, Durable = current.Durable },
    };

    /// <summary>The whole of what <paramref name="arm"/> would change.</summary>
    internal static BlastRadius Of(string decisionPoint, Experiment experiment, ExperimentPlan plan, Arm arm, BlueprintContent current, int version, BlueprintContent next, Refusal? blocked)
    {
        var same = BlueprintJson.Write(next) == BlueprintJson.Write(current);
        var share = (1 - current.Rollout.Holdout) * current.Rollout.Share;
        var already = experiment.State == ExperimentState.Running ? (1 - plan.Holdout) * plan.TrafficAt(experiment.RampStep) * WeightOf(experiment, plan, arm) : 0;
        ImmutableArray<BlueprintChange> changes = same ? [] : BlueprintDiff.Fields(current, next);
        List<string> said =
        [
            $"{Percent(share)} of the units of {decisionPoint} get {arm.Key} ({arm.Does}) at once, on every node within seconds.",
            same ? $"Version {version} does this already, so none is published." : $"Version {version + 1} is published: {BlueprintDiff.Words(changes)}.",
        ];
        if (already > 0) said.Add($"{Percent(already)} of {(plan.Audience.IsDefaultOrEmpty ? "units" : "the units in its audience")} get it already, as an arm of the experiment, which stops.");
        if (current.Rollout.Holdout > 0) said.Add($"{Percent(current.Rollout.Holdout)} of units stay held out and keep the baseline.");
        if (current.Rollout.Share < 1) said.Add($"{Percent(1 - current.Rollout.Share)} of the rest stay outside the rollout.");
        return new(decisionPoint, arm.Key, arm.Does, arm == plan.Arms[0], share, already, current.Rollout.Holdout, version, same ? version : version + 1, changes, [.. said], blocked);
    }

    // What a bandit gives now, not what it began with.
    private static double WeightOf(Experiment experiment, ExperimentPlan plan, Arm arm) =>
        ExperimentJson.ReadAllocation(experiment.Allocation) is [.., var now] ? now.Weights[plan.ArmIndex(arm.Key)] : arm.Weight;

    private static string Percent(double share) => FormattableString.Invariant($"{100 * share:0.##}%");
}
