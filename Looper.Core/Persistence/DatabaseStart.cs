using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Logging;

namespace Looper.Core.Persistence;

/// <summary>Brings the database to the version of the program before anything uses it.</summary>
public sealed partial class DatabaseStart(
    IDbContextFactory<LooperDb> databases, DataDirectory directory, MigrationCopies copies, TimeProvider clock, ILogger<DatabaseStart> log)
{
    /// <summary>Long enough for another node to finish, short enough for an operator to see that something is wrong.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan MigrationPatience = TimeSpan.FromMinutes(10); // of a server: its tables may be large

    /// <exception cref="StartRefusedException">The database is newer than the program, or could not be migrated.</exception>
    public async Task OpenAsync(CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var known = db.Database.GetMigrations().ToList();
        // Asking to migrate when there is nothing to do takes a lock that a killed process leaves behind.
        if (await AppliedAsync(db, known, cancel) == known.Count) return;
        await MakeDatabaseAsync(db, cancel);
        await using var alone = await HoldAsync(db, cancel);
        var applied = await AppliedAsync(db, known, cancel);
        if (applied == known.Count) return; // another node was first
        if (db.Database.IsSqlite() && File.Exists(directory.File("looper.db")))
        {
            await BackUpAsync(db, cancel);
            await ClearLockAsync(db, cancel);
        }
        await MigrateAsync(db, cancel);
        Migrated(log, known.Count - applied, known[^1]);
    }

    /// <summary>The statements that bring an empty or older database up to date; safe to run on either.</summary>
    public string Script()
    {
        using var db = databases.CreateDbContext();
        // SQLite knows no conditional statements.
        var how = db.Database.IsSqlite() ? MigrationsSqlGenerationOptions.Default : MigrationsSqlGenerationOptions.Idempotent;
        return db.GetService<IMigrator>().GenerateScript(options: how);
    }

    private async Task<int> AppliedAsync(LooperDb db, List<string> known, CancellationToken cancel)
    {
        var applied = (await db.Database.GetAppliedMigrationsAsync(cancel)).ToList();
        return applied.Except(known).ToList() is not [var newer, ..] ? applied.Count : throw new StartRefusedException(
            $"The database was written by a newer Looper ({newer}). Run that version, or go back to a backup from before the upgrade ({directory.File("backups")}).");
    }

    /// <summary>On a server the database itself may still be missing; of two nodes that make it at once, one does.</summary>
    private static async Task MakeDatabaseAsync(LooperDb db, CancellationToken cancel)
    {
        if (db.Database.IsSqlite()) return;
        var creator = db.GetService<IRelationalDatabaseCreator>();
        if (await creator.ExistsAsync(cancel)) return;
        try
        {
            await creator.CreateAsync(cancel);
        }
        catch (DbException e)
        {
            if (!await creator.ExistsAsync(cancel))
                throw new StartRefusedException($"There is no such database on the server, and it could not be made: {e.Message} Make it, or let this account make it.", e);
        }
    }

    private static async Task<IAsyncDisposable> HoldAsync(LooperDb db, CancellationToken cancel)
    {
        try
        {
            return await db.HoldAsync("looper-migrate", Patience, cancel);
        }
        catch (TimeoutException e)
        {
            throw new StartRefusedException($"Another process has been migrating the database for {Patience.TotalSeconds:0} s. Wait until it has finished, then start again.", e);
        }
    }

    private async Task BackUpAsync(LooperDb db, CancellationToken cancel)
    {
        var copy = copies.Next(clock.GetUtcNow());
        await db.Database.ExecuteSqlAsync($"VACUUM INTO {copy}", cancel);
        BackedUp(log, copy);
    }

    /// <summary>A process killed while migrating leaves a lock row that would block every later start. Only this process has the data
    /// directory, so whoever wrote the row is gone.</summary>
    private async Task ClearLockAsync(LooperDb db, CancellationToken cancel)
    {
        var tables = await db.Database.SqlQuery<int>($"SELECT count(*) AS Value FROM sqlite_master WHERE name = '__EFMigrationsLock'").SingleAsync(cancel);
        if (tables > 0 && await db.Database.ExecuteSqlAsync($"DELETE FROM __EFMigrationsLock", cancel) > 0) LockCleared(log);
    }

    private async Task MigrateAsync(LooperDb db, CancellationToken cancel)
    {
        db.Database.SetCommandTimeout(MigrationPatience);
        using var patience = new CancellationTokenSource(db.Database.IsSqlite() ? Patience : MigrationPatience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, patience.Token);
        try
        {
            await db.Database.MigrateAsync(either.Token);
        }
        catch (OperationCanceledException e) when (patience.IsCancellationRequested)
        {
            throw new StartRefusedException("Migrating the database took too long. Is another process migrating it?", e);
        }
        catch (Exception e) when (DatabaseFaults.IsRefusing(e)) // it answers, so this is no outage: on the tables of an earlier version nothing may serve
        {
            throw new StartRefusedException($"The database refuses to be migrated: {e.Message} Let this account change its tables, or run what migrate --script prints by one that may, then start again.", e);
        }
    }

    [LoggerMessage(1003, LogLevel.Information, "start.migrated: {Count} migrations, up to {Last}")]
    private static partial void Migrated(ILogger log, int count, string last);

    [LoggerMessage(1304, LogLevel.Information, "backup.done: {Copy}, before migrating")]
    private static partial void BackedUp(ILogger log, string copy);

    [LoggerMessage(1004, LogLevel.Warning, "start.lock-cleared: a process was killed while migrating; its lock was removed")]
    private static partial void LockCleared(ILogger log);
}
