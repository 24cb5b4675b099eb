namespace Looper.Core.Events;

/// <summary>Joins decisions with their outcomes, in time order, page by page: memory does not grow with the number of events.</summary>
public sealed class ExampleReader(JournalOptions options, TimeProvider clock)
{
    internal (JournalOptions, TimeProvider) Parts => (options, clock);

    public IAsyncEnumerable<Example> ReadAsync(ExampleQuery query, CancellationToken cancel) => throw new NotImplementedException();

    /// <summary>How many decisions of the query have every window closed.</summary>
    public Task<long> CountClosedAsync(ExampleQuery query, CancellationToken cancel) => throw new NotImplementedException();

    /// <summary>Join rate, delays, and means by option and by reason over the examples of the query.</summary>
    public Task<OutcomeFigures> FiguresAsync(ExampleQuery query, CancellationToken cancel) => throw new NotImplementedException();
}
