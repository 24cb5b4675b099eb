using Looper.Core.Events.Postgres;
using Looper.Core.Events.Shipping;
using Looper.Core.Events.SqlServer;

namespace Looper.Core.Tests.Events;

public sealed class PostgresStoreTests() : ServerStoreContract(DatabaseKind.Postgres)
{
    protected override ServerStore StoreOf(string connectionString) => new PostgresStore(connectionString);
}

/// <summary>No SQL Server can be installed here: these run where a connection string is given.</summary>
public sealed class SqlServerStoreTests() : ServerStoreContract(DatabaseKind.SqlServer)
{
    protected override ServerStore StoreOf(string connectionString) => new SqlServerStore(connectionString);
}
