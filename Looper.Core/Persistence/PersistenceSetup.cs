using Looper.Core.Persistence.Postgres;
using Looper.Core.Persistence.Sqlite;
using Looper.Core.Persistence.SqlServer;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Looper.Core.Persistence;

public static class PersistenceSetup
{
    /// <summary>Databases as <see cref="LooperOptions"/> say; the host binds those to its configuration.</summary>
    public static IServiceCollection AddPersistence(this IServiceCollection services)
    {
        services.AddOptions<LooperOptions>();
        services.AddSingleton<IValidateOptions<LooperOptions>, LooperOptionsValidator>();
        services.AddSingleton<DataDirectory>();
        services.AddSingleton<MigrationCopies>();
        services.AddSingleton<DatabaseStart>();
        services.AddSingleton<DatabaseAvailability>();
        services.AddSingleton<SqliteCheckpoint>();
        services.AddDbContextFactory<SqliteLooperDb>((provider, db) =>
            UseSqlite(db, provider.GetRequiredService<DataDirectory>().File("looper.db")).AddInterceptors(provider.GetServices<IInterceptor>()));
        // Faults of a server reach the caller as they are: a strategy that retries, or only says "likely transient", would hide which they are.
        services.AddDbContextFactory<SqlServerLooperDb>((provider, db) =>
            db.UseSqlServer(ConnectionString(provider), o => o.ExecutionStrategy(d => new NonRetryingExecutionStrategy(d))).AddInterceptors(provider.GetServices<IInterceptor>()));
        services.AddDbContextFactory<PostgresLooperDb>((provider, db) =>
            db.UseNpgsql(ConnectionString(provider), o => o.ExecutionStrategy(d => new NonRetryingExecutionStrategy(d))).AddInterceptors(provider.GetServices<IInterceptor>()));
        services.AddSingleton<IDbContextFactory<LooperDb>>(provider => Options(provider).Database switch
        {
            DatabaseKind.SqlServer => Factory<SqlServerLooperDb>(provider),
            DatabaseKind.Postgres => Factory<PostgresLooperDb>(provider),
            _ => Factory<SqliteLooperDb>(provider),
        });
        return services;
    }

    public static DbContextOptionsBuilder UseSqlite(DbContextOptionsBuilder db, string file)
    {
        ArgumentNullException.ThrowIfNull(db);
        return db.UseSqlite(new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 10 }.ToString()).AddInterceptors(new SqlitePragmas());
    }

    private static LooperOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<LooperOptions>>().Value;

    private static string ConnectionString(IServiceProvider provider) => ServerConnection.Complete(Options(provider).Database, Options(provider).ConnectionString);

    private static FactoryOf<TDb> Factory<TDb>(IServiceProvider provider) where TDb : LooperDb =>
        new(provider.GetRequiredService<IDbContextFactory<TDb>>());
}
