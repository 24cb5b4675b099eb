using Looper.Core.Persistence;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Testing;

/// <summary>The program's database, which can be away for a while.</summary>
public sealed class AwayDatabases(IDbContextFactory<LooperDb> inner) : IDbContextFactory<LooperDb>
{
    private volatile bool _isAway;

    /// <summary>Puts one in place of the program's own.</summary>
    public static void Register(IServiceCollection services)
    {
        var databases = services.Last(s => s.ServiceType == typeof(IDbContextFactory<LooperDb>)).ImplementationFactory!;
        services.AddSingleton(p => new AwayDatabases((IDbContextFactory<LooperDb>)databases(p))).AddSingleton<IDbContextFactory<LooperDb>>(p => p.GetRequiredService<AwayDatabases>());
    }

    public bool IsAway
    {
        get => _isAway;
        set => _isAway = value;
    }

    public LooperDb CreateDbContext() => _isAway ? throw new SqliteException("unable to open database file", 14) : inner.CreateDbContext();

    public Task<LooperDb> CreateDbContextAsync(CancellationToken cancellationToken = default) => Task.FromResult(CreateDbContext());
}
