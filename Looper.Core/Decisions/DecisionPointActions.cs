using Looper.Core.Access;

namespace Looper.Core.Decisions;

/// <summary>What can be done with a decision point once it is there. Each is addressed by key.</summary>
public sealed class DecisionPointActions
{
    public Task<Refusal?> PauseAsync(Caller caller, string key, string? reason, CancellationToken cancel) => throw new NotImplementedException();

    public Task<Refusal?> ResumeAsync(Caller caller, string key, CancellationToken cancel) => throw new NotImplementedException();

    public Task<Refusal?> ArchiveAsync(Caller caller, string key, CancellationToken cancel) => throw new NotImplementedException();

    /// <summary>Takes an archived decision point back.</summary>
    public Task<Refusal?> RestoreAsync(Caller caller, string key, CancellationToken cancel) => throw new NotImplementedException();

    public Task<Refusal?> DescribeAsync(Caller caller, string key, string name, string? description, CancellationToken cancel) => throw new NotImplementedException();

    /// <summary>Publishes the content of <paramref name="version"/> again as a new version.</summary>
    public Task<Answered<BlueprintView>> GoBackAsync(Caller caller, string key, int version, string? note, CancellationToken cancel) => throw new NotImplementedException();
}
