namespace Looper.Jobs;

/// <summary>Finds starts that have gone silent: a heartbeat that has not <i>changed</i> for a whole lease, measured by this process's own
/// monotonic clock. Wall clocks that jump, here or on another node, neither lose nor steal a lease.</summary>
public sealed class LeaseWatch(TimeProvider clock, TimeSpan lease)
{
    private readonly Dictionary<Guid, (long Token, DateTimeOffset? Heartbeat, long Since)> _seen = [];

    public bool IsLost(Guid run, long token, DateTimeOffset? heartbeat)
    {
        var now = clock.GetTimestamp();
        if (_seen.TryGetValue(run, out var last) && (last.Token, last.Heartbeat) == (token, heartbeat)) return clock.GetElapsedTime(last.Since, now) >= lease;
        _seen[run] = (token, heartbeat, now);
        return false;
    }

    /// <summary>Forgets runs that are not open any more.</summary>
    public void Keep(IReadOnlySet<Guid> open)
    {
        foreach (var gone in _seen.Keys.Where(k => !open.Contains(k)).ToList()) _seen.Remove(gone);
    }
}
