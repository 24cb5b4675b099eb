using System.Globalization;
using Looper.Client;
using Looper.Client.Calls;
using Looper.Client.Delivery;
using Looper.Core.Serving;

namespace Looper.InProcess.Snapshots;

/// <summary>Keeps the snapshot of one decision point as Looper has it.</summary>
internal sealed class PointRefresh(string key, Transport transport, Uri root, InProcessOptions options, SnapshotFolder? folder, Problems problems)
{
    /// <summary>Bytes that a snapshot may have.</summary>
    public const int MostBytes = 256 * 1024 * 1024;

    private static readonly TimeSpan s_within = TimeSpan.FromMinutes(1), s_first = TimeSpan.FromSeconds(0.5), s_most = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_longestAsked = TimeSpan.FromHours(1), s_leastStale = TimeSpan.FromSeconds(30);

    private readonly Uri _url = new(root, $"v1/snapshots/{key}");
    private readonly TimeProvider _clock = options.Client.Clock;
    private readonly TimeSpan _staleAfter = 3 * options.RefreshEvery > s_leastStale ? 3 * options.RefreshEvery : s_leastStale;
    private readonly TaskCompletionSource _known = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private HeldSnapshot? _held;
    private string? _tag, _problem, _unkept, _said;
    private int _failures;

    /// <summary>Null where Looper is asked for each decision.</summary>
    public HeldSnapshot? Held => Volatile.Read(ref _held);

    /// <summary>Completes when it is there, or Looper has said why not.</summary>
    public Task Known => _known.Task;

    public DecisionPointState State
    {
        get
        {
            var held = Held;
            return new(key, held is not null, held?.Point.Current?.Version, held?.RefreshedAt is { } at ? _clock.GetElapsedTime(at) : null, held is not null && IsStale(held), Volatile.Read(ref _problem) ?? Volatile.Read(ref _unkept));
        }
    }

    /// <summary>Looper has not said for too long that it is current.</summary>
    public bool IsStale(HeldSnapshot held) => held.RefreshedAt is not { } at || _clock.GetElapsedTime(at) > _staleAfter;

    /// <summary>Until it is ended.</summary>
    public async Task RunAsync(CancellationToken end)
    {
        TakeKept();
        while (!end.IsCancellationRequested)
        {
            var wait = await RefreshAsync(end);
            await Task.Delay(wait, _clock, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void TakeKept()
    {
        if (folder is null) return;
        if (folder.Read(key, MostBytes, out var problem) is { } bytes)
        {
            var reading = SnapshotReading.Of(key, bytes);
            if (reading.Point is { } point) (_tag, _held) = (TagOf(bytes), new(point, null));
            else problem = $"The snapshot of '{key}' that was kept is not used. {reading.Problem}";
        }
        problems.Say(ProblemKind.Snapshot, problem);
    }

    /// <returns>How long to wait for the next time.</returns>
    private async Task<TimeSpan> RefreshAsync(CancellationToken end)
    {
        Setback? setback;
        try
        {
            Reply reply;
            using (var late = new CancellationTokenSource(s_within, _clock))
            using (var ending = CancellationTokenSource.CreateLinkedTokenSource(late.Token, end))
                reply = await transport.GetAsync(_url, _tag, MostBytes, ending.Token);
            setback = end.IsCancellationRequested ? null : Take(reply);
        }
        catch (Exception fault) // of ours, or no memory: nothing may end the loop
        {
            setback = new("fault", FaultText.Of(fault) + ".", null);
        }
        if (end.IsCancellationRequested) return TimeSpan.Zero; // nobody has to hear what ending it broke off
        if (setback is null)
        {
            _failures = 0;
            return options.RefreshEvery * (0.9 + (0.2 * options.Client.Random())); // so that processes that began together do not go on together
        }
        if (Held is not null) _known.TrySetResult(); // kept by an earlier process
        Note(setback.Kind, $"The snapshot of '{key}' cannot be refreshed, so {(Held is null ? "Looper is asked for each decision" : "it is decided with the last one")}. {setback.Problem}");
        var asked = setback.RetryAfter is { } said ? said < s_longestAsked ? said : s_longestAsked : TimeSpan.Zero;
        return Jitter.Wait(s_first, s_most, _failures++, options.Client.Random()) is var wait && wait > asked ? wait : asked;
    }

    /// <returns>Null where Looper said what is so.</returns>
    private Setback? Take(Reply reply)
    {
        var tag = reply.Status == 200 ? TagOf(reply.Body) : null;
        if (_tag is not null && (reply.Status == 304 || tag == _tag)) // what stands in front of Looper may send again what has not changed
        {
            if (Held is { } held) Hold(held with { RefreshedAt = _clock.GetTimestamp() });
            return null;
        }
        if (reply.Status is 403 or 404 or 409 && reply.IsOfLooper)
        {
            _tag = null;
            LeaveToLooper(reply.Status.ToString(CultureInfo.InvariantCulture), reply.Problem);
            return null;
        }
        if (tag is null) return new(reply.Status.ToString(CultureInfo.InvariantCulture), reply.Problem, reply.RetryAfter);
        var reading = SnapshotReading.Of(key, reply.Body);
        if (!reading.IsReadable) return new("unreadable", reading.Problem!, null);
        _tag = tag;
        if (reading.Point is not { } point) LeaveToLooper("not-here", reading.Problem!);
        else
        {
            Hold(new(point, _clock.GetTimestamp()));
            Keep(reply.Body);
        }
        return null;
    }

    private void Hold(HeldSnapshot held)
    {
        Volatile.Write(ref _held, held);
        (_said, _problem) = (null, null);
        _known.TrySetResult();
    }

    private void Keep(byte[] bytes)
    {
        var problem = folder?.Save(key, bytes);
        if (_unkept is null) problems.Say(ProblemKind.Snapshot, problem);
        _unkept = problem;
    }

    private void LeaveToLooper(string kind, string why)
    {
        Volatile.Write(ref _held, null);
        folder?.Delete(key);
        _unkept = null;
        Note("left " + kind, $"'{key}' is not decided here, but asked of Looper each time. {why}");
        _known.TrySetResult();
    }

    private void Note(string kind, string problem)
    {
        _problem = problem;
        if (kind != _said) problems.Say(ProblemKind.Snapshot, problem);
        _said = kind;
    }

    private static string TagOf(ReadOnlySpan<byte> bytes) => $"\"{PointFile.HashOf(bytes)}\"";
}
