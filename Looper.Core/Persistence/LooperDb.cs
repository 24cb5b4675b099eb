using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Persistence;

/// <summary>Everything people edit: decision points, blueprints, models, experiments, users. Knows no feature; each brings its
/// own mapping. One derived context per database, because each has its own migrations.</summary>
public abstract class LooperDb(DbContextOptions options) : DbContext(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(LooperDb).Assembly);
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        ArgumentNullException.ThrowIfNull(configurationBuilder);
        configurationBuilder.Properties<Enum>().HaveConversion<string>().HaveMaxLength(60);
        configurationBuilder.Conventions.Add(_ => new SnakeCaseConvention());
        configurationBuilder.Conventions.Add(_ => new RevisionConvention());
    }

    /// <summary>Keeps everyone else who asks for the lock of this name waiting until the current transaction ends.</summary>
    /// <param name="name">A name of ours, never of a user.</param>
    public abstract Task LockAsync(string name, CancellationToken cancellationToken);

    /// <summary>Takes the lock of this name away from every other process until it is disposed of, or this process ends.</summary>
    /// <param name="name">A name of ours, never of a user.</param>
    /// <exception cref="TimeoutException">Somebody else held it all the time.</exception>
    public abstract Task<IAsyncDisposable> HoldAsync(string name, TimeSpan patience, CancellationToken cancellationToken);

    public override Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        ChangeTracker.DetectChanges();
        RevisionConvention.Advance(ChangeTracker);
        return base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
    }

    public override int SaveChanges(bool acceptAllChangesOnSuccess) =>
        throw new NotSupportedException("Save with SaveChangesAsync: it continues the audit and the revisions.");
}
