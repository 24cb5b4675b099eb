using Looper.Core.Events;
using Looper.Core.Events.Sqlite;
using Looper.Testing;
using Looper.Testing.Events;

namespace Looper.Core.Tests.Events;

public sealed class RetentionTests(ITestOutputHelper output)
{
    private static readonly Guid s_other = Guid.CreateVersion7(Recorded.Noon);

    [Fact]
    public async Task What_is_older_than_it_may_be_kept_goes_and_nothing_else()
    {
        using var folder = new TemporaryDirectory();
        await using var open = new OpenJournal(folder.Path);
        for (var day = 0; day < 10; day++)
        {
            var time = Recorded.Noon.AddDays(day);
            await open.AddAsync(Recorded.Decision($"d-{day}", time: time));
            await open.AddAsync(Recorded.Decision($"e-{day}", point: s_other, time: time));
            await open.AddAsync(Recorded.Observation($"o-{day}", $"d-{day}", time: time), Recorded.Observation($"p-{day}", $"e-{day}", time: time));
            await open.AddAsync(Recorded.Observation($"u-{day}", unit: "user-1", time: time));
            await open.AddAsync(Recorded.Observation($"w-{day}", $"never-{day}", time: time));
        }
        var order = new PurgeOrder(new Dictionary<Guid, DateTimeOffset> { [Recorded.Banner] = Recorded.Noon.AddDays(6) }, Recorded.Noon.AddDays(3));
        Assert.Equal(new Removed(9, 15), await open.Journal.PurgeAsync(order, default)); // 6 and 3 decisions with theirs; 3 by unit, 3 of decisions that never came
        Assert.Equal(["d-9", "d-8", "d-7", "d-6"], (await open.Reader.DecisionsAsync(new(Recorded.Banner), null, 100, default)).Items.Select(d => d.Id));
        Assert.Equal(7, (await open.Reader.DecisionsAsync(new(s_other), null, 100, default)).Items.Count);
        var observations = (await open.Reader.ObservationsAsync(new(), null, 100, default)).Items.Select(o => o.Id).ToHashSet();
        Assert.Equal(Enumerable.Range(6, 4).Select(i => $"o-{i}").Concat(Enumerable.Range(3, 7).SelectMany(i => new[] { $"p-{i}", $"u-{i}", $"w-{i}" })).ToHashSet(), observations);
        Assert.Equal(new Removed(0, 0), await open.Journal.PurgeAsync(order, default));
        Assert.Equal(10, open.Activity.Of(Recorded.Banner).Decisions); // counts name nobody and stay
    }

    // Old to new ten to one, while appends go on: afterwards the file is at most a third larger than one that only ever held the rest.
    [Fact]
    public async Task R16_retention_gives_the_space_back_while_appends_go_on()
    {
        var rows = Sizes.R16Rows;
        using var folder = new TemporaryDirectory();
        using var fresh = new TemporaryDirectory();
        await using (var open = new OpenJournal(folder.Path))
        {
            await FillAsync(open, 0, rows);
            var purge = open.Journal.PurgeAsync(new(new Dictionary<Guid, DateTimeOffset>(), TimeOf(rows - (rows / 10))), default);
            var added = 0;
            for (; !purge.IsCompleted && added < rows; added++) await open.AddAsync(Recorded.Decision($"late-{added}", time: TimeOf(rows)));
            Assert.Equal(rows - (rows / 10), (await purge).Decisions);
            Assert.True(added > 0);
            await Eventually.IsTrueAsync(async () => (await open.Reader.StorageAsync(Recorded.Noon, default)).UnusedBytes == 0, TimeSpan.FromMinutes(1));
            await using (var other = new OpenJournal(fresh.Path))
            {
                await FillAsync(other, rows - (rows / 10), rows);
                for (var i = 0; i < added; i++) await other.AddAsync(Recorded.Decision($"late-{i}", time: TimeOf(rows)));
            }
        }
        var ratio = (double)new FileInfo(folder.File("events.db")).Length / new FileInfo(fresh.File("events.db")).Length;
        output.WriteLine(FaultLedger.Line("R16", 1, $"{rows} rows: file {ratio:F2} times a fresh one with the same rows"));
        Assert.InRange(ratio, 0.5, 1.3);
    }

    [Fact]
    public async Task S15_no_byte_of_an_erased_unit_is_left_in_any_file()
    {
        using var folder = new TemporaryDirectory();
        await using var open = new OpenJournal(folder.Path);
        const string unit = "anna.maria.mustermann@example.com";
        for (var i = 0; i < 1_000; i++)
        {
            await open.Journal.AppendAsync([Recorded.Decision($"d-{i}", unit: i % 2 == 0 ? unit : "user-1"), Recorded.Decision($"f-{i}", unit: $"user-{i}")], durable: false, default);
            if (i % 3 == 0) await open.AddAsync(Recorded.Observation($"o-{i}", $"d-{i}"), Recorded.Observation($"u-{i}", unit: unit));
        }
        Assert.True(Holds(folder.Path, unit));
        Assert.Equal(new Removed(500, 167 + 334), await open.Journal.EraseAsync(unit, default));
        Assert.False(Holds(folder.Path, unit));
        Assert.Empty((await open.Reader.DecisionsAsync(new(Recorded.Banner) { Unit = unit }, null, 10, default)).Items);
        Assert.Equal(500, (await open.Reader.DecisionsAsync(new(Recorded.Banner) { Unit = "user-1" }, null, 1_000, default)).Items.Count(d => d.Id[0] == 'd'));
        Assert.Equal(2_000, open.Activity.Of(Recorded.Banner).Decisions);
    }

    [Fact] // a flipped bit does not keep somebody's name
    public async Task S15_a_record_of_the_unit_that_cannot_be_read_goes_too()
    {
        using var folder = new TemporaryDirectory();
        const string unit = "anna.maria.mustermann@example.com";
        await using (var open = new OpenJournal(folder.Path))
        {
            await open.AddAsync(Recorded.Decision("bad", unit: unit), durable: true);
            await open.AddAsync(Recorded.Decision("good", unit: unit), durable: true);
            await open.AddAsync(Recorded.Decision("other", unit: "user-1"), durable: true);
            await open.AddAsync(Recorded.Observation("o-1", "bad"), Recorded.Observation("o-2", unit: unit), Recorded.Observation("o-3", unit: "user-1"));
        }
        using (var connection = EventFile.OpenForWriting(JournalOptions.In(folder.Path)))
        {
            EventFile.Execute(connection, "UPDATE decisions SET payload = CAST(payload || x'00' AS BLOB) WHERE id IN ('bad', 'other'); UPDATE observations SET payload = CAST(payload || x'00' AS BLOB) WHERE decision IS NULL");
        }
        await using (var open = new OpenJournal(folder.Path))
        {
            Assert.Equal(new Removed(2, 2), await open.Journal.EraseAsync(unit, default));
            Assert.False(Holds(folder.Path, unit));
            Assert.True(Holds(folder.Path, "user-1")); // nobody asked for it
        }
    }

    [Fact]
    public void Growth_levels_off_where_retention_takes_as_much_as_comes()
    {
        var storage = new EventStorage(1_000_000, 0, 0, 5_000, 5_000, 1_000, null);
        Assert.Equal(new GrowthForecast(100_000, 40_000_000, null), GrowthForecast.Of(storage, 39_000_001, 400, s_none));
        Assert.Equal(new GrowthForecast(100_000, 40_000_000, 380), GrowthForecast.Of(storage, 38_000_000, 400, s_none));
        Assert.Null(GrowthForecast.Of(storage with { EventsPerDay = double.NaN }, 1, 400, s_none).FullInDays);
        Assert.True(double.IsNaN(GrowthForecast.Of(storage with { Decisions = 0, Observations = 0 }, 1, 400, s_none).BytesPerDay));
    }

    [Fact] // 900 events a day are kept for ten days, 100 for a year
    public void Each_decision_points_events_level_off_by_their_own_retention()
    {
        var (busy, kept) = (Guid.CreateVersion7(Recorded.Noon), Guid.CreateVersion7(Recorded.Noon));
        var storage = new EventStorage(1_000_000, 0, 0, 5_000, 5_000, 1_000, null) { Rates = new Dictionary<Guid, EventRate> { [busy] = new(450, 450), [kept] = new(50, 50) } };
        var days = new Dictionary<Guid, int> { [busy] = 10, [kept] = 365 };
        Assert.Equal(new GrowthForecast(100_000, (90_000 * 10) + (10_000 * 365), null), GrowthForecast.Of(storage, 4_000_000, 365, days));
        Assert.Equal((90_000 * 10) + (10_000 * 365) + (45_000 * 0.2 * 355), GrowthForecast.Of(storage with { ByUnitShare = 0.2 }, 4_000_000, 365, days).LevelsOffAtBytes, 1e-6); // what names a unit stays with the longest
    }

    [Fact]
    public async Task The_rate_of_growth_is_measured_over_the_hours_there_are()
    {
        using var folder = new TemporaryDirectory();
        var clock = new TestClock(Recorded.Noon);
        await using var open = new OpenJournal(folder.Path, clock);
        for (var i = 0; i < 48; i++) await open.AddAsync(Recorded.Decision($"d-{i}", time: Recorded.Noon.AddHours(i)));
        await open.AddAsync(Recorded.Decision("imported", time: Recorded.Noon.AddYears(-1)));
        await Eventually.IsTrueAsync(async () => (await open.Reader.StorageAsync(Recorded.Noon.AddHours(48), default)).EventsPerDay == 24);
        Assert.Equal(new EventRate(24, 0), Assert.Single((await open.Reader.StorageAsync(Recorded.Noon.AddHours(48), default)).Rates).Value);
        Assert.True(double.IsNaN((await open.Reader.StorageAsync(Recorded.Noon.AddMinutes(30), default)).EventsPerDay));
    }

    private static readonly Dictionary<Guid, int> s_none = [];

    private static DateTimeOffset TimeOf(int row) => Recorded.Noon.AddSeconds(row);

    private static async Task FillAsync(OpenJournal open, int from, int to)
    {
        foreach (var chunk in Enumerable.Range(from, to - from).Chunk(1_000))
        {
            await open.Journal.AppendAsync([.. chunk.Select(i => Recorded.Decision(IdOf(i), unit: $"user-{i % 7_919}", time: TimeOf(i)))], durable: false, default);
            await open.Journal.AppendAsync([.. chunk.Where(i => i % 2 == 0).Select(i => new[] { Recorded.Observation($"#{i:x16}", IdOf(i), time: TimeOf(i)) })], default);
        }
    }

    private static string IdOf(int row) => $"01980a3e-{row >> 16:x4}-7{row >> 4 & 0xFFF:x3}-9d5e-{row:x12}";

    private static bool Holds(string folder, string text)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        return Directory.EnumerateFiles(folder).Any(f =>
        {
            using var file = new FileStream(f, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var content = new byte[file.Length];
            file.ReadExactly(content);
            return content.AsSpan().IndexOf(bytes) >= 0;
        });
    }
}
