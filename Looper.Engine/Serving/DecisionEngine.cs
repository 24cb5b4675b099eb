using Looper.Core.Serving.Candidates;

namespace Looper.Core.Serving;

/// <summary>
/// Decides. Holds the snapshot that serves: a decision reads it once, publishing is one volatile write.
/// </summary>
/// <remarks>
/// The first that applies: a version that cannot serve (<c>default-error</c>), paused or archived (<c>default-paused</c>), a context
/// that is no object (<c>default-invalid-context</c>), a tester's arm (<c>override</c>), the first started running experiment whose population holds the unit, the
/// holdout and the outside of the rollout (baseline, <c>holdout</c>), the blueprint's policy. An experiment never takes a unit
/// that was held out when it started, so the holdout stays what the gain is measured against; and it keeps its own units
/// whatever a later version says of rollout and holdout, so that its population does not change.
/// </remarks>
public sealed class DecisionEngine
{
    private ServingSnapshot _current = ServingSnapshot.Empty;

    public ServingSnapshot Current => Volatile.Read(ref _current);

    public void Publish(ServingSnapshot next) => Volatile.Write(ref _current, next);

    /// <summary>Never throws: what fails inside is counted at the decision point and answered with its default.</summary>
    public static Decision Decide(ServingSnapshot snapshot, DecisionPointSnapshot point, in DecisionRequest request, DecisionWorkspace workspace)
    {
        workspace.Clear();
        try
        {
            if (point.LooksBack) Recall(point, request, workspace);
            var decision = Route(point, request, workspace);
            if (point.LooksBack && workspace.History.WasUnknown) request.Histories?.CountUnknown();
            return snapshot.IsStale && decision.Reason is Reason.Policy or Reason.Explore ? decision with { Reason = Reason.Stale } : decision;
        }
        catch (Exception fault) // the caller's product must not break because one decision point is broken
        {
            point.Count(fault);
            workspace.ClearButCandidates(point.Current?.Answers);
            return Default(point.Current, Reason.DefaultError);
        }
    }

    // Once per decision, so that every arm sees the same history.
    private static void Recall(DecisionPointSnapshot point, in DecisionRequest request, DecisionWorkspace workspace)
    {
        if (request.Histories is { } histories) histories.Read(point.Id, request.Unit, request.At.UtcTicks, workspace.History);
        else workspace.History.Begin(request.At.UtcTicks);
    }

    private static Decision Route(DecisionPointSnapshot point, in DecisionRequest request, DecisionWorkspace workspace)
    {
        if (point.Current is not { } current) return Default(null, Reason.DefaultError);
        var takesCandidates = current.Answers.TakesCandidates;
        if (takesCandidates) CandidateDecisions.Prepare(current, request, workspace);
        if (point.Fault is not null) return Default(current, Reason.DefaultError);
        var isObject = current.Reader.Read(request.Context, workspace, request.Read);
        if (point.IsPaused) return Default(current, Reason.DefaultPaused);
        if (!isObject) return Default(current, Reason.DefaultInvalidContext);
        var place = point.UsesHoldout ? Assignment.Uniform(point.HoldoutStream, request.Unit) : 1;
        if (point.HasTesters)
        {
            foreach (var experiment in point.Experiments)
            {
                if (experiment.ForcedArmOf(request.Unit) is >= 0 and var forced)
                    return takesCandidates ? CandidateDecisions.Forced(point, experiment, forced, request, workspace) : Forced(point, experiment, forced, request, workspace);
            }
        }
        foreach (var experiment in point.Experiments)
        {
            if (place >= experiment.Holdout && experiment.Audience?.Holds(workspace, request.Context) != false && experiment.ArmOf(request, workspace) is >= 0 and var arm)
                return takesCandidates ? CandidateDecisions.InExperiment(point, experiment, arm, request, workspace) : InExperiment(point, experiment, arm, request, workspace);
        }
        if (place < current.HoldoutShare
            || (current.RolloutShare < 1 && Assignment.Uniform(point.RolloutStream, request.Unit) >= current.RolloutShare))
            return new(current, current.Baseline, 1, Reason.Holdout);
        if (takesCandidates) return CandidateDecisions.Decide(point, current, request, workspace);
        var scored = false;
        var verdict = current.Strategy.Evaluate(current, workspace, ref scored);
        if (current.Answers.Options.IsEmpty) return new(current, verdict.Answer, 1, verdict.Reason, ModelNumber: verdict.ModelNumber);
        var option = Draw(point, request, workspace);
        return new(current, Answer.Of(option), workspace.Probabilities[option], ReasonOf(verdict, option), ModelNumber: verdict.ModelNumber);
    }

    private static Decision InExperiment(
        DecisionPointSnapshot point, ExperimentSnapshot experiment, int index, in DecisionRequest request, DecisionWorkspace workspace)
    {
        var own = experiment.Arms[index];
        if (own.Strategy.Configuration is { } configuration)
        {
            own.Blueprint.Reader.Read(request.Context, workspace, request.Read);
            return new(own.Blueprint, Answer.Of(configuration), experiment.ShareAlike(index, request.At), Reason.Experiment, experiment, index);
        }
        var mixed = workspace.Mixed(Math.Max(experiment.CommonAnswers, experiment.Arms.Length));
        mixed.Clear();
        var shares = experiment.SharesAt(request.At);
        for (var i = 0; i < experiment.Arms.Length; i++)
        {
            if (experiment.Arms[i].Blueprint == own.Blueprint) continue;
            experiment.Arms[i].Blueprint.Reader.Read(request.Context, workspace, request.Read);
            var alone = false;
            Mix(experiment, i, shares, workspace, mixed, ref alone);
        }
        own.Blueprint.Reader.Read(request.Context, workspace, request.Read);
        var scored = false;
        for (var i = 0; i < experiment.Arms.Length; i++)
        {
            if (i != index && experiment.Arms[i].Blueprint == own.Blueprint) Mix(experiment, i, shares, workspace, mixed, ref scored);
        }
        var verdict = Mix(experiment, index, shares, workspace, mixed, ref scored);
        if (own.Common.IsEmpty)
            return new(own.Blueprint, Answer.Of(verdict.Value), ShareOf(shares, verdict.Value, mixed), verdict.Reason, experiment, index, verdict.ModelNumber);
        var option = Draw(point, request, workspace);
        return new(own.Blueprint, Answer.Of(option), Math.Min(1, mixed[own.Common[option]]), ReasonOf(verdict, option), experiment, index, verdict.ModelNumber);
    }

    /// <summary>A tester's arm answers alone: no lot put the unit there, so the others have no part in the propensity.</summary>
    private static Decision Forced(DecisionPointSnapshot point, ExperimentSnapshot experiment, int index, in DecisionRequest request, DecisionWorkspace workspace)
    {
        var own = experiment.Arms[index];
        own.Blueprint.Reader.Read(request.Context, workspace, request.Read);
        var scored = false;
        var verdict = own.Strategy.Evaluate(own.Blueprint, workspace, ref scored);
        if (own.Common.IsEmpty) return new(own.Blueprint, verdict.Answer, 1, Reason.Override, experiment, index, verdict.ModelNumber);
        var option = Draw(point, request, workspace);
        return new(own.Blueprint, Answer.Of(option), workspace.Probabilities[option], Reason.Override, experiment, index, verdict.ModelNumber);
    }

    /// <summary>Adds an arm's distribution by its share; for <c>value</c>, notes the arm's number.</summary>
    private static Verdict Mix(ExperimentSnapshot experiment, int index, double[] shares, DecisionWorkspace workspace, Span<double> mixed, ref bool scored)
    {
        var arm = experiment.Arms[index];
        var verdict = arm.Strategy.Evaluate(arm.Blueprint, workspace, ref scored);
        if (arm.Common.IsEmpty) mixed[index] = verdict.Value;
        for (var option = 0; option < arm.Common.Length; option++) mixed[arm.Common[option]] += shares[index] * workspace.Probabilities[option];
        return verdict;
    }

    private static double ShareOf(double[] shares, double value, ReadOnlySpan<double> values)
    {
        var share = 0.0;
        for (var i = 0; i < shares.Length; i++)
        {
            if (values[i] == value) share += shares[i];
        }
        return Math.Min(1, share);
    }

    private static int Draw(DecisionPointSnapshot point, in DecisionRequest request, DecisionWorkspace workspace) =>
        Assignment.Pick(Assignment.Uniform(point.OptionStream, request.DecisionId), workspace.Probabilities);

    private static Reason ReasonOf(Verdict verdict, int option) => verdict.Reason != default ? verdict.Reason : Policy.ReasonOf(option, verdict.Preferred);

    private static Decision Default(BlueprintSnapshot? blueprint, Reason reason) =>
        new(blueprint, blueprint?.Default ?? new Answer(-1, double.NaN), 1, reason);
}
