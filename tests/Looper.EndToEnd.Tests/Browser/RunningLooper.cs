using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Looper.Testing;

namespace Looper.EndToEnd.Tests.Browser;

/// <summary>The real program on an empty data directory and a free port, as an operator starts it.</summary>
public sealed partial class RunningLooper : IAsyncDisposable
{
    private readonly TemporaryDirectory _data = new();
    private readonly TaskCompletionSource<string> _token = new();
    private readonly System.Text.StringBuilder _log = new();
    private readonly Process _process;

    // Beside the tests in artifacts/bin, of the same configuration.
    private static string Program { get; } = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", "Looper.Web", Path.GetFileName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)), "Looper.Web.dll"));

    private RunningLooper(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    /// <summary>What the program said so far.</summary>
    public string Log
    {
        get { lock (_log) return _log.ToString(); }
    }

    /// <summary>The token it printed, to make the first account with.</summary>
    public Task<string> SetupTokenAsync() => _token.Task.WaitAsync(TimeSpan.FromSeconds(60));

    public static async Task<RunningLooper> StartAsync(params string[] arguments)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort()}");
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath() };
        start.ArgumentList.Add(Program);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["ASPNETCORE_URLS"] = address.ToString();
        var process = new Process { StartInfo = start };
        var looper = new RunningLooper(process, address);
        start.Environment["Looper__DataDirectory"] = looper._data.Path;
        process.OutputDataReceived += (_, e) => looper.Hear(e.Data);
        process.ErrorDataReceived += (_, e) => looper.Hear(e.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await looper.WaitUntilReadyAsync();
        }
        catch
        {
            await looper.DisposeAsync();
            throw;
        }

        return looper;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _data.Dispose();
    }

    private void Hear(string? line)
    {
        if (line is null) return;
        lock (_log) _log.AppendLine(line);
        if (SetupAddress().Match(line) is { Success: true } found) _token.TrySetResult(found.Groups[1].Value);
    }

    private async Task WaitUntilReadyAsync()
    {
        using var client = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(5) };
        var patience = Stopwatch.StartNew();
        while (patience.Elapsed < TimeSpan.FromSeconds(90))
        {
            if (_process.HasExited) throw new InvalidOperationException($"The server ended with code {_process.ExitCode}:\n{Log}");
            try
            {
                using var answer = await client.GetAsync("/healthz");
                if (answer.StatusCode == HttpStatusCode.OK) return;
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                // not listening yet
            }

            await Task.Delay(200);
        }

        throw new TimeoutException($"The server was not ready within 90 s:\n{Log}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex(@"/setup#(\S+)")]
    private static partial Regex SetupAddress();
}
