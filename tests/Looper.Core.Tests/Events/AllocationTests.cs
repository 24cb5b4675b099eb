using Looper.Core.Events;
using Looper.Testing;
using Looper.Testing.Events;

namespace Looper.Core.Tests.Events;

public sealed class AllocationTests
{
    [Fact]
    public async Task Handing_a_decision_to_the_journal_costs_the_sender_no_garbage()
    {
        using var folder = new TemporaryDirectory();
        await using var open = new OpenJournal(folder.Path);
        var records = Enumerable.Range(0, 4_000).Select(i => Recorded.Decision($"d-{i}")).ToArray();
        Assert.Equal(0, Allocated(open.Journal, records));
    }

    /// <summary>Bytes that this thread allocated for the second half of the records; synchronous, so that nothing else counts.</summary>
    private static long Allocated(Journal journal, DecisionRecord[] records)
    {
        long bytes = 0;
        for (var i = 0; i < records.Length; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var append = journal.AppendAsync(records[i], durable: false, default);
            var handed = GC.GetAllocatedBytesForCurrentThread() - before;
            while (!append.IsCompleted) Thread.Yield();
            before = GC.GetAllocatedBytesForCurrentThread();
            var appended = append.Result;
            if (i >= records.Length / 2) bytes += handed + GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.Equal(AppendStatus.Stored, appended.Status);
        }
        return bytes;
    }
}
