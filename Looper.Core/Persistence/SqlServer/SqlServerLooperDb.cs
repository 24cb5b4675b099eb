using System.Data;
using Microsoft.Data.SqlClient;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Persistence.SqlServer;

public sealed class SqlServerLooperDb(DbContextOptions<SqlServerLooperDb> options) : LooperDb(options)
{
    public override async Task LockAsync(string name, CancellationToken cancellationToken)
    {
        var answer = new SqlParameter("@answer", SqlDbType.Int) { Direction = ParameterDirection.Output };
        await Database.ExecuteSqlAsync($"EXEC {answer} = sp_getapplock @Resource = {name}, @LockMode = 'Exclusive', @LockOwner = 'Transaction'", cancellationToken);
        // Below 0 it was not got, and no error says so: -1 in time, -2 cancelled, -3 the victim of a deadlock, -999 asked for wrongly.
        if (answer.Value is not >= 0) throw new TimeoutException($"The lock '{name}' was not got: sp_getapplock answered {answer.Value}.");
    }

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
