using Looper.Core.Access;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Experiments;

/// <summary>What an admin allows for experiments of the whole installation.</summary>
/// <param name="SharesReports">Stored reports may be shown to people without an account, by a link.</param>
/// <param name="AsksApproval">Another person than the one who asks has to approve before an experiment starts. Trials of studies start by themselves: what is
/// approved of them is the study.</param>
public sealed record ExperimentSwitches(bool SharesReports, bool AsksApproval);

/// <summary>The switches of <see cref="ExperimentSwitches"/>; all are off until an admin turns them on.</summary>
public sealed class ExperimentSettings(IDbContextFactory<LooperDb> databases, TimeProvider clock)
{
    private const string SharingKey = "experiments.sharing", ApprovalKey = "experiments.approval", On = "on", Off = "off";

    public async Task<Answered<ExperimentSwitches>> FindAsync(Caller caller, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        return await ReadAsync(db, cancel);
    }

    /// <summary>Sets all switches, or where <paramref name="shown"/> is given those that differ from it: what somebody else has set meanwhile stays. Links that were given out stop opening the moment sharing is off, and open again when it is on.</summary>
    public async Task<Refusal?> ChangeAsync(Caller caller, ExperimentSwitches wanted, CancellationToken cancel, ExperimentSwitches? shown = null)
    {
        if (caller.Lacks(Right.Administer) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var before = await ReadAsync(db, cancel);
        if (shown is not null)
        {
            wanted = new(
                wanted.SharesReports == shown.SharesReports ? before.SharesReports : wanted.SharesReports,
                wanted.AsksApproval == shown.AsksApproval ? before.AsksApproval : wanted.AsksApproval);
        }
        if (before == wanted) return null;
        if (wanted.AsksApproval && !before.AsksApproval && await db.Set<User>().CountAsync(u => u.Role == Role.Approver || u.Role == Role.Admin, cancel) < 2)
            return new("experiment-settings.no-second-approver", "Approval: nobody approves what they asked for themselves, and fewer than two people may approve. Give another person the role approver first.", "asksApproval");
        if (wanted.SharesReports != before.SharesReports) await WriteAsync(db, SharingKey, wanted.SharesReports, cancel);
        if (wanted.AsksApproval != before.AsksApproval) await WriteAsync(db, ApprovalKey, wanted.AsksApproval, cancel);
        db.Add(AuditEntry.Of(caller, "experiment-settings.changed", "experiments", clock.GetUtcNow(), before, wanted));
        await db.SaveChangesAsync(cancel);
        return null;
    }

    internal static async Task<ExperimentSwitches> ReadAsync(LooperDb db, CancellationToken cancel)
    {
        var on = await db.Set<Setting>().AsNoTracking().Where(s => (s.Key == SharingKey || s.Key == ApprovalKey) && s.Value == On).Select(s => s.Key).ToListAsync(cancel);
        return new(on.Contains(SharingKey), on.Contains(ApprovalKey));
    }

    private static async Task WriteAsync(LooperDb db, string key, bool on, CancellationToken cancel)
    {
        var setting = await db.Set<Setting>().SingleOrDefaultAsync(s => s.Key == key, cancel);
        if (setting is null) db.Add(new Setting { Key = key, Value = on ? On : Off });
        else setting.Value = on ? On : Off;
    }
}
