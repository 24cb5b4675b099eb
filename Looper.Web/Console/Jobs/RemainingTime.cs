using Looper.Core.Runs;

namespace Looper.Web.Console.Jobs;

/// <summary>How long a run will go on, from the pace of its present start alone: what an earlier start did, and how long it lay idle since, say nothing of it.</summary>
internal sealed class RemainingTime
{
    private const double LeastMoved = 5; // a guess from less would only mislead

    private (long Starts, DateTimeOffset At, double Percent)? _from;

    /// <summary>Takes in a run as it is now. Of a start after the first only what was seen of it is known, and one that begins anew falls back.</summary>
    public void See(JobRunView run, DateTimeOffset now)
    {
        if (_from is { } from && from.Starts == run.Starts && run.Percent >= from.Percent) return;
        _from = run is { Starts: 1, StartedAt: { } at } ? (1, at, 0) : (run.Starts, now, run.Percent);
    }

    /// <summary>Null until it has moved enough.</summary>
    public TimeSpan? Of(JobRunView run, DateTimeOffset now) =>
        run.IsOpen && _from is { } from && run.Percent - from.Percent >= LeastMoved ? (now - from.At) * ((100 - run.Percent) / (run.Percent - from.Percent)) : null;
}
