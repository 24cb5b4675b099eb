namespace Looper.Client.Deciding;

/// <summary>How a decide call was let through.</summary>
internal enum Pass
{
    Ordinary,

    /// <summary>The one call of a pause that is over: it finds out whether Looper is back.</summary>
    Probe,
}

/// <summary>Keeps calls from a Looper that is busy or gone, so that it costs the product next to nothing.</summary>
/// <remarks>Five failures in a row begin a pause of full jitter; then one call probes, and a failed probe begins the next, longer one. Any answer of a Looper that is
/// well ends it. A busy one that says for how long is left alone for as long, up to a minute, whatever comes of calls that were under way then.</remarks>
internal sealed class DecidePause(TimeProvider clock, Func<double> random)
{
    private const int FailuresInRow = 5;
    private static readonly TimeSpan s_first = TimeSpan.FromSeconds(1), s_most = TimeSpan.FromSeconds(30), s_longestAsked = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private int _row, _pauses;
    private Failure? _held, _busy; // while paused, or left alone: what calls get at once
    private long _since, _busySince;
    private TimeSpan _length, _busyLength;
    private bool _probing;

    /// <summary>Null where a call may be made: then <see cref="Leave"/> exactly once.</summary>
    public Failure? Enter(out Pass pass)
    {
        pass = Pass.Ordinary;
        lock (_gate)
        {
            if (_busy is not null && clock.GetElapsedTime(_busySince) < _busyLength) return _busy;
            _busy = null;
            if (_held is null) return null;
            if (_probing || clock.GetElapsedTime(_since) < _length) return _held;
            pass = Pass.Probe;
            _probing = true;
            return null;
        }
    }

    /// <param name="failure">Null where Looper answered.</param>
    public void Leave(Pass pass, Failure? failure)
    {
        lock (_gate)
        {
            if (pass == Pass.Probe) _probing = false;
            if (failure is { IsUnasked: true }) return;
            if (failure is { Reason: FallbackReason.Busy })
            {
                _row = 0;
                if (failure.RetryAfter is { } asked) LeaveAlone(failure, asked < s_longestAsked ? asked : s_longestAsked);
                if (pass == Pass.Probe) Hold(failure, Jitter.Wait(s_first, s_most, _pauses++, random()));
                return;
            }
            if (failure is { IsOfCall: true } or null)
            {
                (_row, _pauses, _held) = (0, 0, null);
                return;
            }
            if (pass == Pass.Ordinary && _held is not null) return; // under way when the pause began
            if (pass != Pass.Probe && ++_row < FailuresInRow) return;
            Hold(failure, Jitter.Wait(s_first, s_most, _pauses++, random()));
        }
    }

    private void Hold(Failure failure, TimeSpan length) => (_held, _since, _length) = (Unasked(failure), clock.GetTimestamp(), length);

    private void LeaveAlone(Failure failure, TimeSpan length)
    {
        if (_busy is not null && _busyLength - clock.GetElapsedTime(_busySince) > length) return; // it has asked for longer
        (_busy, _busySince, _busyLength) = (Unasked(failure), clock.GetTimestamp(), length);
    }

    private static Failure Unasked(Failure failure) => failure with { Problem = $"Looper is not asked for a while, because of the call before: {failure.Problem}" };
}
