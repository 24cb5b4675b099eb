using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Persistence.Sqlite;

public sealed class SqliteLooperDb(DbContextOptions<SqliteLooperDb> options) : LooperDb(options)
{
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcTicksConverter>();
        configurationBuilder.Properties<Guid>().HaveConversion<GuidBytesConverter>();
    }

    /// <summary>A transaction here holds the one write lock from its start.</summary>
    public override Task LockAsync(string name, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The process that has the data directory is alone already.</summary>
    public override Task<IAsyncDisposable> HoldAsync(string name, TimeSpan patience, CancellationToken cancellationToken) =>
        Task.FromResult<IAsyncDisposable>(new Alone());

    private sealed class Alone : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
