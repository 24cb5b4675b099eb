using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Persistence.Postgres;

public sealed class PostgresLooperDb(DbContextOptions<PostgresLooperDb> options) : LooperDb(options)
{
    public override Task LockAsync(string name, CancellationToken cancellationToken) => Database.ExecuteSqlAsync(
        $"SELECT pg_advisory_xact_lock(hashtextextended({name}, 0))", cancellationToken);
}
