using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Looper.Testing.Servers;

/// <summary>The real program as its own process, on a free port of this machine and a data directory that is gone at the end.</summary>
public sealed partial class LooperServer : IAsyncDisposable
{
    public const string Email = "admin@example.com";
    public const string Password = "a sentence nobody else uses 42";

    private static readonly TimeSpan s_startWithin = TimeSpan.FromSeconds(90);
    private readonly TemporaryDirectory _directory = new();
    private readonly IReadOnlyDictionary<string, string> _settings;
    private readonly ConcurrentQueue<string> _log = new();
    private Process _process = null!;

    private LooperServer(IReadOnlyDictionary<string, string> settings) => _settings = settings;

    public string DataDirectory => _directory.Path;

    /// <summary>Changes with every start.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>From the start of the process to its first "ready".</summary>
    public TimeSpan ReadyAfter { get; private set; }

    /// <summary>Memory that the process holds now.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>What the program has said, all starts together.</summary>
    public IReadOnlyCollection<string> Log => _log;

    /// <summary>Folders that the process has the kernel watch for changes.</summary>
    public int WatchedFolders => Directory.EnumerateFiles($"/proc/{_process.Id}/fdinfo").Sum(file =>
    {
        try
        {
            return File.ReadAllLines(file).Count(l => l.StartsWith("inotify", StringComparison.Ordinal));
        }
        catch (IOException) // closed since
        {
            return 0;
        }
    });

    /// <param name="settings">Configuration on top of what the program ships with.</param>
    public static async Task<LooperServer> StartAsync(IReadOnlyDictionary<string, string>? settings = null)
    {
        var server = new LooperServer(settings ?? new Dictionary<string, string>());
        await server.LaunchAsync();
        return server;
    }

    /// <summary>Starts again on the same data directory.</summary>
    public Task RestartAsync() => LaunchAsync();

    /// <summary>Runs one of the program's commands beside the server, on any data directory.</summary>
    /// <returns>The exit code, and what it said.</returns>
    public static async Task<(int Code, string Said)> CommandAsync(string dataDirectory, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (IEnumerable<string>)[Program(), .. arguments, $"--Looper:DataDirectory={dataDirectory}"]) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var (output, faults) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await faults);
    }

    /// <summary>SIGKILL: nothing of the program runs after this.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync(TimeSpan within)
    {
        Signal(15);
        using var patience = new CancellationTokenSource(within);
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    /// <summary>SIGSTOP, and SIGCONT.</summary>
    public void Freeze() => Signal(19);

    /// <inheritdoc cref="Freeze"/>
    public void Thaw() => Signal(18);

    /// <summary>Makes the first account with the token from the log, and signs in as it.</summary>
    public async Task<HttpClient> SetUpAsync()
    {
        var token = await SetupTokenAsync();
        var client = Anonymous();
        using var answer = await client.PostAsJsonAsync("/api/setup", new { token, email = Email, name = "Admin", password = Password });
        await EnsureAsync(answer);
        return client;
    }

    public async Task<HttpClient> SignInAsync()
    {
        var client = Anonymous();
        using var answer = await client.PostAsJsonAsync("/api/sign-in", new { email = Email, password = Password });
        await EnsureAsync(answer);
        return client;
    }

    /// <summary>A client with neither cookie nor key; it keeps the cookies it is given.</summary>
    public HttpClient Anonymous() => new(new SocketsHttpHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = false }) { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(60) };

    /// <summary>A client that sends this key.</summary>
    public HttpClient WithKey(string key)
    {
        var client = Anonymous();
        client.DefaultRequestHeaders.Add("X-Api-Key", key);
        return client;
    }

    public async Task<string> SetupTokenAsync()
    {
        string? token = null;
        await Eventually.IsTrueAsync(() => Task.FromResult((token = _log.Select(l => SetupLink().Match(l)).FirstOrDefault(m => m.Success)?.Groups[1].Value) is not null));
        return token!;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
        _directory.Dispose();
    }

    public static async Task EnsureAsync(HttpResponseMessage answer)
    {
        if (!answer.IsSuccessStatusCode) throw new HttpRequestException($"{answer.RequestMessage?.Method} {answer.RequestMessage?.RequestUri}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    private async Task LaunchAsync()
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _directory.Path };
        start.ArgumentList.Add(Program());
        start.ArgumentList.Add("--urls=http://127.0.0.1:0");
        start.ArgumentList.Add($"--Looper:DataDirectory={_directory.Path}");
        foreach (var (key, value) in _settings) start.ArgumentList.Add($"--{key}={value}");
        if (!Sizes.IsLong) start.Environment["DOTNET_TieredPGO"] = "0"; // a short life: less work at start
        var since = Stopwatch.GetTimestamp();
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Hear(line.Data, address);
        _process.ErrorDataReceived += (_, line) => Hear(line.Data, address);
        _process.Exited += (_, _) => address.TrySetException(new InvalidOperationException("The server ended: " + string.Join('\n', _log.TakeLast(30))));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        Address = await address.Task.WaitAsync(s_startWithin);
        using var client = Anonymous();
        await Eventually.IsTrueAsync(async () => (await client.GetAsync("/readyz")).IsSuccessStatusCode, s_startWithin);
        ReadyAfter = Stopwatch.GetElapsedTime(since);
    }

    private void Hear(string? line, TaskCompletionSource<Uri> address)
    {
        if (line is null) return;
        _log.Enqueue(line);
        if (Listening().Match(line) is { Success: true } match) address.TrySetResult(new Uri(match.Groups[1].Value));
    }

    /// <summary>The program as it was built beside the tests, in the same configuration.</summary>
    private static string Program()
    {
        var tests = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        return Path.Combine(tests.Parent!.Parent!.FullName, "Looper.Web", tests.Name, "Looper.Web.dll");
    }

    private void Signal(int signal)
    {
        if (kill(_process.Id, signal) != 0) throw new InvalidOperationException($"Signal {signal} did not reach process {_process.Id}.");
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int process, int signal);

    [GeneratedRegex(@"start\.listening: (http://[^, ]+)")]
    private static partial Regex Listening();

    [GeneratedRegex(@"/setup#(\S+)")]
    private static partial Regex SetupLink();
}
