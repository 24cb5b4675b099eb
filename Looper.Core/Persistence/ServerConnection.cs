using Microsoft.Data.SqlClient;
using Npgsql;

namespace Looper.Core.Persistence;

/// <summary>The operator's connection string, completed: a server that is away or hung must be noticed within ten seconds, so where the
/// operator gave no patience, ours stands.</summary>
public static class ServerConnection
{
    private const int ConnectSeconds = 3, CommandSeconds = 5;

    /// <exception cref="ArgumentException">It cannot be read; the message names the word at fault.</exception>
    public static string Complete(DatabaseKind kind, string? connectionString) => kind switch
    {
        DatabaseKind.Postgres => Postgres(connectionString),
        DatabaseKind.SqlServer => SqlServer(connectionString),
        _ => "",
    };

    /// <summary>Null when it can be used, else what is wrong with it.</summary>
    internal static string? Fault(DatabaseKind kind, string? connectionString)
    {
        try
        {
            Complete(kind, connectionString);
            return null;
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException or KeyNotFoundException or InvalidCastException)
        {
            return fault.Message;
        }
    }

    private static string Postgres(string? text)
    {
        var given = new NpgsqlConnectionStringBuilder(text);
        if (string.IsNullOrEmpty(given.Host)) throw new ArgumentException("there is no Host in it");
        if (string.IsNullOrEmpty(given.Database)) throw new ArgumentException("there is no Database in it");
        if (!given.ShouldSerialize("Timeout")) given.Timeout = ConnectSeconds;
        if (!given.ShouldSerialize("Command Timeout")) given.CommandTimeout = CommandSeconds;
        if (!given.ShouldSerialize("Cancellation Timeout")) given.CancellationTimeout = -1; // a hung server does not hear of a cancellation either
        given.ApplicationName ??= "Looper";
        return given.ToString();
    }

    private static string SqlServer(string? text)
    {
        var given = new SqlConnectionStringBuilder(text);
        if (string.IsNullOrEmpty(given.DataSource)) throw new ArgumentException("there is no Server in it");
        if (string.IsNullOrEmpty(given.InitialCatalog)) throw new ArgumentException("there is no Database in it");
        if (!given.ShouldSerialize("Connect Timeout")) given.ConnectTimeout = ConnectSeconds;
        if (!given.ShouldSerialize("Command Timeout")) given.CommandTimeout = CommandSeconds;
        if (!given.ShouldSerialize("Application Name")) given.ApplicationName = "Looper";
        given.ConnectRetryCount = 0; // whoever waits for the database asks again
        return given.ToString();
    }
}
