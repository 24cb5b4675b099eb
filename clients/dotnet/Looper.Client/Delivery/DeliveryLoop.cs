namespace Looper.Client.Delivery;

/// <summary>Sends what waits, one request at a time, until it is closed and nothing waits.</summary>
internal sealed class DeliveryLoop(Freight freight, Courier courier, WaitingLine waiting, LooperClientOptions options, Problems problems)
{
    private static readonly TimeSpan s_first = TimeSpan.FromSeconds(0.5), s_most = TimeSpan.FromMinutes(1);

    // A wait as long as any that is asked for in earnest.
    private static readonly TimeSpan s_longestAsked = TimeSpan.FromHours(1);

    private readonly TimeProvider _clock = options.Clock;
    private int _failures;
    private string? _said;

    /// <param name="end">Ends it at once, whatever waits.</param>
    public async Task RunAsync(CancellationToken end)
    {
        while (await SomeWaitAsync(end))
        {
            waiting.OpenSpool();
            if (_failures == 0) await UntilDueAsync(end); // after a failure they have waited already
            if (end.IsCancellationRequested) return;
            var setback = await SendAsync(end);
            if (end.IsCancellationRequested) return;
            if (setback is null) (_failures, _said) = (0, null);
            else await WaitOutAsync(setback, end);
        }
    }

    private async Task<Setback?> SendAsync(CancellationToken end)
    {
        try
        {
            return await courier.SendOldestAsync(options.BatchSize, end);
        }
        catch (Exception fault) // of ours, or no memory: nothing may end the loop while something waits
        {
            return new("fault", FaultText.Of(fault), null);
        }
    }

    /// <returns>False at the end.</returns>
    private async Task<bool> SomeWaitAsync(CancellationToken end)
    {
        while (waiting.IsEmpty(out var news))
        {
            if (waiting.Closing.IsCompleted || end.IsCancellationRequested) return false;
            if (!waiting.LacksSpool) await news.WaitAsync(end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            else
            {
                await EitherAsync(news, Spool.TryAgainAfter, end); // what was left there is sent even where nothing more is taken
                waiting.OpenSpool();
            }
        }
        return true;
    }

    private async Task UntilDueAsync(CancellationToken end)
    {
        var since = _clock.GetTimestamp();
        while (!waiting.IsDue(out var news) && options.FlushEvery - _clock.GetElapsedTime(since) is var left && left > TimeSpan.Zero && !end.IsCancellationRequested)
            await EitherAsync(news, left, end);
    }

    private async Task WaitOutAsync(Setback setback, CancellationToken end)
    {
        if (setback.Kind != _said) problems.Say(ProblemKind.Delivery, $"{freight.All} are not delivered yet and wait. {setback.Problem}");
        _said = setback.Kind;
        var asked = setback.RetryAfter is { } said ? said < s_longestAsked ? said : s_longestAsked : TimeSpan.Zero;
        var wait = Jitter.Wait(s_first, s_most, _failures++, options.Random());
        var since = _clock.GetTimestamp();
        // Closing cuts the wait short once: there may be no later. What Looper asked for it does not cut.
        if (!waiting.Closing.IsCompleted && wait > asked) await EitherAsync(waiting.Closing, wait, end);
        else if (wait > asked) asked = wait;
        if (asked - _clock.GetElapsedTime(since) is var left && left > TimeSpan.Zero) await Task.Delay(left, _clock, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Completes with the first of both, and leaves no timer.</summary>
    private async Task EitherAsync(Task news, TimeSpan wait, CancellationToken end)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(end);
        await Task.WhenAny(news, Task.Delay(wait, _clock, over.Token));
        await over.CancelAsync();
    }
}
