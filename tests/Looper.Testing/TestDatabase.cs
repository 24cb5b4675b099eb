using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Persistence;
using Looper.Core.Persistence.Sqlite;
using Looper.Testing.Servers;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Looper.Testing;

/// <summary>An empty migrated database of its own for one test, with everything Access and Persistence register: on SQLite, or on
/// the database that <c>LOOPER_TEST_DATABASE</c> names. <see cref="Services"/> can be given more before the first use.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private static readonly Lazy<Task<string>> Template = new(MakeTemplateAsync);
    private readonly TemporaryDirectory _directory = new();
    private readonly ServiceProvider _provider;

    private TestDatabase(TimeProvider clock, Action<IServiceCollection>? more, DatabaseKind kind, string? connectionString)
    {
        var services = new ServiceCollection().AddLogging();
        services.AddSingleton(clock).AddCore().AddPersistence().AddAccess();
        services.Configure<LooperOptions>(o => (o.DataDirectory, o.Database, o.ConnectionString) = (_directory.Path, kind, connectionString));
        more?.Invoke(services);
        _provider = services.BuildServiceProvider();
    }

    public IServiceProvider Services => _provider;

    public IDbContextFactory<LooperDb> Databases => _provider.GetRequiredService<IDbContextFactory<LooperDb>>();

    public string Directory => _directory.Path;

    public T Get<T>() where T : notnull => _provider.GetRequiredService<T>();

    /// <param name="kind">Null takes the one of this run.</param>
    public static async Task<TestDatabase> CreateAsync(TimeProvider? clock = null, Action<IServiceCollection>? services = null, DatabaseKind? kind = null)
    {
        var connectionString = await ServerDatabases.CreateAsync(kind ?? ServerDatabases.OfThisRun);
        var database = new TestDatabase(clock ?? new TestClock(), services, kind ?? ServerDatabases.OfThisRun, connectionString);
        if (connectionString is null) await CopyTemplateAsync(database.Directory);
        return database;
    }

    /// <summary>Puts a migrated empty <c>looper.db</c> into a directory, quicker than migrating again.</summary>
    public static async Task CopyTemplateAsync(string directory) => File.Copy(await Template.Value, Path.Combine(directory, "looper.db"));

    public async ValueTask DisposeAsync()
    {
        await _provider.DisposeAsync();
        SqliteConnection.ClearAllPools();
        NpgsqlConnection.ClearAllPools();
        _directory.Dispose();
    }

    private static async Task<string> MakeTemplateAsync()
    {
        var directory = new TemporaryDirectory();
        var file = directory.File("looper.db");
        var options = new DbContextOptionsBuilder<SqliteLooperDb>();
        PersistenceSetup.UseSqlite(options, file);
        await using (var db = new SqliteLooperDb(options.Options)) await db.Database.MigrateAsync();
        var copy = directory.File("template.db");
        await using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "VACUUM INTO $copy";
        command.Parameters.AddWithValue("$copy", copy);
        await command.ExecuteNonQueryAsync();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => directory.Dispose();
        return copy;
    }
}
