using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Access;

/// <summary>What the installation calls itself, in titles and exports.</summary>
public sealed class InstallationSettings(IDbContextFactory<LooperDb> databases, TimeProvider clock, LastKnown lastKnown)
{
    public const int MostName = 100;
    private const string NameKey = "installation.name", Unnamed = "Looper", Kept = "installation";
    private string? _known;

    /// <summary>As it was last known while the database is away: a title is no reason to show nothing.</summary>
    public async Task<string> NameAsync(CancellationToken cancel)
    {
        try
        {
            await using var db = await databases.CreateDbContextAsync(cancel);
            var name = await db.Set<Setting>().Where(s => s.Key == NameKey).Select(s => s.Value).SingleOrDefaultAsync(cancel) ?? Unnamed;
            lastKnown.Keep(Kept, [name]);
            return _known = name;
        }
        catch (Exception fault) when (DatabaseFaults.IsAway(fault))
        {
            return _known ??= lastKnown.Find<string>(Kept) is [var kept, ..] ? kept : Unnamed;
        }
    }

    public async Task<Refusal?> RenameAsync(Caller caller, string name, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Administer) is { } denied) return denied;
        if (CheckName(name) is { } unusable) return unusable;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var setting = await db.Set<Setting>().SingleOrDefaultAsync(s => s.Key == NameKey, cancel);
        db.Add(AuditEntry.Of(caller, "installation.renamed", NameKey, clock.GetUtcNow(), setting?.Value ?? Unnamed, name.Trim()));
        if (setting is null) db.Add(new Setting { Key = NameKey, Value = name.Trim() });
        else setting.Value = name.Trim();
        await db.SaveChangesAsync(cancel);
        return null;
    }

    internal static Refusal? CheckName(string name) =>
        string.IsNullOrWhiteSpace(name) ? new("installation.invalid", "The name is empty. Give one, such as the name of your company.", "name")
        : name.Length > MostName ? new("installation.invalid", $"The name has {name.Length} characters. Use {MostName} or fewer.", "name")
        : null;
}
