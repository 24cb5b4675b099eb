using System.Data;
using Microsoft.Data.SqlClient;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Persistence.SqlServer;

public sealed class SqlServerLooperDb(DbContextOptions<SqlServerLooperDb> options) : LooperDb(options)
{
    public override Task LockAsync(string name, CancellationToken cancellationToken) => Database.ExecuteSqlAsync(
        $"EXEC sp_getapplock @Resource = {name}, @LockMode = 'Exclusive', @LockOwner = 'Transaction'", cancellationToken);

    public override async Task<IAsyncDisposable> HoldAsync(string name, TimeSpan patience, CancellationToken cancellationToken)
    {
        // Without the pool: the lock is the session's, and goes when it goes.
        var connection = new SqlConnection(new SqlConnectionStringBuilder(Database.GetConnectionString()) { Pooling = false }.ToString());
        try
        {
            await connection.OpenAsync(cancellationToken);
            await using var ask = new SqlCommand("sp_getapplock", connection) { CommandType = CommandType.StoredProcedure, CommandTimeout = (int)patience.TotalSeconds + 5 };
            ask.Parameters.AddWithValue("@Resource", name);
            ask.Parameters.AddWithValue("@LockMode", "Exclusive");
            ask.Parameters.AddWithValue("@LockOwner", "Session");
            ask.Parameters.AddWithValue("@LockTimeout", (int)patience.TotalMilliseconds);
            var answer = ask.Parameters.Add(new SqlParameter { Direction = ParameterDirection.ReturnValue, SqlDbType = SqlDbType.Int });
            await ask.ExecuteNonQueryAsync(cancellationToken);
            if ((int)answer.Value! < 0) throw new TimeoutException($"The lock '{name}' was held by another process for {patience.TotalSeconds:0} s.");
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
