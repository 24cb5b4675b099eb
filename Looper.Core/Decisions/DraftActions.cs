using Looper.Core.Access;
using Looper.Core.Blueprints;

namespace Looper.Core.Decisions;

/// <param name="DecisionPoint">Key of the decision point to edit; null to make a new one.</param>
/// <param name="Template"><c>show-or-hide</c>, <c>pick-a-variant</c> or <c>estimate-a-value</c>; read where <paramref name="Content"/> is null.</param>
public sealed record NewDraft(
    string? DecisionPoint = null, string? Template = null, string? Key = null, string? Name = null, string? Description = null, BlueprintContent? Content = null);

/// <summary>The whole of a draft as its editor left it.</summary>
public sealed record DraftChange(string Key, string Name, string? Description, BlueprintContent Content);

/// <summary>What can be done with drafts.</summary>
public sealed class DraftActions
{
    public Task<Answered<DraftView>> CreateAsync(Caller caller, NewDraft request, CancellationToken cancel) => throw new NotImplementedException();

    /// <summary>Refused with <c>draft.changed</c> when the stored revision is not <paramref name="revision"/>.</summary>
    public Task<Answered<DraftView>> ChangeAsync(Caller caller, Guid id, long revision, DraftChange change, CancellationToken cancel) => throw new NotImplementedException();

    public Task<Refusal?> DeleteAsync(Caller caller, Guid id, CancellationToken cancel) => throw new NotImplementedException();

    /// <summary>Freezes the draft as the next version and makes it serve. Refused with <c>blueprint.invalid</c> and every fault in
    /// <see cref="Refusal.Faults"/>, or with <c>blueprint.unchanged</c>.</summary>
    public Task<Answered<BlueprintView>> PublishAsync(Caller caller, Guid id, long? revision, string? note, CancellationToken cancel) => throw new NotImplementedException();
}
