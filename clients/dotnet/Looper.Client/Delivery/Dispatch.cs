using Looper.Client.Calls;

namespace Looper.Client.Delivery;

/// <summary>One kind of freight with all that brings it to Looper, from the first parcel to the last.</summary>
internal sealed class Dispatch : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly Task _running;

    /// <param name="limit">The most parcels that may wait.</param>
    /// <param name="before">What was taken there goes first; null for none.</param>
    public Dispatch(Freight freight, LooperClientOptions options, Transport transport, Uri root, int limit, Dispatch? before, Problems problems)
    {
        Waiting = new(freight, limit, options.BatchSize, options.SpoolDirectory is { } directory ? new(freight, directory, options.Clock) : null, before?.Waiting, options.Clock, problems);
        var loop = new DeliveryLoop(freight, new(transport, root, freight, Waiting, before?.Waiting, problems, options.Clock), Waiting, options, problems);
        using (ExecutionContext.SuppressFlow()) _running = Task.Run(() => loop.RunAsync(_end.Token)); // it outlives whatever request made the client
    }

    public WaitingLine Waiting { get; }

    /// <summary>Sends nothing more. What waits on disk stays there.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Waiting.Dispose();
    }
}
