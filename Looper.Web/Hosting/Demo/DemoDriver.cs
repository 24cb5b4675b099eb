using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Simulation;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Looper.Web.Hosting.Demo;

/// <summary>
/// With <c>--demo</c>: sets the simulated shop up, sends its customers through the public API, and makes the report again
/// as they come in. Busy for the first five minutes, so that the loop can be watched, then a trickle. Ends when the
/// simulated data is removed.
/// </summary>
internal sealed class DemoDriver(
    IServer server, IHostApplicationLifetime lifetime, ShopDemo shop, DecisionPointQueries points, ExperimentQueries experiments, ReportActions reports,
    ApiKeyActions keys, ApiKeyQueries keyList, EventActivity activity, TimeProvider clock, ILogger<DemoDriver> log) : BackgroundService
{
    private const long ShopSeed = 1;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await StartedAsync(stoppingToken);
            if (await shop.EnsureAsync(stoppingToken) is { } refusal)
            {
                log.LogWarning("The simulated shop was not set up: {Reason}", refusal.Reason);
                return;
            }

            var point = (await points.FindAsync(Caller.System, ShopDemo.DecisionPointKey, stoppingToken))!;
            using var http = new HttpClient { BaseAddress = Address() };
            http.DefaultRequestHeaders.Add("X-Api-Key", await KeyAsync(stoppingToken));
            var traffic = new DemoTraffic(http, new BannerShop(ShopSeed), clock);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            Task[] work = [traffic.RunAsync(activity.Of(point.Id).Decisions, PerSecond, both.Token), ReportAsync(both.Token)];
            var first = await Task.WhenAny(work); // each ends only by failing or by being told to
            await both.CancelAsync();
            await first;
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        catch (HttpRequestException e)
        {
            log.LogInformation("The simulation has ended: {Reason}", e.Message);
        }
    }

    private static double PerSecond(TimeSpan elapsed) => elapsed < TimeSpan.FromMinutes(5) ? 100 : 5;

    private async Task ReportAsync(CancellationToken cancel)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromSeconds(75), clock);
        for (var reported = 0; await tick.WaitForNextTickAsync(cancel); reported++)
        {
            if (reported >= 8) tick.Period = TimeSpan.FromHours(1);
            var all = await experiments.ListAsync(Caller.System, ShopDemo.DecisionPointKey, cancel);
            if (all.Value?.FirstOrDefault(e => e.Key == ShopDemo.ExperimentKey) is { State: ExperimentState.Running } running)
                if ((await reports.ComputeAsync(Caller.System, running.Id, cancel)).Refusal is { } refusal) log.LogInformation("No report yet: {Reason}", refusal.Reason);
        }
    }

    /// <summary>A new key at every start: its text is kept nowhere, so an earlier one is of no use and is revoked.</summary>
    private async Task<string> KeyAsync(CancellationToken cancel)
    {
        foreach (var old in (await keyList.ListAsync(Caller.System, cancel)).Value!.Where(k => k is { IsSimulated: true, RevokedAt: null }))
            await keys.RevokeAsync(Caller.System, old.Id, cancel);
        return (await keys.CreateAsync(Caller.System, new("Simulated shop", KeyScopes.Decide | KeyScopes.Observe, [], IsSimulated: true), cancel)).Value!.Key;
    }

    private Uri Address() => new(server.Features.Get<IServerAddressesFeature>()!.Addresses.First(a => a.StartsWith("http:", StringComparison.Ordinal)));

    private async Task StartedAsync(CancellationToken cancel)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously); // the address is told before the shop is set up
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(cancel);
    }
}
