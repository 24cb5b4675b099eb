namespace Looper.Jobs;

/// <summary>Finds starts that have gone silent: a heartbeat that has not <i>changed</i> for a whole lease, measured by this process's own
/// monotonic clock. Wall clocks that jump, here or on another node, neither lose nor steal a lease. Only silence that was looked at counts: while the
/// database was away, or this process stood still, a living start could not be heard either.</summary>
/// <param name="poll">Time between two looks; of a longer gap twice that counts.</param>
public sealed class LeaseWatch(TimeProvider clock, TimeSpan lease, TimeSpan poll)
{
    private readonly Dictionary<Guid, (long Token, DateTimeOffset? Heartbeat, long At, TimeSpan Silent)> _seen = [];

    public bool IsLost(Guid run, long token, DateTimeOffset? heartbeat)
    {
        var now = clock.GetTimestamp();
        var isSame = _seen.TryGetValue(run, out var last) && (last.Token, last.Heartbeat) == (token, heartbeat);
        var gap = isSame ? clock.GetElapsedTime(last.At, now) : TimeSpan.Zero;
        var silent = isSame ? last.Silent + (gap < 2 * poll ? gap : 2 * poll) : TimeSpan.Zero;
        _seen[run] = (token, heartbeat, now, silent);
        return isSame && silent >= lease;
    }

    /// <summary>Forgets runs that are not open any more.</summary>
    public void Keep(IReadOnlySet<Guid> open)
    {
        foreach (var gone in _seen.Keys.Where(k => !open.Contains(k)).ToList()) _seen.Remove(gone);
    }
}
