using Looper.Core.Access;

namespace Looper.Core.Models;

public sealed class ModelActions
{
    /// <summary>Queues a training run; its id comes back.</summary>
    /// <param name="provisional">Also learn from decisions whose outcome has arrived although its window is still open.</param>
    public Task<Answered<Guid>> TrainAsync(Caller caller, string key, bool provisional, CancellationToken cancel) => throw new NotImplementedException();

    /// <summary>Makes a candidate, or an older model, live for its outcome; the one before is retired and stays at hand.</summary>
    public Task<Refusal?> PromoteAsync(Caller caller, string key, int number, string? reason, CancellationToken cancel) => throw new NotImplementedException();

    public Task<Refusal?> RetireAsync(Caller caller, string key, int number, string? reason, CancellationToken cancel) => throw new NotImplementedException();

    /// <summary>Makes the model that was live before live again.</summary>
    public Task<Answered<int>> GoBackAsync(Caller caller, string key, string outcome, string? reason, CancellationToken cancel) => throw new NotImplementedException();
}
