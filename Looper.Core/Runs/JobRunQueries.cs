using Looper.Core.Access;

namespace Looper.Core.Runs;

public sealed class JobRunQueries
{
    /// <summary>Newest first.</summary>
    public Task<Answered<IReadOnlyList<JobRunView>>> ListAsync(Caller caller, JobRunFilter filter, CancellationToken cancel) => throw new NotImplementedException();

    public Task<Answered<JobRunView>> FindAsync(Caller caller, Guid id, CancellationToken cancel) => throw new NotImplementedException();

    /// <summary>Log lines after <paramref name="afterId"/> in order, at most <paramref name="take"/>.</summary>
    public Task<Answered<IReadOnlyList<JobLogView>>> LogAsync(Caller caller, Guid id, long afterId, int take, CancellationToken cancel) =>
        throw new NotImplementedException();

    /// <summary>Queued, running and cancelling runs: the ring in the top bar.</summary>
    public Task<Answered<int>> CountOpenAsync(Caller caller, CancellationToken cancel) => throw new NotImplementedException();
}
