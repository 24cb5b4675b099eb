using Looper.Core;
using Looper.Core.Persistence;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using Quartz;

namespace Looper.Jobs;

/// <summary>Where the scheduler keeps what it will fire: beside the other data of the database server, in a cluster with every other
/// node; or in a file of its own.</summary>
internal static class SchedulerStore
{
    public static void AddTo(IQuartzBuilder quartz, DatabaseKind database) => quartz.UsePersistentStore(store =>
    {
        switch (database)
        {
            case DatabaseKind.Postgres:
                store.UsePostgres(source => source.DataSourceFactory = provider => NpgsqlDataSource.Create(ConnectionString(provider)));
                break;
            case DatabaseKind.SqlServer:
                store.UseSqlServer(source => source.DataSourceFactory = provider => SqlClientFactory.Instance.CreateDataSource(ConnectionString(provider)));
                break;
            default:
                store.UseSqlite(source => source.DataSourceFactory = FileOf);
                break;
        }
        if (database != DatabaseKind.Sqlite) store.UseClustering();
        store.ConfigureStore(options =>
        {
            options.RecoverFiringsCancelledByShutdown = true;
            options.UseBackgroundThreads = true; // a process that could not start must not be kept alive by them
        });
        store.ProvisionSchema();
    });

    private static string ConnectionString(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<LooperOptions>>().Value;
        return ServerConnection.Complete(options.Database, options.ConnectionString);
    }

    private static SqliteSource FileOf(IServiceProvider provider)
    {
        var file = provider.GetRequiredService<DataDirectory>().File("jobs.db");
        return new SqliteSource(new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 10 }.ToString());
    }
}
