using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Ledger;
using Looper.Core.Simulation;
using Looper.Core.Studies;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Looper.Web.Hosting.Demo;

/// <summary>
/// With <c>--demo</c>: sets the simulated shop and the simulated notification app up, sends their units through the public API, and
/// makes the shop's report again as they come in. The shop is busy for the first five minutes and the notification app while its study
/// runs, so that the loops can be watched; then a trickle. Ends when the simulated data is removed.
/// </summary>
internal sealed class DemoDriver(
    IServer server, IHostApplicationLifetime lifetime, ShopDemo shop, NotificationDemo notifications, StudyQueries studies, StudyActions studyActions, DecisionPointQueries points, ExperimentQueries experiments, ReportActions reports, LedgerActions ledger,
    ApiKeyActions keys, ApiKeyQueries keyList, EventActivity activity, TimeProvider clock, ILogger<DemoDriver> log) : BackgroundService
{
    private const long ShopSeed = 1;

    private volatile bool _studying = true;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await StartedAsync(stoppingToken);
            if ((await shop.EnsureAsync(stoppingToken) ?? await notifications.EnsureAsync(stoppingToken)) is { } refusal)
            {
                log.LogWarning("The simulated products were not set up: {Reason}", refusal.Reason);
                return;
            }

            var point = (await points.FindAsync(Caller.System, ShopDemo.DecisionPointKey, stoppingToken))!;
            using var http = new HttpClient { BaseAddress = Address() };
            http.DefaultRequestHeaders.Add("X-Api-Key", await KeyAsync(stoppingToken));
            var traffic = new ShopTraffic(new(http, clock), new BannerShop(ShopSeed));
            var phones = new NotificationTraffic(new(http, clock));
            var rule = (await points.FindAsync(Caller.System, NotificationDemo.DecisionPointKey, stoppingToken))!;
            using var both = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            Task[] work = [traffic.RunAsync(activity.Of(point.Id).Decisions, PerSecond, both.Token), phones.RunAsync(activity.Of(rule.Id).Decisions, _ => _studying ? 40 : 2, both.Token), ReportAsync(both.Token), StudyAsync(both.Token)];
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
            // once a day, as it is measured by itself, would be long to wait for who only looks
            if ((await ledger.MeasureAsync(Caller.System, ShopDemo.DecisionPointKey, cancel)).Refusal is { } unasked) log.LogInformation("No gain yet: {Reason}", unasked.Reason);
        }
    }

    // Stands in for the person who looks at a broken guardrail and goes on.
    private async Task StudyAsync(CancellationToken cancel)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromSeconds(20), clock);
        do
        {
            var all = (await studies.ListAsync(Caller.System, NotificationDemo.DecisionPointKey, cancel)).Value ?? [];
            foreach (var paused in all.Where(s => s.State == StudyState.Paused && s.Reason?.StartsWith("Guardrail", StringComparison.Ordinal) == true))
                await studyActions.ResumeAsync(Caller.System, paused.Id, cancel);
            _studying = all.Any(s => s.State is StudyState.Running or StudyState.Paused);
        }
        while (await tick.WaitForNextTickAsync(cancel));
    }

    /// <summary>A new key at every start: its text is kept nowhere, so an earlier one is of no use and is revoked.</summary>
    private async Task<string> KeyAsync(CancellationToken cancel)
    {
        foreach (var old in (await keyList.ListAsync(Caller.System, cancel)).Value!.Where(k => k is { IsSimulated: true, RevokedAt: null }))
            await keys.RevokeAsync(Caller.System, old.Id, cancel);
        return (await keys.CreateAsync(Caller.System, new("Simulated products", KeyScopes.Decide | KeyScopes.Observe, [], IsSimulated: true), cancel)).Value!.Key;
    }

    private Uri Address() => new(server.Features.Get<IServerAddressesFeature>()!.Addresses.First(a => a.StartsWith("http:", StringComparison.Ordinal)));

    private async Task StartedAsync(CancellationToken cancel)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously); // the address is told before the shop is set up
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(cancel);
    }
}
