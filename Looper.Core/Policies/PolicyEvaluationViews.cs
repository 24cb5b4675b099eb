using System.Collections.Immutable;
using Looper.Core.Runs;

namespace Looper.Core.Policies;

/// <summary>An evaluation as people see it, from the moment it was asked for.</summary>
/// <param name="Id">Also that of its run.</param>
/// <param name="Percent">0 to 100.</param>
/// <param name="Said">What the run said at its end: the sentence of the result, or why there is none.</param>
/// <param name="Result">Null until it is made, or where it failed.</param>
/// <param name="LaunchedVersion">The version it was published as; null as long as it was not.</param>
/// <param name="IsOfApprentice">It was asked for what learned beside.</param>
public sealed record PolicyEvaluationView(
    Guid Id, string DecisionPoint, string Title, JobState State, string Phase, double Percent, string? Said, string RequestedBy, DateTimeOffset RequestedAt,
    PolicyEvaluationResult? Result, int? LaunchedVersion, DateTimeOffset? LaunchedAt, ObservedLift? Observed, bool IsOfApprentice);

/// <summary>A version that was judged before it was published, and what came of it.</summary>
/// <param name="Predicted">Relative change against what was served.</param>
public sealed record LaunchView(
    string DecisionPoint, int Version, DateTimeOffset LaunchedAt, Guid EvaluationId, string Sentence, string Reward, bool LowerIsBetter, long Decisions, Estimated Predicted, ObservedLift? Observed);

/// <summary>How predictions came out over all launches.</summary>
/// <param name="Compared">Launches whose prediction and observation are both known, and that are not undecided.</param>
/// <param name="Inside">Those observed inside the predicted interval.</param>
/// <param name="AsPredicted">Those that differ by no more than both uncertainties allow.</param>
public sealed record TrackRecord(ImmutableArray<LaunchView> Launches, int Compared, int Inside, int AsPredicted);
