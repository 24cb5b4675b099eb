using System.Text.Json;
using Looper.Core.Access;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Decisions;

/// <summary>What a draft was begun from, as its first entry in the audit keeps it.</summary>
/// <param name="Version">Of the decision point, current then.</param>
/// <param name="Name">Its name then; null where the draft was begun before this was kept.</param>
internal sealed record DraftBase(string Key, int Version, string? Name = null, string? Description = null)
{
    public const string Created = "draft.created";

    /// <returns>Null where the draft makes a new decision point, or was begun before this was kept.</returns>
    public static async Task<DraftBase?> FindAsync(LooperDb db, Draft draft, CancellationToken cancel)
    {
        var subject = draft.Id.ToString();
        var begun = await db.Set<AuditEntry>().AsNoTracking().Where(e => e.Subject == subject && e.Action == Created).Select(e => e.After).FirstOrDefaultAsync(cancel);
        return begun is ['{', ..] ? JsonSerializer.Deserialize<DraftBase>(begun, JsonSerializerOptions.Web) : null;
    }

    /// <summary>Gives the decision point the name and description of the draft as far as they were changed in it: what others wrote since it was begun stays.</summary>
    /// <param name="begun">Null where it makes a new decision point.</param>
    public static void Describe(DecisionPoint point, Draft draft, DraftBase? begun)
    {
        var isKnown = begun?.Name is not null;
        if (!isKnown || draft.Name != begun!.Name) point.Name = draft.Name;
        if (!isKnown || draft.Description != begun!.Description) point.Description = draft.Description;
    }
}
