using Looper.Core.Events;
using Looper.Core.Metering;
using Looper.Core.Serving;
using Looper.Testing;
using Looper.Testing.Events;

namespace Looper.Core.Tests.Metering;

/// <summary>What the journal writes is counted by decision point.</summary>
public sealed class JournalWorkTests
{
    [Fact]
    public async Task Rows_bytes_and_the_threads_time_are_those_of_the_decision_points_that_were_written()
    {
        using var folder = new TemporaryDirectory();
        var (one, other) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await using var open = new OpenJournal(JournalOptions.In(folder.Path));
        DecisionRecord Record(string id, Guid point, int bytes) => new()
        {
            Id = id, DecisionPointId = point, Unit = "u", Time = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero), BlueprintVersion = 1, Option = 0, Propensity = 1, Reason = Reason.Policy, Served = new byte[bytes],
        };
        var small = Enumerable.Range(0, 30).Select(i => Record($"a{i}", one, 10)).ToArray();
        var large = Enumerable.Range(0, 10).Select(i => Record($"b{i}", other, 1_000)).ToArray();
        await open.Journal.AppendAsync(small, false, default);
        await open.Journal.AppendAsync(large, false, default);
        await open.Journal.AppendAsync(small, false, default); // replays, which write nothing
        await open.Journal.AppendAsync([new ObservationRecord { Id = "o", DecisionId = "a1", Outcome = "x", Value = 1, Time = default, ReceivedAt = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero) }], default);
        await open.Journal.AppendAsync([Record("c", other, 10) with { Marks = RecordMarks.Imported }], false, default); // made elsewhere
        var done = open.Work.Take().Where(d => d.Kind == WorkKind.Storage && d.Point != WorkMeter.Shared).ToDictionary(d => d.Point);
        Assert.Equal((30L, 1L, 10L, 0L), (done[one].Decisions, done[one].Outcomes, done[other].Decisions, done[other].Outcomes));
        Assert.InRange(done[other].Bytes, 10 * 1_000, 10 * 1_100);
        Assert.InRange(done[one].Bytes, 30 * 10, 30 * 110);
        Assert.All(done.Values, d => Assert.InRange(d.Nanoseconds, 1, 10_000_000_000));
    }
}
