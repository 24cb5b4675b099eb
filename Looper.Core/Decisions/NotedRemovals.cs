using Looper.Core.Access;
using Looper.Core.Events;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Decisions;

/// <summary>Removes the events of a decision point, or all that was simulated, to the end and into the audit, whatever cuts it off: the journal notes it before its first row goes.
/// One at a time.</summary>
public sealed class NotedRemovals(IDbContextFactory<LooperDb> databases, Journal journal, EventReader events, LateDecisions late, Ids ids, TimeProvider clock, ChangeFeed changes) : IDisposable
{
    internal const string Cleared = "decision-point.cleared", Simulated = "simulation.events-removed";

    private readonly SemaphoreSlim _one = new(1);
    private readonly Dictionary<Guid, Removed> _toTell = []; // whose rows are gone

    /// <param name="cancel">Counts until the first row goes: from then on it is ended whether or not anybody waits.</param>
    public async Task<Removed> RunAsync(Caller caller, RemovalOrder order, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(order);
        await _one.WaitAsync(cancel);
        try
        {
            var cut = (await events.RemovalsAsync(cancel)).Find(n => (n.Order.Kind, n.Order.Point) == (order.Kind, order.Point));
            return await EndAsync(caller, cut is null ? new(ids.Next(), caller.Name, order) : cut with { Order = order, Last = null }, clock.GetUtcNow(), null);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Notes a removal before something else is saved; a kill after that leaves it to be ended. Where nothing could be saved nothing is removed.</summary>
    public async Task NoteAsync(Caller caller, RemovalOrder order, Func<Task> saveAsync, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(saveAsync);
        await _one.WaitAsync(cancel);
        try
        {
            var noted = new NotedRemoval(ids.Next(), caller.Name, order);
            await journal.NoteAsync(noted, cancel);
            try
            {
                await saveAsync();
            }
            catch
            {
                await journal.EndNotedAsync(noted.Id, CancellationToken.None);
                throw;
            }
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Ends those that a stop, a crash or an outage cut off.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> EndCutAsync(CancellationToken cancel)
    {
        await _one.WaitAsync(cancel);
        try
        {
            var cut = await events.RemovalsAsync(cancel);
            foreach (var noted in cut) await EndAsync(Caller.System, noted, noted.AskedAt, $"Ended after it had been cut off. {noted.AskedBy} had asked for it.");
            return cut.Count;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    // Each part may be cut off and done again: the rows, then the audit, where it stands once, then the note.
    private async Task<Removed> EndAsync(Caller caller, NotedRemoval noted, DateTimeOffset asked, string? reason)
    {
        if (noted.Last is null || !_toTell.TryGetValue(noted.Id, out var removed)) removed = _toTell[noted.Id] = await RemoveAsync(noted, asked);
        await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
        var (point, id) = (noted.Order.Point, noted.Id.ToString());
        var isTold = point is null && reason is null // whoever removes what was simulated has told it with the points that went
            || await db.Set<AuditEntry>().AnyAsync(e => (e.Action == Cleared || e.Action == Simulated) && e.Before!.Contains(id), CancellationToken.None);
        if (!isTold)
        {
            var key = point is null ? "simulated" : await db.Set<DecisionPoint>().Where(p => p.Id == point).Select(p => p.Key).SingleOrDefaultAsync(CancellationToken.None) ?? point.Value.ToString();
            db.Add(AuditEntry.Of(caller, point is null ? Simulated : Cleared, key, clock.GetUtcNow(), before: new { removed.Decisions, removed.Observations, removal = noted.Id, asked }, reason: reason));
            await db.SaveChangesAsync(CancellationToken.None);
        }
        await journal.EndNotedAsync(noted.Id, CancellationToken.None);
        _toTell.Remove(noted.Id);
        if (point is { } cleared) changes.Announce(ChangeKind.DecisionPoint, cleared);
        return removed;
    }

    // What was decided before it was asked for is not taken from then on, unless it could not even be noted.
    private async Task<Removed> RemoveAsync(NotedRemoval noted, DateTimeOffset asked)
    {
        var takeBack = noted.Order.Point is { } point ? late.Clear(point, asked) : () => { };
        try
        {
            return await journal.RemoveAsync(noted, CancellationToken.None);
        }
        catch
        {
            if (!(await events.RemovalsAsync(CancellationToken.None)).Exists(n => n.Id == noted.Id)) takeBack();
            throw;
        }
    }
}
