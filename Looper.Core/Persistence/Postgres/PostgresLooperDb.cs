using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Looper.Core.Persistence.Postgres;

public sealed class PostgresLooperDb(DbContextOptions<PostgresLooperDb> options) : LooperDb(options)
{
    private static readonly TimeSpan s_askAgain = TimeSpan.FromMilliseconds(200);

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcConverter>();
    }

    public override Task LockAsync(string name, CancellationToken cancellationToken) => Database.ExecuteSqlAsync(
        $"SELECT pg_advisory_xact_lock(hashtextextended({name}, 0))", cancellationToken);

    public override async Task<IAsyncDisposable> HoldAsync(string name, TimeSpan patience, CancellationToken cancellationToken)
    {
        // Without the pool: the lock is the connection's, and goes when it goes.
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Database.GetConnectionString()) { Pooling = false }.ToString());
        try
        {
            await connection.OpenAsync(cancellationToken);
            await using var ask = new NpgsqlCommand("SELECT pg_try_advisory_lock(hashtextextended($1, 0))", connection) { Parameters = { new() { Value = name } } };
            for (var since = Stopwatch.GetTimestamp(); !(bool)(await ask.ExecuteScalarAsync(cancellationToken))!;)
            {
                if (Stopwatch.GetElapsedTime(since) > patience) throw new TimeoutException($"The lock '{name}' was held by another process for {patience.TotalSeconds:0} s.");
                await Task.Delay(s_askAgain, cancellationToken);
            }
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
