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
        var warm = records.Length / 2;
        long bytes = 0;
        for (var i = 0; i < records.Length; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var append = open.Journal.AppendAsync(records[i], durable: false, default);
            if (i >= warm) bytes += GC.GetAllocatedBytesForCurrentThread() - before;
            while (!append.IsCompleted) Thread.Yield();
            before = GC.GetAllocatedBytesForCurrentThread();
            var appended = await append; // complete already: goes on here, on this thread
            if (i >= warm) bytes += GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.Equal(AppendStatus.Stored, appended.Status);
        }
        Assert.Equal(0, bytes);
    }
}
