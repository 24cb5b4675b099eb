using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;

namespace Looper.Web.Api;

/// <summary>What the data routes take and answer, for the document and for clients made from it. The routes themselves read and write bytes.</summary>
public sealed record DecideRequest
{
    [Description("Key of the decision point.")]
    public required string DecisionPoint { get; init; }

    [Description("Whom to decide for; the same unit keeps its arm. Up to 256 characters."), MaxLength(256)]
    public required string Unit { get; init; }

    [Description("Feature values by name; `a.b` may be nested. A value that does not fit counts as missing. Up to 200 values.")]
    public Dictionary<string, JsonElement>? Context { get; init; }

    [Description("Where the decision point picks among candidates or ranks them: 1 to 500 of them, with different ids."), MaxLength(500)]
    public IReadOnlyList<Candidate>? Candidates { get; init; }

    [Description("Your id for this call: sent twice, it is decided once."), MaxLength(128)]
    public string? DecisionId { get; init; }

    [Description("Say why the answer came out so: costs the time of some hundred decisions. A batch explains its first 100 items that ask; the others get `explanation: null`.")]
    public bool Explain { get; init; }
}

public sealed record Candidate
{
    [Description("How the answer names it. Up to 128 characters."), MaxLength(128)]
    public required string Id { get; init; }

    [Description("Feature values by name. A value that does not fit, or is not sent, counts as missing. Up to 200 values.")]
    public Dictionary<string, JsonElement>? Features { get; init; }
}

public sealed record RankedCandidate
{
    public required string Id { get; init; }

    [Description("Predicted goal; null where no model scored.")]
    public required double? Score { get; init; }

    [Description("For `pick`: probability that this candidate is the one picked. For `ranking`: probability that it stands at this place, given those above it; null below the places that are shown.")]
    public required double? Propensity { get; init; }
}

public sealed record DecideResponse
{
    public required string DecisionId { get; init; }

    [Description("true or false, an option's key, a number, the id of a candidate (of a ranking the first), or an object with the value of each parameter of a configuration, by the decision point's shape.")]
    public required JsonElement Decision { get; init; }

    [Description("Where candidates were sent: all of them in order: the picked one, or the places of a ranking that are shown, then the others from the most to the least preferred."), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public IReadOnlyList<RankedCandidate>? Ranking { get; init; }

    [Description("Probability with which this answer was chosen, in (0, 1]; of a ranking that of its first place.")]
    public required double? Propensity { get; init; }

    [Description("policy, explore, experiment, holdout, override, default-no-model, default-invalid-context, default-paused, default-error or stale.")]
    public required string Reason { get; init; }

    public required string? Arm { get; init; }
    public required string? Experiment { get; init; }
    public required int BlueprintVersion { get; init; }
    public required int? ModelVersion { get; init; }

    [Description("The default was answered because nothing else could be.")]
    public required bool IsDefault { get; init; }

    [Description("False when the decision could not be stored; left out otherwise."), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool? Recorded { get; init; }

    [Description("Only where `explain` was true."), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ExplainedDecision? Explanation { get; init; }
}

public sealed record ObserveRequest
{
    [Description("The decision that is reported on; else name the unit."), MaxLength(128)]
    public string? DecisionId { get; init; }

    [Description("Id of the candidate that it belongs to, where the decision answered with candidates: of a ranking any of them, of a pick the one picked. Left out, it belongs to the decision as a whole."), MaxLength(128)]
    public string? Candidate { get; init; }

    [Description("The unit that is reported on: credited to its decisions within each outcome's window."), MaxLength(256)]
    public string? Unit { get; init; }

    [Description("Values by outcome: true or false, or a number.")]
    public required Dictionary<string, JsonElement> Outcomes { get; init; }

    [Description("When it happened; left out, or in the future, it is now.")]
    public DateTimeOffset? Time { get; init; }

    [Description("Your id for this call: sent twice, it counts once. Give one for events that may repeat with equal values."), MaxLength(128)]
    public string? ObservationId { get; init; }
}

public sealed record ObserveResponse
{
    [Description("Outcome values that are on disk.")]
    public required int Accepted { get; init; }
}

public sealed record DecideBatchRequest([property: MaxLength(1_000)] IReadOnlyList<DecideRequest> Items);

public sealed record DecideBatchResponse(IReadOnlyList<DecideBatchItem> Items);

[Description("In the order of the request.")]
public sealed record DecideBatchItem(int Status, DecideResponse? Result, ProblemDetails? Problem, bool? Replayed);

public sealed record ObserveBatchRequest([property: MaxLength(1_000)] IReadOnlyList<ObserveRequest> Items);

public sealed record ObserveBatchResponse(IReadOnlyList<ObserveBatchItem> Items);

[Description("In the order of the request.")]
public sealed record ObserveBatchItem(int Status, int? Accepted, ProblemDetails? Problem, bool? Replayed);
