using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;

namespace Looper.Web.Api.InProcess;

/// <summary>What the route takes and answers, for the document; it reads and writes bytes.</summary>
[Description("A decision that was made in your own process: what the call and the answer of decide would have been, together.")]
public sealed record MadeDecision
{
    [Description("Key of the decision point.")]
    public required string DecisionPoint { get; init; }

    [Description("The id that it was drawn with: sent twice, it counts once."), MaxLength(128)]
    public required string DecisionId { get; init; }

    [Description("For whom it was decided. Up to 256 characters."), MaxLength(256)]
    public required string Unit { get; init; }

    [Description("When it was decided, at most 7 days ago; in the future, it is now.")]
    public required DateTimeOffset Time { get; init; }

    [Description("Feature values by name, as your app gave them.")]
    public Dictionary<string, JsonElement>? Context { get; init; }

    [Description("The version that decided.")]
    public required int BlueprintVersion { get; init; }

    [Description("true or false, an option's key, a number, or an object with a value for each parameter, by the decision point's shape.")]
    public required JsonElement Decision { get; init; }

    [Description("Probability with which this answer was chosen, in (0, 1].")]
    public required double Propensity { get; init; }

    [Description("policy, explore, experiment, holdout, override, default-no-model, default-invalid-context, default-paused, default-error or stale.")]
    public required string Reason { get; init; }

    [Description("Key of the experiment that covered the unit; left out or null outside.")]
    public string? Experiment { get; init; }

    [Description("Key of the unit's arm; left out or null outside.")]
    public string? Arm { get; init; }

    [Description("Highest number among the models used; left out or null without one.")]
    public int? ModelVersion { get; init; }

    [Description("One score for each option, or one for a value; left out where no model scored.")]
    public IReadOnlyList<double>? Scores { get; init; }
}

public sealed record MadeRequest([property: MaxLength(1_000)] IReadOnlyList<MadeDecision> Items);

public sealed record MadeResponse(IReadOnlyList<MadeItem> Items);

[Description("In the order of the request: status 202 once it is on disk.")]
public sealed record MadeItem(
    int Status, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool? Replayed, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] ProblemDetails? Problem);
