using System.Data.Common;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Looper.Core.Persistence;

/// <summary>Tells a database that does not answer from one that answers with an error of ours.</summary>
public static class DatabaseFaults
{
    // SQL Server and its network: time-out, not reachable, connection cut, shutting down, database not available.
    private static readonly HashSet<int> s_away = [-2, -1, 2, 53, 64, 121, 233, 258, 921, 922, 983, 4060, 6005, 10053, 10054, 10060, 10061, 11001, 17142, 40613];

    /// <summary>True when there is no room left where it lies: waiting does not help, freeing space does.</summary>
    public static bool IsFull(Exception fault) => fault switch
    {
        DbUpdateException { InnerException: { } inner } => IsFull(inner),
        SqliteException { SqliteErrorCode: 13 } => true, // SQLITE_FULL
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } => true,
        SqlException { Number: 1101 or 1105 or 9002 } => true, // no page, no extent, no room in the log
        _ => false,
    };

    /// <summary>True when its file contradicts itself: neither waiting nor freeing space helps.</summary>
    public static bool IsDamaged(Exception fault) => fault switch
    {
        DbUpdateException { InnerException: { } inner } => IsDamaged(inner),
        SqliteException { SqliteErrorCode: 11 or 26 } => true, // SQLITE_CORRUPT, SQLITE_NOTADB
        _ => false,
    };

    /// <summary>True when a row with the same key is there: somebody else saved it between the look and the save.</summary>
    public static bool IsTaken(Exception fault) => fault switch
    {
        DbUpdateException { InnerException: { } inner } => IsTaken(inner),
        SqliteException { SqliteExtendedErrorCode: 1555 or 2067 } => true, // SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE
        PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } => true,
        SqlException { Number: 2601 or 2627 } => true,
        _ => false,
    };

    /// <summary>True when a text is too long for its column, or holds a character that the database keeps in none.</summary>
    public static bool IsUnfit(Exception fault) => fault switch
    {
        DbUpdateException { InnerException: { } inner } => IsUnfit(inner),
        PostgresException { SqlState: PostgresErrorCodes.StringDataRightTruncation or PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.UntranslatableCharacter } => true,
        SqlException { Number: 2628 or 8152 } => true,
        _ => false,
    };

    /// <summary>What whoever asked is told where the database is at fault; null where it is not.</summary>
    public static Refusal? Told(Exception fault) => fault switch
    {
        _ when IsDamaged(fault) => new("database.damaged", "A database file of this installation is damaged, so this cannot be read or changed. Ask its operator to restore a backup."),
        _ when IsFull(fault) => new("database.full", "The database's disk is full, so nothing can be changed. Decisions are still answered. Free space on it, then try this again."),
        _ when IsAway(fault) => new("database.unavailable", "The database does not answer. Decisions are still answered; try this again in a few seconds."),
        _ => null,
    };

    /// <summary>Why the file of a database cannot be used, and what helps; null where the file is not at fault.</summary>
    /// <param name="file">Its path.</param>
    public static string? Unusable(string file, Exception fault) => fault switch
    {
        DbUpdateException { InnerException: { } inner } => Unusable(file, inner),
        SqliteException when IsDamaged(fault) => $"{file} is damaged: {fault.Message} Nothing was changed. Restore a backup: restore --from BACKUP --replace moves what is here aside.",
        SqliteException when IsFull(fault) => $"{file} cannot be opened: {fault.Message} Free space on its disk, then start again.",
        SqliteException { SqliteErrorCode: 5 or 6 } => $"{file} cannot be opened: {fault.Message} Another program holds it. End that program, then start again.", // SQLITE_BUSY, SQLITE_LOCKED
        SqliteException when IsAway(fault) => $"{file} cannot be opened: {fault.Message} Let Looper's account read and write it and its folder, and see that the disk has room, then start again.",
        _ => null,
    };

    /// <summary>True when its server answers and lets this node do nothing there: a wrong password, no such account or database, no right, or only reading.</summary>
    public static bool IsRefusing(Exception fault) => fault switch
    {
        DbUpdateException { InnerException: { } inner } => IsRefusing(inner),
        PostgresException { SqlState: ['2', '8', ..] or PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.InvalidCatalogName } => true,
        SqlException { Number: 229 or 3906 or 18456 } => true, // permission denied, read-only, login failed
        InvalidOperationException { InnerException: { } inner } => IsRefusing(inner),
        _ => false,
    };

    /// <summary>True when the same call is worth sending again once the server is back.</summary>
    public static bool IsAway(Exception fault) => fault switch
    {
        DbUpdateConcurrencyException => false,
        _ when IsRefusing(fault) => true, // until somebody has set it right there
        DbUpdateException { InnerException: { } inner } => IsAway(inner),
        PostgresException postgres => postgres.IsTransient || postgres.SqlState is ['5', '7', ..] or ['0', '8', ..] or ['5', '3', ..],
        NpgsqlException => true,
        SqlException server => server.IsTransient || s_away.Contains(server.Number),
        SqliteException { SqliteErrorCode: 1 or 18 or 19 or 20 or 21 or 25 } => false, // statement, size, constraint, type, use, range: ours
        SqliteException => true,
        TimeoutException => true,
        DbException other => other.IsTransient,
        InvalidOperationException { InnerException: { } inner } => IsAway(inner), // a pool that gave up waiting
        _ => false,
    };
}
