using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Npgsql;

namespace Looper.Testing.Servers;

/// <summary>A real PostgreSQL on a free port of this machine, in a directory that is gone at the end, never run as root. It ends with
/// the process that started it: its watcher reads a pipe that closes then, and takes the directory of the shared server with it, since a
/// process that is ending must not be held up by the files of a hundred databases.</summary>
public sealed partial class PostgresServer : IAsyncDisposable
{
    public const string Absent = "PostgreSQL is not installed here (Debian: postgresql), or there is no user postgres to run it as.";

    private const string Watch = "\"$@\" & server=$!; cat >/dev/null; kill -QUIT $server 2>/dev/null; wait $server";
    private const string WatchAndRemove = Watch + "; rm -rf \"$0\"";
    private static readonly Lazy<Task<PostgresServer>> s_shared = new(() => StartAsync(isShared: true));
    private static readonly string? s_programs = Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin")).Where(d => File.Exists(Path.Combine(d, "postgres"))).Order(StringComparer.Ordinal).LastOrDefault()
        : null;

    private readonly string _directory;
    private readonly bool _isShared;
    private int _databases;
    private Process? _watcher;

    private PostgresServer(string directory, int port, bool isShared) => (_directory, Port, _isShared) = (directory, port, isShared);

    public static bool IsHere => s_programs is not null && (!IsRoot || Directory.Exists("/var/lib/postgresql"));

    public int Port { get; }

    private static bool IsRoot => Environment.UserName == "root";

    private string Data => Path.Combine(_directory, "data");

    /// <summary>One for all tests of the process that neither stop nor starve it.</summary>
    public static Task<PostgresServer> SharedAsync() => s_shared.Value;

    /// <summary>One of its own.</summary>
    public static Task<PostgresServer> StartAsync() => StartAsync(isShared: false);

    private static async Task<PostgresServer> StartAsync(bool isShared)
    {
        var directory = Directory.CreateTempSubdirectory("looper-postgres-").FullName;
        if (IsRoot) await RunAsync("chown", "postgres:postgres", directory);
        var server = new PostgresServer(directory, FreePort(), isShared);
        await RunAsync([.. AsItsUser, Path.Combine(s_programs!, "initdb"), "-D", server.Data, "-A", "trust", "-U", "looper", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]);
        await server.LaunchAsync();
        return server;
    }

    /// <summary>A new empty database.</summary>
    /// <returns>How to reach it.</returns>
    public async Task<string> CreateDatabaseAsync(string? template = null)
    {
        var name = FormattableString.Invariant($"test_{Environment.ProcessId}_{Interlocked.Increment(ref _databases)}");
        await using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name} TEMPLATE {template ?? "template0"}", connection);
        await command.ExecuteNonQueryAsync();
        return ConnectionString(name);
    }

    public string ConnectionString(string database) => FormattableString.Invariant($"Host=127.0.0.1;Port={Port};Username=looper;Database={database};Maximum Pool Size=20");

    /// <summary>Ends it at once, as a crash would.</summary>
    public async Task StopAsync()
    {
        _watcher!.StandardInput.Close();
        await _watcher.WaitForExitAsync();
        _watcher.Dispose();
        _watcher = null;
    }

    /// <summary>Starts it again on the same port and data.</summary>
    public Task RestartAsync() => LaunchAsync();

    /// <summary>SIGSTOP to every process of it: connections stay open, nothing answers.</summary>
    public void Freeze() => Signal(19);

    /// <summary>SIGCONT.</summary>
    public void Thaw() => Signal(18);

    /// <summary>Ends every connection to a database from the server's side.</summary>
    public async Task ResetConnectionsAsync(string database)
    {
        await using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", connection) { Parameters = { new() { Value = database } } };
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_watcher is not null) await StopAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private static string[] AsItsUser => IsRoot ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : ["env"];

    private async Task LaunchAsync()
    {
        // Nothing here must survive a power cut, so it need not flush.
        string[] start =
        [
            .. AsItsUser, "sh", "-c", _isShared ? WatchAndRemove : Watch, _directory, Path.Combine(s_programs!, "postgres"), "-D", Data, "-p", Port.ToString(CultureInfo.InvariantCulture), "-k", _directory,
            "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=200", "-c", "logging_collector=off", "-c", "log_min_messages=fatal",
        ];
        var info = new ProcessStartInfo(start[0]) { RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = "/" };
        foreach (var argument in start.Skip(1)) info.ArgumentList.Add(argument);
        _watcher = Process.Start(info)!;
        _watcher.OutputDataReceived += (_, _) => { };
        _watcher.ErrorDataReceived += (_, _) => { };
        _watcher.BeginOutputReadLine();
        _watcher.BeginErrorReadLine();
        await Eventually.IsTrueAsync(async () =>
        {
            try
            {
                await using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false;Timeout=2");
                await connection.OpenAsync();
                return true;
            }
            catch (NpgsqlException)
            {
                return false;
            }
        }, TimeSpan.FromSeconds(60));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task RunAsync(params string[] command)
    {
        var info = new ProcessStartInfo(command[0]) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = "/" };
        foreach (var argument in command.Skip(1)) info.ArgumentList.Add(argument);
        using var process = Process.Start(info)!;
        var said = process.StandardOutput.ReadToEndAsync();
        var complained = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{command[0]} ended with {process.ExitCode}: {await said} {complained}");
    }

    private void Signal(int signal)
    {
        var postmaster = int.Parse(File.ReadLines(Path.Combine(Data, "postmaster.pid")).First(), CultureInfo.InvariantCulture);
        foreach (var process in (int[])[postmaster, .. Children(postmaster)])
        {
            // One may have ended by itself meanwhile.
            if (kill(process, signal) != 0 && process == postmaster) throw new InvalidOperationException($"Signal {signal} did not reach process {process}.");
        }
    }

    private static IEnumerable<int> Children(int parent) =>
        File.ReadAllText(FormattableString.Invariant($"/proc/{parent}/task/{parent}/children")).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(p => int.Parse(p, CultureInfo.InvariantCulture));

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int process, int signal);
}
