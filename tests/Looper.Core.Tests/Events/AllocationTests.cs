using Looper.Core.Events;
using Looper.Testing;
using Looper.Testing.Events;

namespace Looper.Core.Tests.Events;

public sealed class AllocationTests
{
    /// <summary>
    /// Garbage per record would be there for every record. Where the writer's thread is late, a queue may grow by a segment once:
    /// so it is the records that cost something that are counted, not the bytes of all.
    /// </summary>
    [Fact]
    public async Task Handing_a_decision_to_the_journal_costs_the_sender_no_garbage()
    {
        using var folder = new TemporaryDirectory();
        await using var open = new OpenJournal(folder.Path);
        var records = Enumerable.Range(0, 4_000).Select(i => Recorded.Decision($"d-{i}")).ToArray();
        var costly = records.Count(record => Allocated(open.Journal, record) > 0);
        Assert.InRange(costly, 0, records.Length / 100);
    }

    /// <summary>Bytes that this thread allocated for one record; synchronous, so that nothing else counts.</summary>
    private static long Allocated(Journal journal, DecisionRecord record)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var append = journal.AppendAsync(record, durable: false, default);
        var handed = GC.GetAllocatedBytesForCurrentThread() - before;
        while (!append.IsCompleted) Thread.Yield();
        before = GC.GetAllocatedBytesForCurrentThread();
        var appended = append.Result;
        var read = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(AppendStatus.Stored, appended.Status);
        return handed + read;
    }
}
