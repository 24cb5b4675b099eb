using System.Diagnostics;
using System.Globalization;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Learning;
using Looper.Core.Models;
using Looper.Core.Persistence;
using Looper.Testing;
using Looper.Web.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Looper.Benchmarks.Serving;

/// <summary>The real program in this process, as it ships, on a port and an empty data directory of its own.</summary>
internal sealed class BenchServer : IAsyncDisposable
{
    private readonly TemporaryDirectory? _directory;
    private readonly WebApplication _bare;

    private BenchServer(IServiceProvider services, WebApplication bare, TemporaryDirectory? directory, int port) =>
        (Services, _bare, _directory, Port) = (services, bare, directory, port);

    public IServiceProvider Services { get; }
    public int Port { get; }
    public int BarePort => Port + 1;

    public static async Task<BenchServer> StartAsync(int port, string? data = null)
    {
        var directory = data is null ? new TemporaryDirectory() : null;
        var host = new TaskCompletionSource<IHost>();
        using var hearing = new HostHeard(host);
        using var subscription = DiagnosticListener.AllListeners.Subscribe(hearing);
        var entry = typeof(SnapshotRefresher).Assembly.EntryPoint!;
        var run = new Thread(() => entry.Invoke(null,
        [
            new[]
            {
                "--applicationName=Looper.Web", $"--urls=http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}",
                $"--Looper:DataDirectory={data ?? directory!.Path}",
            },
        ])) { IsBackground = true };
        run.Start();
        var built = await host.Task.WaitAsync(TimeSpan.FromSeconds(60));
        var started = new TaskCompletionSource();
        built.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(TimeSpan.FromSeconds(120));
        return new(built.Services, await BareEndpoint.StartAsync(port + 1), directory, port);
    }

    public T Get<T>() where T : notnull => Services.GetRequiredService<T>();

    public async Task<string> KeyAsync()
    {
        var created = await Get<ApiKeyActions>().CreateAsync(Caller.System, new NewApiKey("bench", KeyScopes.Decide | KeyScopes.Observe | KeyScopes.Read, []), default);
        await Get<ApiKeyRing>().RefreshAsync(default);
        return created.Value!.Key;
    }

    /// <summary>Decision points straight in the tables, each with its model.</summary>
    public async Task PublishAsync(IEnumerable<(string Key, BlueprintContent Content)> points, TrainedPredictor? model)
    {
        var (ids, artefact) = (Get<Ids>(), model is null ? [] : Artefact.Write(model));
        await using (var db = await Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync())
        {
            foreach (var (key, content) in points)
            {
                var point = new DecisionPoint { Id = ids.Next(), Key = key, Name = key, Salt = key.Length, CreatedAt = DateTimeOffset.UnixEpoch, CurrentVersion = 1 };
                var text = BlueprintJson.Write(content);
                db.Add(point);
                db.Add(new Blueprint
                {
                    Id = ids.Next(), DecisionPointId = point.Id, Version = 1, Content = text, Hash = BlueprintJson.Hash(text), PublishedAt = DateTimeOffset.UnixEpoch, PublishedBy = "bench",
                });
                if (model is not null)
                    db.Add(new Model { Id = ids.Next(), DecisionPointId = point.Id, Number = 1, Outcome = "purchase", State = ModelState.Live, Family = "trees", BlueprintVersion = 1, TrainedAt = DateTimeOffset.UnixEpoch, DataFrom = DateTimeOffset.UnixEpoch, DataUntil = DateTimeOffset.UnixEpoch, Artefact = artefact });
            }
            await db.SaveChangesAsync();
        }
        await Get<SnapshotRefresher>().RefreshAsync(default);
    }

    /// <summary>Records the journal has committed since the start.</summary>
    public long Journaled => Get<Looper.Core.Events.Journal>().Condition.Records;

    public async ValueTask DisposeAsync()
    {
        await _bare.DisposeAsync();
        Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        await Task.Delay(1_000);
        _directory?.Dispose();
    }

    /// <summary>The program keeps its host to itself, but the framework tells who listens.</summary>
    private sealed class HostHeard(TaskCompletionSource<IHost> host) : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
    {
        private readonly List<IDisposable> _subscriptions = [];

        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == "Microsoft.Extensions.Hosting") _subscriptions.Add(value.Subscribe(this));
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value is { Key: "HostBuilt", Value: IHost built }) host.TrySetResult(built);
        }

        public void OnCompleted() { }

        public void OnError(Exception error) => host.TrySetException(error);

        public void Dispose() => _subscriptions.ForEach(s => s.Dispose());
    }
}
