using Looper.Core.Access;

namespace Looper.Core.Models;

public sealed class ModelQueries
{
    /// <summary>Newest first; of one decision point, or of all when <paramref name="key"/> is null.</summary>
    public Task<Answered<IReadOnlyList<ModelView>>> ListAsync(Caller caller, string? key, CancellationToken cancel) => throw new NotImplementedException();
}
