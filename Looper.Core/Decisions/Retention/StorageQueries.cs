using System.Collections.Immutable;
using Looper.Core.Access;
using Looper.Core.Events;
using Looper.Core.Persistence;

namespace Looper.Core.Decisions.Retention;

/// <summary>What is stored, for how long, and where its size is going.</summary>
/// <param name="DiskFreeBytes">On the disk of the data directory, of <paramref name="DiskBytes"/>.</param>
public sealed record StorageView(
    int Days, ImmutableArray<PointRetention> Points, EventStorage Storage, GrowthForecast Forecast, long DiskFreeBytes, long DiskBytes, DateTimeOffset MeasuredAt)
{
    public const double LeastFreeShare = 0.10;
    public const long LeastFreeBytes = 2L << 30;
    public const int WarnDays = 14;

    /// <summary>Why somebody should make room; null when nobody needs to.</summary>
    public string? Warning =>
        DiskFreeBytes < LeastFreeBytes || DiskFreeBytes < LeastFreeShare * DiskBytes ? FormattableString.Invariant($"{DiskFreeBytes >> 20:N0} MB of {DiskBytes >> 20:N0} MB are free. Make room, or move the data directory.")
        : Forecast.FullInDays < WarnDays ? FormattableString.Invariant($"At {Forecast.BytesPerDay / (1 << 20):N0} MB a day the disk is full in {Forecast.FullInDays:N0} days. Make room, or keep events for fewer days.")
        : null;
}

/// <summary>Measures at most once every few minutes: health is asked every few seconds, and counting rows is not free.</summary>
public sealed class StorageQueries(Retentions retentions, EventReader events, DataDirectory directory, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan s_fresh = TimeSpan.FromMinutes(5);
    private readonly SemaphoreSlim _one = new(1);
    private readonly Lock _gate = new();
    private (EventStorage Storage, DateTimeOffset At)? _measured;
    private (RetentionPlan Plan, DateTimeOffset At) _plan = (new(RetentionPlan.PresetDays, []), DateTimeOffset.MinValue);
    private Task _reading = Task.CompletedTask;

    public async Task<Answered<StorageView>> FindAsync(Caller caller, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Administer) is { } denied) return denied;
        await ReadPlanAsync(cancel);
        return await MeasureAsync(isFresh: true, cancel);
    }

    /// <summary>For health; up to five minutes old. Does not wait for the database, which may hang: how long events are kept is what was read of it last.</summary>
    public Task<StorageView> LookAsync(CancellationToken cancel)
    {
        lock (_gate)
        {
            if (_reading.IsCompleted && clock.GetUtcNow() - _plan.At > s_fresh) _reading = Task.Run(KeepPlanAsync, CancellationToken.None);
        }
        return MeasureAsync(isFresh: false, cancel);
    }

    public void Dispose() => _one.Dispose();

    private async Task KeepPlanAsync()
    {
        try
        {
            await ReadPlanAsync(CancellationToken.None);
        }
        catch (Exception)
        {
            // whoever asks the database says that it is away; the next look tries again
        }
    }

    private async Task ReadPlanAsync(CancellationToken cancel)
    {
        var read = (await retentions.ReadAsync(cancel), clock.GetUtcNow());
        lock (_gate) _plan = read;
    }

    private async Task<StorageView> MeasureAsync(bool isFresh, CancellationToken cancel)
    {
        await _one.WaitAsync(cancel);
        try
        {
            var now = clock.GetUtcNow();
            if (isFresh || _measured is not { } last || now - last.At > s_fresh) _measured = (await events.StorageAsync(now, cancel), now);
            var (storage, at) = _measured.Value;
            var plan = Plan;
            var drive = new DriveInfo(directory.Path);
            return new(plan.Days, plan.Points, storage, GrowthForecast.Of(storage, drive.AvailableFreeSpace, plan.LongestDays, plan.DaysByPoint), drive.AvailableFreeSpace, drive.TotalSize, at);
        }
        finally
        {
            _one.Release();
        }
    }

    private RetentionPlan Plan
    {
        get
        {
            lock (_gate) return _plan.Plan;
        }
    }
}
