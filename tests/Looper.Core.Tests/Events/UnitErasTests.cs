using System.Buffers.Binary;
using Looper.Core.Events;
using Looper.Core.Events.Records;
using Looper.Core.Events.Sqlite;
using Looper.Testing;
using Looper.Testing.Events;
using Microsoft.Extensions.Logging.Abstractions;

namespace Looper.Core.Tests.Events;

/// <summary>A unit's decisions are found wherever they lie: in a full era, in the open one, after a restart, after a removal.</summary>
public sealed class UnitErasTests : IDisposable
{
    private const int Many = (2 * UnitEras.Rows) + 300;

    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory, InlineData(false), InlineData(true)]
    public async Task Every_decision_of_a_unit_is_found_and_no_other(bool startsAgain)
    {
        var open = new OpenJournal(_folder.Path);
        for (var from = 0; from < Many; from += 100)
        {
            if (startsAgain && from % 700 == 0)
            {
                await open.DisposeAsync();
                open = new(_folder.Path);
            }
            await open.Journal.AppendAsync([.. Enumerable.Range(from, Math.Min(100, Many - from)).Select(i => Recorded.Decision($"d-{i}", UnitOf(i), time: Recorded.Noon.AddSeconds(i)))], durable: false, default);
        }
        foreach (var unit in new[] { 0, 1, 6 })
            Assert.Equal(Enumerable.Range(0, Many).Where(i => i % 7 == unit).Reverse().Select(i => $"d-{i}"), await IdsOfAsync(open, $"user-{unit}"));
        Assert.Empty(await IdsOfAsync(open, "user-7"));
        await open.DisposeAsync();
        Assert.Equal(2, Eras().Count);
    }

    [Fact]
    public async Task An_observation_by_unit_counts_for_the_decision_point_that_decided_long_ago()
    {
        var point = new Ids(TimeProvider.System).Next();
        await using (var open = new OpenJournal(_folder.Path))
        {
            await open.AddAsync(Recorded.Decision("first", "ann", point));
            await open.Journal.AppendAsync([.. Enumerable.Range(0, Many).Select(i => Recorded.Decision($"d-{i}", UnitOf(i)))], durable: true, default);
        }
        await using var again = new OpenJournal(_folder.Path); // nothing of her is in memory
        await again.AddAsync(Recorded.Observation("o-1", unit: "ann"), Recorded.Observation("o-2", unit: "nobody"));
        Assert.Equal(1, again.Activity.Of(point).Outcomes);
        Assert.Equal(0, again.Activity.Of(Recorded.Banner).Outcomes);
    }

    [Fact]
    public async Task The_hash_of_an_erased_unit_is_taken_from_full_and_open_eras()
    {
        await using (var open = new OpenJournal(_folder.Path))
        {
            await open.Journal.AppendAsync([.. Enumerable.Range(0, Many).Select(i => Recorded.Decision($"d-{i}", UnitOf(i)))], durable: true, default);
            Assert.Contains(Eras(), e => e.Contains(UnitHash.Of("user-3")));
            await open.Journal.EraseAsync("user-3", default);
            // The open era is filled afterwards: it must not write what it remembers of the erased one.
            await open.Journal.AppendAsync([.. Enumerable.Range(Many, UnitEras.Rows).Select(i => Recorded.Decision($"d-{i}", "late"))], durable: true, default);
            Assert.Equal(Enumerable.Range(0, Many).Count(i => i % 7 == 4), (await IdsOfAsync(open, "user-4")).Count);
        }
        Assert.Equal(3, Eras().Count);
        Assert.DoesNotContain(Eras(), e => e.Contains(UnitHash.Of("user-3")));
    }

    // An erasure takes several steps, and a group between two of them may fill the era that the first one was in.
    [Fact]
    public async Task The_hash_of_a_unit_that_is_being_erased_is_not_written_by_a_group_in_between()
    {
        await using (var open = new OpenJournal(_folder.Path)) await open.AddAsync(Recorded.Decision("first", "other"));
        using (var connection = EventFile.OpenForWriting(JournalOptions.In(_folder.Path)))
        {
            var (points, corrupt) = (PointTable.Read(connection), new CorruptRecords(NullLogger<CorruptRecords>.Instance));
            using var table = new DecisionTable(connection, points, corrupt, 0);
            Append(table, "gone", 900);
            var erasure = new UnitErasure(connection, points, RemovalOrder.OfUnit("gone"), null, corrupt, table.ForgetUnits);
            Assert.True(erasure.Step());
            Append(table, "late", 200);
            Assert.False(erasure.Step());
            Assert.Equal(900, erasure.Total.Decisions);
        }
        Assert.Contains(UnitHash.Of("late"), Assert.Single(Eras()));
        Assert.DoesNotContain(UnitHash.Of("gone"), Assert.Single(Eras()));
    }

    [Fact]
    public async Task Eras_without_a_decision_are_dropped()
    {
        await using (var open = new OpenJournal(_folder.Path))
        {
            await open.Journal.AppendAsync([.. Enumerable.Range(0, Many).Select(i => Recorded.Decision($"d-{i}", UnitOf(i), time: Recorded.Noon.AddSeconds(i)))], durable: true, default);
            await open.Journal.PurgeAsync(new(new Dictionary<Guid, DateTimeOffset>(), Recorded.Noon.AddSeconds(UnitEras.Rows + 5)), default);
            Assert.Equal(Enumerable.Range(UnitEras.Rows + 5, Many - UnitEras.Rows - 5).Where(i => i % 7 == 2).Reverse().Select(i => $"d-{i}"), await IdsOfAsync(open, "user-2"));
        }
        Assert.Single(Eras());
    }

    // The group that would fill the first era fails once, at each of its writes; its rows are written again under the same numbers.
    [Fact]
    public async Task A_group_that_failed_leaves_no_trace_in_an_era()
    {
        const int before = UnitEras.Rows - 20;
        for (var at = 1; ; at++)
        {
            using var folder = new TemporaryDirectory();
            using var plan = new FaultPlan(folder.Path) { WriteCode = 13 };
            await using var open = new OpenJournal(JournalOptions.In(folder.Path) with { FileSystem = FaultFileSystem.Name, RetryAfter = TimeSpan.FromMilliseconds(10) });
            await open.Journal.AppendAsync([.. Enumerable.Range(0, before).Select(i => Recorded.Decision($"d-{i}", UnitOf(i)))], durable: true, default);
            plan.FailAt = plan.Calls + at;
            var answers = await open.Journal.AppendAsync([.. Enumerable.Range(0, 40).Select(i => Recorded.Decision($"lost-{i}", "lost"))], durable: false, default);
            var isFailed = plan.Failed is not null;
            if (answers[0].Status == AppendStatus.Stored)
            {
                Assert.True(at > 1);
                return;
            }
            Assert.True(isFailed);
            await Eventually.IsTrueAsync(async () => (await open.Journal.AppendAsync([.. Enumerable.Range(0, 40).Select(i => Recorded.Decision($"kept-{i}", "kept"))], durable: false, default))[0].Status is AppendStatus.Stored or AppendStatus.Replayed);
            Assert.Equal(40, (await IdsOfAsync(open, "kept")).Count);
            Assert.Empty(await IdsOfAsync(open, "lost"));
            Assert.Equal(Enumerable.Range(0, before).Count(i => i % 7 == 1), (await IdsOfAsync(open, "user-1")).Count);
        }
    }

    private static void Append(DecisionTable table, string unit, int count)
    {
        DecisionRecord[] records = [.. Enumerable.Range(0, count).Select(i => Recorded.Decision($"{unit}-{i}", unit))];
        var rows = new EncodedDecision[count];
        EncodedDecision.Of(records, new byte[records.Sum(EncodedDecision.Room)], rows);
        table.Append(records, rows, [.. records.Select(_ => 1L)], new Appended[count]);
    }

    private static string UnitOf(int i) => $"user-{i % 7}";

    private static async Task<List<string>> IdsOfAsync(OpenJournal open, string unit)
    {
        var (ids, after) = (new List<string>(), (string?)null);
        do
        {
            var page = await open.Reader.DecisionsAsync(new(Recorded.Banner) { Unit = unit }, after, 1_000, default);
            ids.AddRange(page.Items.Select(d => d.Id));
            after = page.Next;
        }
        while (after is not null);
        return ids;
    }

    private List<HashSet<long>> Eras()
    {
        using var connection = EventFile.OpenForReading(JournalOptions.In(_folder.Path));
        using var rows = new Statement(connection, "SELECT units FROM unit_eras ORDER BY era");
        var eras = new List<HashSet<long>>();
        while (rows.Step())
        {
            var bytes = rows.Bytes(0).ToArray();
            eras.Add([.. Enumerable.Range(0, UnitEras.Rows).Select(i => BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(i * sizeof(long))))]);
        }
        return eras;
    }
}
