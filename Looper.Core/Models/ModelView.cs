namespace Looper.Core.Models;

/// <summary>A model as a row of a list.</summary>
/// <param name="Quality">On the newest slice, which the model never saw while fitting.</param>
public sealed record ModelView(
    Guid Id, Guid DecisionPointId, string DecisionPointKey, int Number, string Outcome, ModelState State, int BlueprintVersion, string Family,
    DateTimeOffset DataFrom, DateTimeOffset DataUntil, long Rows, DateTimeOffset TrainedAt, double TrainSeconds, Guid? JobRunId,
    ModelQuality Quality, int ArtefactBytes, DateTimeOffset? PromotedAt, DateTimeOffset? RetiredAt);
