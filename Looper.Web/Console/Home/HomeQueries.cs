using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Ledger;
using Looper.Core.Models;
using Looper.Core.Monitoring;
using Looper.Core.Runs;

namespace Looper.Web.Console.Home;

/// <summary>Gathers what Home and the bell show from the queries of the other pages. Both are open in every tab and hear of every change, and what they show is the same
/// for everyone who may read: so it is read once for all of them, again after a change, and while jobs only come further no more than every few seconds.</summary>
public sealed class HomeQueries : IDisposable
{
    private static readonly TimeSpan s_kept = TimeSpan.FromSeconds(5);

    private readonly DecisionPointQueries _points;
    private readonly EventActivity _activity;
    private readonly ModelQueries _models;
    private readonly ExperimentQueries _experiments;
    private readonly JobRunQueries _jobs;
    private readonly LedgerQueries _ledger;
    private readonly MonitoringQueries _monitoring;
    private readonly TimeProvider _clock;
    private readonly IDisposable _heard;
    private readonly Lock _gate = new();
    private Task<HomeView>? _shared;
    private long _readAt;

    public HomeQueries(
        DecisionPointQueries points, EventActivity activity, ModelQueries models, ExperimentQueries experiments, JobRunQueries jobs, LedgerQueries ledger, MonitoringQueries monitoring, ChangeFeed changes, TimeProvider clock)
    {
        (_points, _activity, _models, _experiments, _jobs, _ledger, _monitoring, _clock) = (points, activity, models, experiments, jobs, ledger, monitoring, clock);
        _heard = changes.Subscribe(change =>
        {
            if (change.Kind == ChangeKind.JobProgress) return;
            lock (_gate) _shared = null;
        });
    }

    public Task<HomeView> ReadAsync(Caller caller, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Read) is not null) return Task.FromResult(HomeView.Of(new([], [], null, [], [], [])));
        lock (_gate)
        {
            if (_shared is null or { IsFaulted: true } || _clock.GetElapsedTime(_readAt) >= s_kept) (_shared, _readAt) = (ReadAsync(caller), _clock.GetTimestamp());
            return _shared.WaitAsync(cancel);
        }
    }

    public async Task<IReadOnlyList<DecisionPointRow>> RowsAsync(Caller caller, CancellationToken cancel)
    {
        var gains = (await _ledger.ListAsync(caller, cancel, tellsMoney: false)).Value?.Entries.ToDictionary(e => e.DecisionPoint, e => e.Gain) ?? [];
        var alerts = ((await _monitoring.AlertsAsync(caller, null, activeOnly: true, cancel)).Value ?? []).ToLookup(a => a.DecisionPointKey);
        return [.. (await _points.ListAsync(caller, cancel)).Select(point => new DecisionPointRow(point, _activity.Of(point.Id), gains.GetValueOrDefault(point.Key)) { Alerts = [.. alerts[point.Key]] })];
    }

    public void Dispose() => _heard.Dispose();

    // Never cancelled: whoever asked first may leave, and others wait for it.
    private Task<HomeView> ReadAsync(Caller caller) => Task.Run(async () => HomeView.Of(new(
        await RowsAsync(caller, default),
        (await _models.ListAsync(caller, new ModelFilter(), default)).Value?.Items ?? [],
        await _models.FirstLiveAsync(caller, default),
        (await _experiments.ListAsync(caller, null, default)).Value ?? [],
        (await _jobs.ListAsync(caller, new JobRunFilter(), default)).Value ?? [],
        (await _jobs.StandingAsync(caller, default)).Value ?? [])));
}
