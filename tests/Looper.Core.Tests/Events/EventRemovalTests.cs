using Looper.Core.Events;
using Looper.Core.Events.Histories;
using Looper.Core.Events.Sqlite;
using Looper.Testing;
using Looper.Testing.Events;
using Microsoft.Extensions.Logging.Abstractions;

namespace Looper.Core.Tests.Events;

public sealed class EventRemovalTests
{
    private const int Rows = (2 * EventRemoval.LookedAt) + 5_000;

    [Fact] // appends wait for a step: one that looked for the few simulated rows among all others would hold them up as long as reading the table takes
    public async Task What_was_simulated_is_looked_for_in_steps_of_so_many_rows_and_all_of_it_goes()
    {
        using var folder = new TemporaryDirectory();
        await using (var open = new OpenJournal(folder.Path))
        {
            foreach (var some in Enumerable.Range(0, Rows).Chunk(1_000))
            {
                await open.Journal.AppendAsync([.. some.Select(i => Recorded.Decision($"d-{i:d6}", marks: Of(i)))], durable: false, default);
                await open.Journal.AppendAsync([.. some.Select(i => new[] { Recorded.Observation($"o-{i:d6}", unit: "user-1", marks: Of(i)) })], default);
            }
        }
        var (options, corrupt) = (JournalOptions.In(folder.Path), new CorruptRecords(NullLogger<CorruptRecords>.Instance));
        using var meter = new LooperMeter();
        using var log = new EventLog(options, new(new()), corrupt, new HistoryFeed(options, corrupt, meter, TimeProvider.System));
        var removal = log.Remove(new(Guid.CreateVersion7(), "test", RemovalOrder.OfSimulated()), corrupt);
        var (steps, more) = (0, true);
        for (; more; steps++)
        {
            log.Begin();
            more = removal.Step();
            log.Beat();
            log.Commit();
        }
        Assert.Equal((new Removed(6, 6), 8), (removal.Total, steps)); // the note, three looks at either kind, and the end
    }

    // The last row too: the end of the table moves.
    private static RecordMarks Of(int row) => row % 11_000 == 0 || row == Rows - 1 ? RecordMarks.Simulated : RecordMarks.None;
}
