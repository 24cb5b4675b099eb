using Looper.Core.Blueprints;
using Looper.Core.Events;

namespace Looper.Core.Decisions;

/// <summary>What decides where a decision point stands in the loop.</summary>
public sealed record StageFacts(
    bool IsArchived, bool IsPaused, PointActivity Activity, bool IsTested, bool HasLiveModel, bool HasShadow, bool IsTraining, PolicySpec Policy, int FirstModelAt)
{
    /// <summary>The first that holds.</summary>
    public DecisionPointState State => this switch
    {
        { IsArchived: true } => DecisionPointState.Archived,
        { IsPaused: true } => DecisionPointState.Paused,
        { Activity.Decisions: 0 } => DecisionPointState.Waiting,
        { IsTested: true } => DecisionPointState.Experiment,
        { HasLiveModel: false, HasShadow: true } => DecisionPointState.Shadow,
        { HasLiveModel: false, IsTraining: true } => DecisionPointState.Training,
        { HasLiveModel: false, Policy.UsesScores: true } => DecisionPointState.Collecting,
        _ => DecisionPointState.Deciding,
    };

    public string NextStep => State switch
    {
        DecisionPointState.Archived => "Restore it to use it again.",
        DecisionPointState.Paused => "Resume it to let it decide again.",
        DecisionPointState.Waiting => "Call it from your app: the snippet is ready.",
        DecisionPointState.Experiment => "Look at the report of its experiment.",
        DecisionPointState.Shadow => "Compare the candidate with what decides now.",
        DecisionPointState.Training => "The first model is being trained.",
        DecisionPointState.Collecting when Activity.Outcomes == 0 => "Report outcomes: none has come yet.",
        DecisionPointState.Collecting when FirstModelAt == 0 => "Train the first model by hand.",
        DecisionPointState.Collecting => FormattableString.Invariant($"The first model is trained at {FirstModelAt:N0} examples with closed windows."),
        _ => "Start an experiment to measure the gain.",
    };
}
