using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Testing;

/// <summary>Contexts of which the n-th save falls: before it is kept, or just after.</summary>
public sealed class FallingDatabases(IDbContextFactory<LooperDb> inner, int at, bool after) : IDbContextFactory<LooperDb>
{
    /// <summary>Saves so far, the falling one among them.</summary>
    public int Saves { get; private set; }

    public LooperDb CreateDbContext()
    {
        var db = inner.CreateDbContext();
        db.SavingChanges += (_, _) =>
        {
            if (++Saves == at && !after) throw new FallException();
        };
        db.SavedChanges += (_, _) =>
        {
            if (Saves == at && after) throw new FallException();
        };
        return db;
    }

    public Task<LooperDb> CreateDbContextAsync(CancellationToken cancellationToken = default) => Task.FromResult(CreateDbContext());

    /// <summary>Ends the work as the end of its process does: what goes on after a fault must not go on after this.</summary>
    public sealed class FallException : OperationCanceledException;
}
