using System.Data.Common;
using Looper.Core.Events.SqlServer;
using Looper.Core.Persistence;
using Looper.Core.Persistence.SqlServer;
using Microsoft.Data.SqlClient;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Looper.Core.Tests.Persistence;

/// <summary>What <c>sp_getapplock</c> answers, in place of a server: 0 and 1 are the lock, -1 in time, -2 cancelled, -3 a deadlock, -999 a call that is wrong.</summary>
public sealed class SqlServerLockTests
{
    [Theory]
    [InlineData(0, true), InlineData(1, true), InlineData(-1, false), InlineData(-2, false), InlineData(-3, false), InlineData(-999, false), InlineData(null, false)]
    public async Task A_lock_that_was_not_got_is_a_fault(int? answer, bool isGot)
    {
        var server = new Server(answer);
        await using var db = new SqlServerLooperDb(new DbContextOptionsBuilder<SqlServerLooperDb>().UseSqlServer("Server=none").AddInterceptors(server, new NoConnection()).Options);
        var asked = await Record.ExceptionAsync(() => db.LockAsync("alerts", TestContext.Current.CancellationToken));
        var kept = Record.Exception(() => SqlServerStore.Got("alerts", answer));
        Assert.StartsWith("EXEC @answer = sp_getapplock", server.Asked, StringComparison.Ordinal);
        foreach (var fault in new[] { asked, kept })
        {
            if (isGot) Assert.Null(fault);
            else Assert.Contains("'alerts' was not got", Assert.IsType<TimeoutException>(fault).Message, StringComparison.Ordinal);
        }
        if (!isGot) Assert.True(DatabaseFaults.IsAway(asked!)); // told as such, and tried again
    }

    private sealed class Server(int? answer) : DbCommandInterceptor
    {
        public string Asked { get; private set; } = "";

        public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
        {
            Asked = command.CommandText;
            command.Parameters.Cast<SqlParameter>().Single(p => p.Direction == System.Data.ParameterDirection.Output).Value = answer is { } number ? number : DBNull.Value;
            return new(InterceptionResult<int>.SuppressWithResult(-1));
        }
    }

    private sealed class NoConnection : DbConnectionInterceptor
    {
        public override ValueTask<InterceptionResult> ConnectionOpeningAsync(DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default) =>
            new(InterceptionResult.Suppress());

        public override ValueTask<InterceptionResult> ConnectionClosingAsync(DbConnection connection, ConnectionEventData eventData, InterceptionResult result) => new(InterceptionResult.Suppress());
    }
}
