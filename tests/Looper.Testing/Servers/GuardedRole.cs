using Npgsql;

namespace Looper.Testing.Servers;

/// <summary>A role that must give its password, on a PostgreSQL where all others need none. One a server.</summary>
public sealed class GuardedRole
{
    private const string Name = "guarded";
    private readonly string _owner;

    private GuardedRole(string owner) => _owner = owner;

    /// <param name="connectionString">Of a database that the role may use.</param>
    public static async Task<GuardedRole> CreateAsync(string connectionString, string password)
    {
        var role = new GuardedRole(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ToString());
        var rules = await role.RunAsync("SHOW hba_file");
        await role.RunAsync($"COPY (VALUES ('host all {Name} 127.0.0.1/32 scram-sha-256'), ('host all all 127.0.0.1/32 trust')) TO '{rules}'");
        await role.RunAsync("SELECT pg_reload_conf()");
        if (await role.RunAsync($"SELECT 1 FROM pg_roles WHERE rolname = '{Name}'") is null) await role.RunAsync($"CREATE ROLE {Name} LOGIN SUPERUSER");
        await role.SetPasswordAsync(password);
        await Eventually.IsTrueAsync(async () =>
        {
            try
            {
                await using var wrong = new NpgsqlConnection(role.ConnectionString("not " + password) + ";Pooling=false");
                await wrong.OpenAsync();
                return false;
            }
            catch (PostgresException)
            {
                return true;
            }
        });
        return role;
    }

    public string ConnectionString(string password) => new NpgsqlConnectionStringBuilder(_owner) { Username = Name, Password = password, Pooling = true }.ToString();

    /// <summary>From now on; the connections it has end.</summary>
    public async Task SetPasswordAsync(string password)
    {
        await RunAsync($"ALTER ROLE {Name} PASSWORD '{password}'");
        await RunAsync($"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = '{Name}'");
    }

    private async Task<object?> RunAsync(string statement)
    {
        await using var connection = new NpgsqlConnection(_owner);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(statement, connection);
        return await command.ExecuteScalarAsync();
    }
}
