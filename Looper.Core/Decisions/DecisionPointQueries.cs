using Looper.Core.Access;

namespace Looper.Core.Decisions;

public sealed class DecisionPointQueries
{
    /// <summary>By name; drafts that have no decision point yet are in <see cref="DraftQueries"/>.</summary>
    public Task<IReadOnlyList<DecisionPointView>> ListAsync(Caller caller, CancellationToken cancel) => throw new NotImplementedException();

    public Task<DecisionPointView?> FindAsync(Caller caller, string key, CancellationToken cancel) => throw new NotImplementedException();

    public Task<DecisionPointView?> FindAsync(Caller caller, Guid id, CancellationToken cancel) => throw new NotImplementedException();

    /// <summary>Newest first.</summary>
    public Task<IReadOnlyList<VersionView>> VersionsAsync(Caller caller, string key, CancellationToken cancel) => throw new NotImplementedException();

    /// <param name="version">0 means the current one.</param>
    public Task<BlueprintView?> VersionAsync(Caller caller, string key, int version, CancellationToken cancel) => throw new NotImplementedException();

    /// <summary>Null when either version does not exist.</summary>
    public Task<BlueprintDiff?> DiffAsync(Caller caller, string key, int older, int newer, CancellationToken cancel) => throw new NotImplementedException();
}

public sealed class DraftQueries
{
    public Task<IReadOnlyList<DraftView>> ListAsync(Caller caller, CancellationToken cancel) => throw new NotImplementedException();

    public Task<DraftView?> FindAsync(Caller caller, Guid id, CancellationToken cancel) => throw new NotImplementedException();
}
