using Looper.Core.Access;
using Looper.Core.Backups;
using Looper.Core.Events;
using Looper.Core.Persistence;
using Looper.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Core.Tests.Backups;

/// <summary>What a command works on: a data directory of its own, with nothing in it unless asked for.</summary>
internal sealed class Installation(string directory, string? postgres = null, TimeProvider? clock = null) : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddLogging().AddSingleton(clock ?? TimeProvider.System)
        .AddCore().AddPersistence().AddAccess().AddEvents().AddBackups().Configure<LooperOptions>(o => (o.DataDirectory, o.Database, o.ConnectionString) = (directory, postgres is null ? DatabaseKind.Sqlite : DatabaseKind.Postgres, postgres ?? o.ConnectionString)).BuildServiceProvider();

    public string Path { get; } = directory;
    public Journal Journal => Get<Journal>();

    public static async Task<Installation> CreateAsync(string directory, TimeProvider? clock = null)
    {
        Directory.CreateDirectory(directory);
        await TestDatabase.CopyTemplateAsync(directory);
        return new(directory, clock: clock);
    }

    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    /// <summary>As the command does it.</summary>
    public async Task<(Refusal? Refusal, string Aside, RestoredEvents? Events)> RestoreAsync(string from, bool replace = false, string? erasures = null)
    {
        var manifest = await Get<RestoreActions>().CheckAsync(from, erasures, default);
        if (manifest.Refusal is { } refused) return (refused, "", null);
        var placed = await Get<RestoreActions>().PlaceAsync(from, manifest.Value!, replace, erasures, default);
        if (placed.Refusal is { } kept) return (kept, "", null);
        Get<DataDirectory>().Open(restoring: true);
        await Get<DatabaseStart>().OpenAsync(default);
        var again = Get<RestoreActions>().Finish(await Get<ErasuresAgain>().RunAsync(placed.Value!.Receipts, default));
        return (again.Refusal, placed.Value.Aside, again.Value);
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        SqliteConnection.ClearAllPools();
    }
}
