using Looper.Core;
using Looper.Core.Events;
using Looper.Core.Metering;
using Microsoft.Extensions.Logging.Abstractions;

namespace Looper.Testing.Events;

/// <summary>A journal with its readers, as the product wires them.</summary>
public sealed class OpenJournal : IAsyncDisposable
{
    public OpenJournal(JournalOptions options, TimeProvider? clock = null)
    {
        clock ??= TimeProvider.System;
        Changes = new();
        Activity = new(Changes);
        Corrupt = new(NullLogger<CorruptRecords>.Instance);
        Journal = new(options, Activity, Corrupt, Meter, Work, clock, NullLogger<Journal>.Instance);
        Reader = new(options, Corrupt);
        Examples = new(options, Corrupt, clock);
        Exposures = new(options, Corrupt, clock);
    }

    public OpenJournal(string folder, TimeProvider? clock = null) : this(JournalOptions.In(folder), clock)
    {
    }

    public ChangeFeed Changes { get; }
    public LooperMeter Meter { get; } = new();
    public WorkMeter Work { get; } = new();
    public EventActivity Activity { get; }
    public CorruptRecords Corrupt { get; }
    public Journal Journal { get; }
    public EventReader Reader { get; }
    public ExampleReader Examples { get; }
    public ExposureReader Exposures { get; }

    public async Task<AppendStatus> AddAsync(DecisionRecord record, bool durable = false) =>
        (await Journal.AppendAsync(record, durable, default)).Status;

    public async Task<AppendStatus> AddAsync(params ObservationRecord[] call) => (await Journal.AppendAsync(call, default)).Status;

    /// <summary>Of a decision point, or what was simulated; as an action does it.</summary>
    public async Task<Removed> RemoveAsync(RemovalOrder order)
    {
        var noted = new NotedRemoval(Guid.CreateVersion7(), "test", order);
        var removed = await Journal.RemoveAsync(noted, default);
        await Journal.EndNotedAsync(noted.Id, default);
        return removed;
    }

    public async ValueTask DisposeAsync()
    {
        await Journal.DisposeAsync();
        Meter.Dispose();
    }
}
