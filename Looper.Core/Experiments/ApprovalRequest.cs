using System.Collections.Immutable;

namespace Looper.Core.Experiments;

/// <summary>Somebody asked that a draft may start; it waits for another person until that person decides, or the draft changes.</summary>
/// <param name="UserId">Who asked: approves never what they asked for.</param>
/// <param name="Accepted">Findings of the checklist in spite of which it is to start.</param>
public sealed record ApprovalRequest(string AskedBy, Guid UserId, DateTimeOffset AskedAt, string? Reason, ImmutableArray<string> Accepted);
