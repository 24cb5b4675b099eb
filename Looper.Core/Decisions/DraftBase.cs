using System.Text.Json;
using Looper.Core.Access;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Decisions;

/// <summary>What a draft was begun from, as its first entry in the audit keeps it.</summary>
/// <param name="Version">Of the decision point, current then.</param>
internal sealed record DraftBase(string Key, int Version)
{
    public const string Created = "draft.created";

    /// <returns>Null where the draft makes a new decision point, or was begun before this was kept.</returns>
    public static async Task<int?> VersionOfAsync(LooperDb db, Draft draft, CancellationToken cancel)
    {
        var subject = draft.Id.ToString();
        var begun = await db.Set<AuditEntry>().AsNoTracking().Where(e => e.Subject == subject && e.Action == Created).Select(e => e.After).FirstOrDefaultAsync(cancel);
        return begun is ['{', ..] ? JsonSerializer.Deserialize<DraftBase>(begun, JsonSerializerOptions.Web)!.Version : null;
    }
}
