using System.Runtime.CompilerServices;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Storage;

namespace Looper.Core.Access;

/// <summary>Continues the audit chain with whatever is being saved. The row before is read and the new one written under one lock,
/// or two writers would continue the same row.</summary>
internal sealed class AuditInterceptor : SaveChangesInterceptor
{
    private readonly ConditionalWeakTable<object, IDbContextTransaction> _own = [];

    public override async ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is not LooperDb db || AuditChain.NewEntries(db.ChangeTracker) is not { Count: > 0 } added) return result;
        if (db.Database.CurrentTransaction is null) _own.Add(db, await db.Database.BeginTransactionAsync(cancellationToken));
        await db.LockAsync("audit", cancellationToken);
        await AuditChain.ContinueAsync(db, added, cancellationToken);
        return result;
    }

    public override async ValueTask<int> SavedChangesAsync(SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        if (Own(eventData) is { } transaction)
        {
            await transaction.CommitAsync(cancellationToken);
            await transaction.DisposeAsync();
        }
        return result;
    }

    public override async Task SaveChangesFailedAsync(DbContextErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        if (Own(eventData) is { } transaction) await transaction.DisposeAsync();
    }

    public override async Task SaveChangesCanceledAsync(DbContextEventData eventData, CancellationToken cancellationToken = default)
    {
        if (Own(eventData) is { } transaction) await transaction.DisposeAsync();
    }

    private IDbContextTransaction? Own(DbContextEventData of) =>
        of.Context is not null && _own.Remove(of.Context, out var transaction) ? transaction : null;
}
