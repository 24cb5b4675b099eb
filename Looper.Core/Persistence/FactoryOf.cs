using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Persistence;

/// <summary>Serves a derived context where <see cref="LooperDb"/> is asked for: the framework's factory is not covariant.</summary>
internal sealed class FactoryOf<TDb>(IDbContextFactory<TDb> databases) : IDbContextFactory<LooperDb>
    where TDb : LooperDb
{
    public LooperDb CreateDbContext() => databases.CreateDbContext();

    public async Task<LooperDb> CreateDbContextAsync(CancellationToken cancellationToken = default) => await databases.CreateDbContextAsync(cancellationToken);
}
