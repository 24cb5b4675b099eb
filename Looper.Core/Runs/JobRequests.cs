using Looper.Core.Access;

namespace Looper.Core.Runs;

/// <summary>Asks for work: writes a queued run, which the scheduler starts at once.</summary>
public sealed class JobRequests
{
    /// <param name="input">JSON of ids and plain values; never an entity.</param>
    /// <returns>The run's id; or <c>job.already-open</c> while one of the same kind is queued or running for the decision point.</returns>
    public Task<Answered<Guid>> EnqueueAsync(Caller caller, string kind, Guid? decisionPointId, string input, CancellationToken cancel) =>
        throw new NotImplementedException();
}
