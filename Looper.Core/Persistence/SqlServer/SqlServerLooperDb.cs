using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Persistence.SqlServer;

public sealed class SqlServerLooperDb(DbContextOptions<SqlServerLooperDb> options) : LooperDb(options)
{
    public override Task LockAsync(string name, CancellationToken cancellationToken) => Database.ExecuteSqlAsync(
        $"EXEC sp_getapplock @Resource = {name}, @LockMode = 'Exclusive', @LockOwner = 'Transaction'", cancellationToken);
}
