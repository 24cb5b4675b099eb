using System.Security.Cryptography;
using Looper.Core.Access;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Experiments;

/// <summary>A link as lists show it: never with its token.</summary>
/// <param name="State"><c>open</c>, <c>expired</c> or <c>revoked</c>.</param>
public sealed record ReportShareView(Guid Id, Guid ReportId, string Recipient, string CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, string State);

/// <param name="Token">Shown this once: <c>/shared/{token}</c>.</param>
public sealed record NewReportShare(Guid Id, string Token, DateTimeOffset ExpiresAt);

/// <summary>Gives out and takes back links to stored reports, and opens them.</summary>
public sealed class ShareActions(IDbContextFactory<LooperDb> databases, TimeProvider clock, Ids ids, ChangeFeed changes)
{
    public const int PresetDays = 30, MostDays = 365, MostRecipient = 200;
    private const int MostOpen = 50;
    private const string KeySetting = "experiments.sharing-key";

    /// <param name="recipient">Whom it is for, in words: what a later reader of the list knows it by.</param>
    /// <param name="days">Until it expires; null takes 30.</param>
    public async Task<Answered<NewReportShare>> CreateAsync(Caller caller, Guid reportId, string? recipient, int? days, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Analyse) is { } denied) return denied;
        if (string.IsNullOrWhiteSpace(recipient)) return Invalid("Recipient: it is empty. Say whom the link is for, so that somebody later knows what it may be revoked for.", "recipient");
        if (recipient.Trim().Length > MostRecipient) return Invalid($"Recipient: {recipient.Trim().Length} characters are more than the {MostRecipient} there is room for. Shorten it.", "recipient");
        if (days is < 1 or > MostDays) return Invalid($"Days: {days} is not a number of days from 1 to {MostDays}.", "days");
        await using var db = await databases.CreateDbContextAsync(cancel);
        var report = await db.Set<Report>().AsNoTracking().Where(r => r.Id == reportId).Select(r => new { r.ExperimentId }).SingleOrDefaultAsync(cancel);
        if (report is null) return Unknown(reportId);
        if (!(await ExperimentSettings.ReadAsync(db, cancel)).SharesReports)
            return new Refusal("report-share.switched-off", "Links for people without an account are switched off. An admin can allow them under Settings, Experiments.");
        var now = clock.GetUtcNow();
        if (await db.Set<ReportShare>().CountAsync(s => s.ReportId == reportId && s.RevokedAt == null && s.ExpiresAt > now, cancel) >= MostOpen)
            return new Refusal("report-share.too-many", $"This report has {MostOpen} links already. Revoke one that nobody needs.");
        var token = ShareToken.New(await KeyAsync(db, cancel));
        var share = new ReportShare
        {
            Id = ids.Next(),
            ReportId = reportId,
            TokenHash = ShareToken.HashOf(token),
            Recipient = recipient.Trim(),
            CreatedAt = now,
            CreatedBy = caller.Name,
            ExpiresAt = now.AddDays(days ?? PresetDays),
        };
        db.Add(share);
        db.Add(AuditEntry.Of(caller, "report.shared", reportId, now, after: new { share = share.Id, experiment = report.ExperimentId, share.Recipient, share.ExpiresAt }));
        await db.SaveChangesAsync(cancel);
        changes.Announce(ChangeKind.Report, reportId);
        return new NewReportShare(share.Id, token, share.ExpiresAt);
    }

    /// <summary>Newest first, with those that open nothing any more.</summary>
    public async Task<Answered<IReadOnlyList<ReportShareView>>> ListAsync(Caller caller, Guid reportId, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Analyse) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (!await db.Set<Report>().AnyAsync(r => r.Id == reportId, cancel)) return Unknown(reportId);
        var shares = await db.Set<ReportShare>().AsNoTracking().Where(s => s.ReportId == reportId).OrderByDescending(s => s.Id).Take(200).ToListAsync(cancel);
        var now = clock.GetUtcNow();
        return shares.ConvertAll(s => new ReportShareView(s.Id, s.ReportId, s.Recipient, s.CreatedBy, s.CreatedAt, s.ExpiresAt, s.RevokedAt is not null ? "revoked" : s.Opens(now) ? "open" : "expired"));
    }

    public async Task<Refusal?> RevokeAsync(Caller caller, Guid reportId, Guid id, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Analyse) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var share = await db.Set<ReportShare>().SingleOrDefaultAsync(s => s.Id == id && s.ReportId == reportId, cancel);
        if (share is null) return new("report-share.unknown", $"Report {reportId} has no link {id}.");
        var now = clock.GetUtcNow();
        if (share.Revoke(now) is { } refusal) return refusal;
        db.Add(AuditEntry.Of(caller, "report.share-revoked", reportId, now, after: new { share = share.Id, share.Recipient }));
        await db.SaveChangesAsync(cancel);
        changes.Announce(ChangeKind.Report, reportId);
        return null;
    }

    /// <summary>The report that a link shows; null for a token that is unknown, expired or revoked, all alike.</summary>
    public async Task<ReportView?> OpenAsync(string token, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (!(await ExperimentSettings.ReadAsync(db, cancel)).SharesReports) return null;
        var key = await db.Set<Setting>().AsNoTracking().Where(s => s.Key == KeySetting).Select(s => s.Value).SingleOrDefaultAsync(cancel);
        if (key is null || !ShareToken.IsSigned(token, Convert.FromBase64String(key))) return null;
        var hash = ShareToken.HashOf(token);
        var share = await db.Set<ReportShare>().AsNoTracking().SingleOrDefaultAsync(s => s.TokenHash == hash, cancel);
        if (share is null || !share.Opens(clock.GetUtcNow())) return null;
        var report = await db.Set<Report>().AsNoTracking().SingleOrDefaultAsync(r => r.Id == share.ReportId, cancel);
        return report is null ? null : ReportQueries.View(report);
    }

    private static async Task<byte[]> KeyAsync(LooperDb db, CancellationToken cancel)
    {
        var stored = await db.Set<Setting>().AsNoTracking().Where(s => s.Key == KeySetting).Select(s => s.Value).SingleOrDefaultAsync(cancel);
        if (stored is not null) return Convert.FromBase64String(stored);
        var key = RandomNumberGenerator.GetBytes(ShareToken.KeyBytes);
        db.Add(new Setting { Key = KeySetting, Value = Convert.ToBase64String(key) });
        return key; // saved with the first link
    }

    private static Refusal Unknown(Guid reportId) => new("report.unknown", $"There is no report {reportId}.");

    private static Refusal Invalid(string reason, string field) => new("report-share.invalid", reason, field);
}
