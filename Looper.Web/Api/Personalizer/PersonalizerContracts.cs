using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Looper.Web.Api.Personalizer;

/// <summary>What the calls of Personalizer take and answer, for the document. The calls themselves read and write bytes.</summary>
public sealed record RankRequest
{
    [Description("Objects of features, read as one; `device.os` may be nested. A feature `userId` says whom to decide for; without it each event stands for itself.")]
    public IReadOnlyList<Dictionary<string, JsonElement>>? ContextFeatures { get; init; }

    [Description("1 to 500, with different ids: the candidates of a decision point that picks, or exactly the options of one with fixed options."), MaxLength(500)]
    public required IReadOnlyList<RankableAction> Actions { get; init; }

    [Description("Ids of actions that may not be chosen.")]
    public IReadOnlyList<string>? ExcludedActions { get; init; }

    [Description("Your id for this event: sent twice, it is decided once. Left out, one is made."), MaxLength(256)]
    public string? EventId { get; init; }

    [Description("Must be false: a decision is recorded when it is answered.")]
    public bool? DeferActivation { get; init; }
}

public sealed record RankableAction
{
    [Description("Up to 128 characters."), MaxLength(128)]
    public required string Id { get; init; }

    [Description("Objects of features, read as one.")]
    public IReadOnlyList<Dictionary<string, JsonElement>>? Features { get; init; }
}

public sealed record RankResponse
{
    [Description("Every action that was sent: from the most to the least preferred, and the excluded ones at the place where they were sent.")]
    public required IReadOnlyList<RankedAction> Ranking { get; init; }

    public required string EventId { get; init; }

    [Description("The action to show.")]
    public required string RewardActionId { get; init; }

    [Description("False when the decision could not be stored; left out otherwise."), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool? Recorded { get; init; }
}

public sealed record RankedAction
{
    public required string Id { get; init; }

    [Description("With which this action is the one that is chosen; 0 for an excluded one. Of fixed options it is left out but for the chosen one."), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double? Probability { get; init; }
}

public sealed record RewardRequest
{
    [Description("The value of the goal's outcome.")]
    public required double Value { get; init; }
}

public sealed record PersonalizerErrorResponse
{
    public required PersonalizerError Error { get; init; }
}

public sealed record PersonalizerError
{
    [Description("Of Personalizer's own codes; the status where none fits.")]
    public required string Code { get; init; }

    [Description("What is wrong and what helps.")]
    public required string Message { get; init; }

    [Description("The field at fault.")]
    public string? Target { get; init; }

    public PersonalizerInnerError? InnerError { get; init; }
}

public sealed record PersonalizerInnerError
{
    [Description("What is wrong, as every other route says it; never renamed.")]
    public required string Code { get; init; }
}
