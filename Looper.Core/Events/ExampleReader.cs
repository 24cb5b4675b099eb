using System.Runtime.CompilerServices;
using Looper.Core.Blueprints;
using Looper.Core.Events.Histories;
using Looper.Core.Events.Sqlite;

namespace Looper.Core.Events;

/// <summary>Joins decisions with their outcomes, in time order, page by page: memory does not grow with the number of events.</summary>
public sealed class ExampleReader(JournalOptions options, CorruptRecords corrupt, TimeProvider clock)
{
    public async IAsyncEnumerable<Example> ReadAsync(ExampleQuery query, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var pages = await Task.Run(() => new ExamplePages(options, query, clock.GetUtcNow(), corrupt), cancel);
        var ahead = Task.Run(pages.Read, cancel);
        try
        {
            while (await ahead)
            {
                Example[] current = [.. pages.Current];
                ahead = Task.Run(pages.Read, cancel); // the next page is read while this one is worked on
                foreach (var example in current)
                {
                    cancel.ThrowIfCancellationRequested();
                    yield return example;
                }
            }
        }
        finally
        {
            await ((Task)ahead).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // no page is read from a connection that is closed
        }
    }

    /// <summary>What was known of each unit at every moment, in time order.</summary>
    /// <param name="windows">Longest window of each outcome that is asked for.</param>
    /// <param name="delays">How long each outcome may take to come: what was imported counts as known after that.</param>
    /// <param name="from">Nobody looks back further: what happened before is not held.</param>
    public Task<HistoryReplay> ReplayAsync(
        Guid decisionPointId, IReadOnlyDictionary<string, TimeSpan> windows, IReadOnlyDictionary<string, TimeSpan> delays, DateTimeOffset from, CancellationToken cancel) =>
        Task.Run(() => new HistoryReplay(options, corrupt, decisionPointId, windows, delays, from), cancel);

    /// <summary>How many decisions of the query have every window closed.</summary>
    public Task<long> CountClosedAsync(ExampleQuery query, CancellationToken cancel) => Task.Run(
        () =>
        {
            using var connection = EventFile.OpenForReading(options);
            var points = PointTable.Read(connection);
            using var count = new Statement(connection, "SELECT count(*) FROM decisions WHERE point = ?1 AND time >= ?2 AND time < ?3");
            count.Bind(0, points.NumberOf(query.DecisionPointId) ?? 0)
                .Bind(1, query.From?.UtcTicks ?? 0).Bind(2, (query with { ClosedOnly = true }).EndAt(clock.GetUtcNow()).UtcTicks);
            count.Step();
            var closed = count.Int64(0);
            count.Reset();
            return query.Newest is { } newest ? Math.Min(newest, closed) : closed;
        },
        cancel);

    /// <summary>How many of the newest decisions of a query to read for so many with every window closed: those that came since are read too, however many they are.</summary>
    public async Task<int> NewestOfAsync(ExampleQuery query, int closed, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(query);
        query = query with { Newest = null };
        var open = await CountClosedAsync(query with { Outcomes = [] }, cancel) - await CountClosedAsync(query, cancel); // without outcomes no window is open
        return (int)Math.Min(int.MaxValue, closed + Math.Max(0, open));
    }

    /// <summary>Join rate, delays, and means by option and by reason over the examples of the query.</summary>
    /// <param name="waits">Whether decisions of a version waited for an outcome: others count for nothing. Null takes all.</param>
    public Task<OutcomeFigures> FiguresAsync(ExampleQuery query, CancellationToken cancel, Func<int, Outcome, bool>? waits = null) => Task.Run(
        () =>
        {
            using var pages = new ExamplePages(options, query, clock.GetUtcNow(), corrupt);
            var figures = new FigureCount(query.Outcomes, waits);
            while (pages.Read())
            {
                cancel.ThrowIfCancellationRequested();
                for (var i = 0; i < pages.Current.Count; i++) figures.Add(pages.Current[i], pages.Notes(i));
            }
            return figures.Total();
        },
        cancel);
}
