using System.Globalization;
using Looper.Core.Events;
using Looper.Core.Events.Shipping;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Looper.Core.Backups;

/// <param name="Aside">Where what was there lies now; empty when nothing was.</param>
/// <param name="Receipts">Where receipts of erasures after the backup lie; null for nowhere.</param>
public sealed record PlacedBackup(string Aside, string? Receipts);

/// <summary>Puts a backup where a data directory shall be, after every byte of it has been checked. What was there is moved aside, never overwritten.</summary>
public sealed class RestoreActions(IDbContextFactory<LooperDb> databases, DataDirectory directory, IOptions<LooperOptions> options, TimeProvider clock)
{
    /// <summary>Why this backup cannot be restored here, or what it holds.</summary>
    /// <param name="erasures">Where receipts of later erasures shall be; null for nowhere.</param>
    public async Task<Answered<BackupManifest>> CheckAsync(string from, string? erasures, CancellationToken cancel)
    {
        from = Path.TrimEndingDirectorySeparator(Path.GetFullPath(from));
        var file = Path.Combine(from, BackupManifest.Name);
        if (!File.Exists(file)) return Foreign($"{from} holds no {BackupManifest.Name}, so it is no finished backup of Looper.");
        if (BackupManifest.Read(await File.ReadAllTextAsync(file, cancel)) is not { } manifest) return Foreign($"{file} was not written by Looper.");
        if (manifest.Format > BackupManifest.CurrentFormat) return Newer($"The backup has format {manifest.Format}, this Looper reads up to {BackupManifest.CurrentFormat}.");
        if (!manifest.IsWhole) return Damaged($"{file} was changed after it was written.");
        if (manifest.Database != options.Value.Database)
            return Foreign($"The backup is of an installation on {manifest.Database}, this one is on {options.Value.Database}. Give the backup's with Looper:Database.");
        if (erasures is not null && manifest.Database == DatabaseKind.Sqlite && !ErasuresAgain.MayBeIn(erasures))
            return new Refusal("backup.erasures", $"{erasures} holds no {BackupActions.Database}, so no receipts of erasures. Name the old data directory or a newer backup.", "erasures");
        if (manifest.Events > EventsVersion.Current) return Newer($"The events of the backup have version {manifest.Events}, this Looper reads up to {EventsVersion.Current}.");
        await using (var db = await databases.CreateDbContextAsync(cancel))
        {
            if (manifest.Migration is { } migration && !db.Database.GetMigrations().Contains(migration)) return Newer($"The backup's database was migrated by a newer Looper ({migration}).");
        }
        foreach (var part in manifest.Files)
        {
            var path = Path.GetFullPath(Path.Combine(from, part.Path));
            if (!path.StartsWith(from + Path.DirectorySeparatorChar, StringComparison.Ordinal)) return Foreign($"The backup names a file outside itself: {part.Path}.");
            if (!File.Exists(path)) return Damaged($"{part.Path} is missing.");
            await using var bytes = File.OpenRead(path);
            if (bytes.Length != part.Bytes) return Damaged($"{part.Path} has {bytes.Length} bytes, not {part.Bytes}.");
            if (Convert.ToHexStringLower(await System.Security.Cryptography.SHA256.HashDataAsync(bytes, cancel)) != part.Sha256) return Damaged($"{part.Path} is not what was backed up: its SHA-256 differs.");
        }
        return manifest;
    }

    /// <summary>Copies a checked backup into the data directory.</summary>
    /// <param name="replace">Move what is there aside.</param>
    /// <param name="erasures">Where receipts of later erasures lie; null takes what is moved aside, or what a restore that was cut short had moved.</param>
    /// <exception cref="StartRefusedException">A process uses the data directory.</exception>
    public async Task<Answered<PlacedBackup>> PlaceAsync(string from, BackupManifest manifest, bool replace, string? erasures, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        var (to, aside) = (directory.Path.TrimEnd(Path.DirectorySeparatorChar), "");
        var isThere = Directory.Exists(to) && Directory.EnumerateFileSystemEntries(to).Any();
        if (isThere && !replace)
            return new Refusal("backup.not-empty", $"{to} is not empty. Name another with --Looper:DataDirectory, or give --replace: what is there is moved aside, not deleted.");
        var under = RestoreMark.Gathering(to);
        if (GatheringFolder.Blocked(under, "backup.not-empty") is { } blocked) return blocked;
        if (isThere) directory.Open(restoring: true); // refuses while somebody serves it
        if (isThere) aside = string.Create(CultureInfo.InvariantCulture, $"{to}.before-restore-{clock.GetUtcNow():yyyyMMdd-HHmmss}");
        var receipts = erasures is not null ? Path.GetFullPath(erasures)
            : RestoreMark.Read(to) is null && ErasuresAgain.MayBeIn(to) ? aside
            : (RestoreMark.Read(to) ?? RestoreMark.Read(under)) is { } before && ErasuresAgain.MayBeIn(before) ? before : null;
        var left = isThere ? to : RestoreMark.ReadAside(under); // by a restore that was killed between its two moves
        GatheringFolder.Make(under);
        await RestoreMark.WriteAsync(under, receipts, isThere ? aside : left ?? "", cancel);
        foreach (var part in manifest.Files)
        {
            var target = Path.Combine(under, part.Path);
            SealedCopy.MakeFolder(Path.GetDirectoryName(target)!);
            if (await SealedCopy.CopyAsync(Path.Combine(from, part.Path), target, cancel) != part.Sha256) return Damaged($"{part.Path} changed while it was copied.");
        }
        if (File.Exists(Path.Combine(under, BackupActions.Database))) DatabaseFile.UseLog(Path.Combine(under, BackupActions.Database));
        if (left is not null) new RemovalFile(under).TakeOver(left); // removals after the backup that a server has not followed yet
        if (isThere)
        {
            Directory.Move(to, aside);
            directory.Dispose();
        }
        else if (Directory.Exists(to))
        {
            Directory.Delete(to);
        }
        GatheringFolder.Move(under, to);
        return new PlacedBackup(aside, receipts);
    }

    /// <summary>What was restored may be served once erasures have been looked for; where that was refused the mark stays, and nobody serves units that were erased.</summary>
    /// <returns>What it was given.</returns>
    public Answered<RestoredEvents> Finish(Answered<RestoredEvents> again)
    {
        if (again.Refusal is null) RestoreMark.Remove(directory.Path);
        return again;
    }

    private static Refusal Foreign(string what) => new("backup.foreign", what);

    private static Refusal Newer(string what) => new("backup.newer", $"{what} Restore it with that Looper, or a later one.");

    private static Refusal Damaged(string what) => new("backup.damaged", $"{what} Take another backup; nothing was changed.");
}
