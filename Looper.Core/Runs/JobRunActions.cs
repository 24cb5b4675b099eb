using Looper.Core.Access;

namespace Looper.Core.Runs;

public sealed class JobRunActions
{
    /// <summary>A queued run is cancelled at once, a running one within five seconds. Nothing published changes.</summary>
    public Task<Refusal?> CancelAsync(Caller caller, Guid id, CancellationToken cancel) => throw new NotImplementedException();

    /// <summary>Queues a new run with the input of one that ended.</summary>
    public Task<Answered<Guid>> RepeatAsync(Caller caller, Guid id, CancellationToken cancel) => throw new NotImplementedException();
}
