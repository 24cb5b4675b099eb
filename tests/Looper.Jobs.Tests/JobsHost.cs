using System.Collections.Concurrent;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Models;
using Looper.Core.Persistence;
using Looper.Core.Runs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Looper.Jobs.Tests;

/// <summary>The real scheduler on real files, with one kind of work whose phases a test can hold and count.</summary>
internal sealed class JobsHost : IAsyncDisposable
{
    public const string Kind = "test-work";

    private readonly IHost _host;

    private JobsHost(IHost host, Gates gates, Lines lines) => (_host, Gates, Log) = (host, gates, lines);

    public Gates Gates { get; }
    public Lines Log { get; }
    public IServiceProvider Services => _host.Services;
    public JobRuns Runs => Services.GetRequiredService<JobRuns>();

    public static async Task<JobsHost> StartAsync(string directory, Gates? gates = null, bool withScheduler = true, Action<IServiceCollection>? services = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Looper:Jobs:Pulse"] = "00:00:00.1",
            ["Looper:Jobs:Poll"] = "00:00:00.2",
            ["Looper:Jobs:Lease"] = "00:00:05",
        });
        gates ??= new Gates();
        var lines = new Lines();
        builder.Logging.AddProvider(lines);
        builder.Services.Configure<LooperOptions>(o => o.DataDirectory = directory);
        builder.Services.AddCore();
        builder.Services.AddPersistence();
        builder.Services.AddRuns();
        if (withScheduler) builder.Services.AddLooperJobs(DatabaseKind.Sqlite);
        else builder.Services.AddSingleton<JobRuns>().AddOptions<JobsOptions>().BindConfiguration(JobsOptions.Section);
        builder.Services.AddSingleton(gates);
        builder.Services.AddScoped<GatedJob>();
        builder.Services.AddSingleton(new QueuedJobType(Kind, typeof(GatedJob)));
        services?.Invoke(builder.Services);
        var host = builder.Build();
        await using (var db = await host.Services.GetRequiredService<IDbContextFactory<LooperDb>>().CreateDbContextAsync()) await db.Database.EnsureCreatedAsync();
        await host.StartAsync();
        return new(host, gates, lines);
    }

    public async Task<Guid> AskAsync(string subject = "banner")
    {
        var asked = await Services.GetRequiredService<JobRequests>().EnqueueAsync(Caller.System, Kind, Point(subject), subject, "{}", default);
        Assert.Null(asked.Refusal);
        return asked.Value;
    }

    public async Task<JobRunView> RunAsync(Guid id) => (await Services.GetRequiredService<JobRunQueries>().FindAsync(Caller.System, id, default)).Value!;

    public async Task<IReadOnlyList<string>> LogOfAsync(Guid id) =>
        [.. (await Services.GetRequiredService<JobRunQueries>().LogAsync(Caller.System, id, 0, 1_000, default)).Value!.Select(l => l.Text)];

    public Task<Refusal?> CancelAsync(Guid id) => Services.GetRequiredService<JobRunActions>().CancelAsync(Caller.System, id, default);

    /// <summary>Waits until the run ends, or fails after <paramref name="seconds"/>.</summary>
    public async Task<JobRunView> EndAsync(Guid id, double seconds = 20)
    {
        for (var deadline = Environment.TickCount64 + seconds * 1_000; Environment.TickCount64 < deadline;)
        {
            var run = await RunAsync(id);
            if (!run.IsOpen) return run;
            await Task.Delay(20);
        }
        throw new TimeoutException($"Still {(await RunAsync(id)).State} after {seconds} s.");
    }

    /// <summary>Rows that runs have published: one version each.</summary>
    public async Task<int> PublishedAsync()
    {
        await using var db = await Services.GetRequiredService<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        return await db.Set<Model>().CountAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Gates.OpenAll();
        await _host.StopAsync();
        _host.Dispose();
    }

    private static Guid Point(string subject) => new(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(subject)).AsSpan(0, 16));
}

/// <summary>Doors that the work stops at, until a test opens them.</summary>
internal sealed class Gates
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _reached = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _open = new();
    private volatile bool _all;

    public int Starts;

    /// <summary>Phases that hold; the others let the work pass.</summary>
    public HashSet<string> Held { get; init; } = [];

    public Task Reached(string phase) => Source(_reached, phase).Task.WaitAsync(TimeSpan.FromSeconds(20));

    public void Open(string phase) => Source(_open, phase).TrySetResult();

    public void OpenAll()
    {
        _all = true;
        foreach (var phase in Held) Open(phase);
    }

    public async Task PassAsync(string phase, CancellationToken cancel)
    {
        Source(_reached, phase).TrySetResult();
        if (Held.Contains(phase) && !_all) await Source(_open, phase).Task.WaitAsync(cancel);
    }

    private static TaskCompletionSource Source(ConcurrentDictionary<string, TaskCompletionSource> of, string phase) =>
        of.GetOrAdd(phase, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}

/// <summary>Three phases, then one published version.</summary>
internal sealed class GatedJob(JobRuns runs, Gates gates, Ids ids, ILogger<GatedJob> log) : QueuedJob(runs, log)
{
    public static readonly string[] Phases = ["Gather", "Fit", "Register"];

    protected override async Task<Refusal?> RunAsync(RunningJob run, CancellationToken cancel)
    {
        Interlocked.Increment(ref gates.Starts);
        if (run.Subject == "hopeless") return new("work.hopeless", "There is nothing to work on: add something, then run it again.");
        if (run.Subject == "broken") throw new InvalidOperationException("planted");
        for (var i = 0; i < Phases.Length; i++)
        {
            run.Report(Phases[i], 10 + 30 * i);
            await gates.PassAsync(Phases[i], cancel);
        }
        await run.PublishAsync((db, _) =>
        {
            db.Add(new Model { Id = ids.Next(), DecisionPointId = run.Id, Number = 1, Outcome = "visit" });
            return Task.CompletedTask;
        }, () => "One version came out.", cancel);
        return null;
    }
}

/// <summary>What was logged.</summary>
internal sealed class Lines : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    public bool Contains(string text) => _lines.Any(l => l.Contains(text, StringComparison.Ordinal));

    public string Text => string.Join('\n', _lines);

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue($"{logLevel} {formatter(state, exception)} {exception}");

    public void Dispose() { }
}
