using Looper.Core.Events;
using Looper.Core.Persistence;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Looper.Core.Backups;

/// <summary>Backs a data directory up, while it is served or not. Order matters: events first, then what people edit, then snapshots and keys, so
/// that every version a decision names is there.</summary>
public sealed class BackupActions(
    IDbContextFactory<LooperDb> databases, DataDirectory directory, IOptions<LooperOptions> options, JournalOptions journal, CorruptRecords corrupt, TimeProvider clock)
{
    internal const string Events = "events.db", Database = "looper.db";

    // Logs, uploads that wait to be read, the scheduler's file and older backups can be lost. So must the journal's name for the copy on a server
    // (node.id): a restored journal has to take another.
    private static readonly string[] s_folders = ["snapshots", "access", "keys"];
    private static readonly string[] s_files = ["removals.jsonl"];

    /// <param name="to">A folder that is not there yet, or is empty. Holds keys afterwards: keep it as safe as the data directory.</param>
    public async Task<Answered<BackupManifest>> RunAsync(string to, CancellationToken cancel)
    {
        if (string.IsNullOrWhiteSpace(to)) return new Refusal("backup.target", "The name of the folder is empty. Name one that is not there yet.", "to");
        to = Path.TrimEndingDirectorySeparator(Path.GetFullPath(to)); // "monday/" is no folder inside monday
        if (File.Exists(to)) return new Refusal("backup.target", $"{to} is a file. Name a folder that is not there yet.", "to");
        if (Directory.Exists(to) && Directory.EnumerateFileSystemEntries(to).Any()) return new Refusal("backup.target", $"{to} is not empty. Name a folder that is not there yet.", "to");
        if ((to + Path.DirectorySeparatorChar).StartsWith(directory.Path.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            return new Refusal("backup.target", $"{to} lies in the data directory, and would be lost with it. Name a folder elsewhere, best on another disk.", "to");
        if (!File.Exists(directory.File(Events))) return new Refusal("backup.nothing", $"{directory.Path} is no data directory of Looper: it holds no {Events}. Name it with --Looper:DataDirectory.");
        var under = to + ".partial";
        if (GatheringFolder.Blocked(under, "backup.target", "to") is { } blocked) return blocked;
        GatheringFolder.Make(under);
        var files = new List<BackupFile> { await CopyDatabaseAsync(Events, under, cancel) };
        var (kind, migration) = (options.Value.Database, (string?)null);
        if (kind == DatabaseKind.Sqlite)
        {
            await using var db = await databases.CreateDbContextAsync(cancel);
            files.Add(await CopyDatabaseAsync(Database, under, cancel));
            migration = (await db.Database.GetAppliedMigrationsAsync(cancel)).LastOrDefault();
        }
        foreach (var file in Others())
        {
            SealedCopy.MakeFolder(Path.GetDirectoryName(Path.Combine(under, file))!);
            try
            {
                await SealedCopy.CopyAsync(directory.File(file), Path.Combine(under, file), cancel);
            }
            catch (FileNotFoundException)
            {
                continue; // an old snapshot made room for a new one meanwhile
            }
            files.Add(await SealedCopy.SealAsync(under, file, cancel));
        }
        var copied = journal with { Path = Path.Combine(under, Events) };
        var before = corrupt.Count;
        var (decisions, observations) = RecordCheck.Run(copied, corrupt, (_, _) => { });
        var manifest = new BackupManifest(BackupManifest.ProductName, BackupManifest.CurrentFormat, clock.GetUtcNow(), kind, migration, RecordCheck.VersionOf(copied), decisions, observations, files, "", corrupt.Count - before);
        await File.WriteAllTextAsync(Path.Combine(under, BackupManifest.Name), manifest.Write(), cancel);
        await SealedCopy.SealAsync(under, BackupManifest.Name, cancel);
        if (Directory.Exists(to)) Directory.Delete(to);
        GatheringFolder.Move(under, to);
        return manifest;
    }

    private IEnumerable<string> Others() =>
        s_files.Where(f => File.Exists(directory.File(f))).Concat(s_folders.Where(f => Directory.Exists(directory.File(f)))
            .SelectMany(f => Directory.EnumerateFiles(directory.File(f), "*", SearchOption.AllDirectories))
            .Select(f => Path.GetRelativePath(directory.Path, f).Replace('\\', '/')).Where(f => !f.EndsWith(".tmp", StringComparison.Ordinal)));

    // One read transaction, so one moment, whatever is written meanwhile. A copy of the file, or of its pages one by one, is of no moment at all.
    private async Task<BackupFile> CopyDatabaseAsync(string name, string to, CancellationToken cancel)
    {
        var copy = Path.Combine(to, name);
        await using (var source = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = directory.File(name), Mode = SqliteOpenMode.ReadOnly, Pooling = false, DefaultTimeout = 30 }.ToString()))
        {
            await source.OpenAsync(cancel);
            await using var vacuum = source.CreateCommand();
            (vacuum.CommandText, vacuum.CommandTimeout) = ("VACUUM INTO $copy", 0);
            vacuum.Parameters.AddWithValue("$copy", copy);
            await vacuum.ExecuteNonQueryAsync(cancel);
        }
        DatabaseFile.Check(copy);
        return await SealedCopy.SealAsync(to, name, cancel);
    }
}
