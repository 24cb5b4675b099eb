using Looper.Core.Events;
using Looper.Core.Events.Shipping;
using Looper.Testing;
using Looper.Testing.Events;
using Looper.Testing.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Looper.Core.Tests.Events;

/// <summary>The same promises of a database server: what went into a journal is shipped, twice over, and read from a second journal that
/// was filled from the server alone.</summary>
public abstract class ServerStoreContract(DatabaseKind kind) : EventStoreContract, IAsyncDisposable
{
    private static readonly Guid s_other = Guid.CreateVersion7(Recorded.Noon);

    private readonly TemporaryDirectory _folder = new();
    private readonly List<IAsyncDisposable> _opened = [];
    private ServerStore _store = null!;
    private JournalShipper _shipper = null!;
    private int _copies;

    [Fact]
    public async Task A_position_outlives_the_shipper_and_a_restored_journal_sends_everything_again_once()
    {
        await using var source = await OpenAsync();
        for (var i = 0; i < 250; i++) await source.AddAsync(Recorded.Decision($"d-{i}"));
        await source.AddAsync(Recorded.Observation("o-1", "d-1"), Recorded.Observation("o-2", unit: "user-1"));
        await ShipAsync(source);
        var node = NodeFile.Read(_folder.Path, new Ids(TimeProvider.System));
        var end = await _store.PositionAsync(node, default);
        Assert.Equal(new ShippedTo(250, 2), end);
        NodeFile.Renew(_folder.Path, new Ids(TimeProvider.System));
        using var again = Shipper(source);
        while (await again.ShipAsync(default)) { }
        Assert.Equal(252, again.Condition.Shipped);
        await source.AddAsync(Recorded.Decision("d-new"));
        await Eventually.IsTrueAsync(async () => await again.ShipAsync(default) || again.Condition.Shipped == 253);
        Assert.Equal((251, 2), await CountAsync());
    }

    [Fact]
    public async Task A_removal_is_followed_also_by_a_server_that_was_away_and_spares_what_came_later()
    {
        await using var source = await OpenAsync();
        await source.AddAsync(Recorded.Decision("d-1"));
        await source.AddAsync(Recorded.Observation("o-1", "d-1"));
        await ShipAsync(source);
        _shipper.Dispose();
        _shipper = Shipper(source); // as after a restart while it waits
        await source.RemoveAsync(RemovalOrder.OfPoint(Recorded.Banner));
        await source.AddAsync(Recorded.Decision("d-2", time: TimeProvider.System.GetUtcNow().AddMinutes(1)));
        await ShipAsync(source);
        Assert.Equal((1, 0), await CountAsync());
    }

    [Fact]
    public async Task S15_an_erased_unit_is_erased_on_the_server_too_however_long_it_was_away()
    {
        await using var source = await OpenAsync();
        const string unit = "anna.maria.mustermann@example.com";
        for (var i = 0; i < 20; i++) await source.AddAsync(Recorded.Decision($"d-{i}", unit: i % 2 == 0 ? unit : "user-1"));
        await source.AddAsync(Recorded.Observation("o-1", "d-2"), Recorded.Observation("o-2", "d-3"), Recorded.Observation("o-3", unit: unit), Recorded.Observation("o-4", unit: "user-1"));
        await ShipAsync(source);
        await source.Journal.EraseAsync(unit, default);
        Assert.DoesNotContain(unit, await File.ReadAllTextAsync(_folder.File(RemovalFile.Name)), StringComparison.Ordinal);
        _shipper.Dispose();
        _shipper = Shipper(source); // as after a restart while the server is away
        await ShipAsync(source);
        var (decisions, observations) = await ReadAsync();
        Assert.Equal((10, "user-1"), (decisions.Count, decisions.Select(d => d.Unit).Distinct().Single()));
        Assert.Equal(["o-2", "o-4"], observations.Select(o => o.Id).Order());
        Assert.False(File.Exists(_folder.File(RemovalFile.Name)));
        await source.AddAsync(Recorded.Decision("d-again", unit: unit, time: TimeProvider.System.GetUtcNow()));
        await ShipAsync(source);
        Assert.Contains((await ReadAsync()).Decisions, d => d.Unit == unit);
    }

    [Fact]
    public async Task An_erasure_up_to_a_moment_spares_what_the_unit_sent_later_on_the_server_too()
    {
        await using var source = await OpenAsync();
        foreach (var day in (int[])[0, 1, 2])
        {
            var time = Recorded.Noon.AddDays(day);
            await source.AddAsync(Recorded.Decision($"d-{day}", unit: "anna", time: time));
            await source.AddAsync(Recorded.Observation($"o-{day}", $"d-{day}", time: time), Recorded.Observation($"u-{day}", unit: "anna", time: time));
        }
        await ShipAsync(source);
        Assert.Equal(new Removed(2, 4), await source.Journal.EraseAsync("anna", Recorded.Noon.AddDays(1), default));
        await ShipAsync(source);
        var (decisions, observations) = await ReadAsync();
        Assert.Equal("d-2", Assert.Single(decisions).Id);
        Assert.Equal(["o-2", "u-2"], observations.Select(o => o.Id).Order());
    }

    [Fact]
    public async Task What_has_become_too_old_goes_from_the_server_too()
    {
        await using var source = await OpenAsync();
        var other = Guid.CreateVersion7();
        for (var i = 0; i < 10; i++)
        {
            await source.AddAsync(Recorded.Decision($"d-{i}", time: Recorded.Noon.AddDays(i)));
            await source.AddAsync(Recorded.Decision($"e-{i}", time: Recorded.Noon.AddDays(i)) with { DecisionPointId = other });
            await source.AddAsync(Recorded.Observation($"o-{i}", $"d-{i}", time: Recorded.Noon.AddDays(i)), Recorded.Observation($"u-{i}", unit: "user-1", time: Recorded.Noon.AddDays(i)));
        }
        await ShipAsync(source);
        await source.Journal.PurgeAsync(new(new Dictionary<Guid, DateTimeOffset> { [Recorded.Banner] = Recorded.Noon.AddDays(7) }, Recorded.Noon.AddDays(4)), default);
        await ShipAsync(source);
        var (decisions, observations) = await ReadAsync();
        Assert.Equal(["d-7", "d-8", "d-9", "e-4", "e-5", "e-6", "e-7", "e-8", "e-9"], decisions.Select(d => d.Id).Order());
        Assert.Equal(["o-7", "o-8", "o-9", "u-4", "u-5", "u-6", "u-7", "u-8", "u-9"], observations.Select(o => o.Id).Order());
    }

    [Fact] // a server gives its rows in an order of its own
    public async Task What_is_too_old_goes_from_a_refilled_journal_wherever_it_lies()
    {
        await using var source = await OpenAsync();
        foreach (var day in (int[])[9, 0, 8, 1]) await source.AddAsync(Recorded.Observation($"u-{day}", unit: "user-1", time: Recorded.Noon.AddDays(day)));
        var copy = await StoredAsync(source);
        await copy.AddAsync(Recorded.Observation("u-7", unit: "user-1", time: Recorded.Noon.AddDays(7)));
        Assert.Equal(new Removed(0, 2), await copy.Journal.PurgeAsync(new(new Dictionary<Guid, DateTimeOffset>(), Recorded.Noon.AddDays(3)), default));
        Assert.Equal(["u-7", "u-8", "u-9"], (await copy.Reader.ObservationsAsync(new(), null, 10, default)).Items.Select(o => o.Id).Order());
    }

    [Fact] // the copy would keep what the journal lost, and the unit's name with it
    public async Task A_removal_after_the_clock_was_set_back_takes_what_came_before_that_too()
    {
        await using var source = await OpenAsync();
        var later = TimeProvider.System.GetUtcNow().AddHours(2);
        await source.AddAsync(Recorded.Decision("d-1", unit: "anna", time: later));
        await source.AddAsync(Recorded.Observation("o-1", "d-1", time: later), Recorded.Observation("u-1", unit: "anna", time: later.AddMinutes(1)));
        await source.AddAsync(Recorded.Decision("d-3", point: s_other, unit: "ben", time: later));
        await source.AddAsync(Recorded.Decision("d-4", point: s_other, unit: "ben", time: later, marks: RecordMarks.Simulated));
        await source.AddAsync(Recorded.Observation("u-2", unit: "ben", time: later.AddMinutes(1), marks: RecordMarks.Simulated));
        await ShipAsync(source);
        await source.Journal.EraseAsync("anna", default);
        await ShipAsync(source);
        Assert.Equal((2, 1), await CountAsync());
        await source.RemoveAsync(RemovalOrder.OfSimulated());
        await ShipAsync(source);
        Assert.Equal((1, 0), await CountAsync());
        await source.RemoveAsync(RemovalOrder.OfPoint(s_other));
        await ShipAsync(source);
        Assert.Equal((0, 0), await CountAsync());
    }

    [Fact]
    public async Task A_removal_that_a_crash_cut_short_is_followed_by_the_next_start()
    {
        await using var source = await OpenAsync();
        await source.AddAsync(Recorded.Decision("d-1", unit: "user-9"));
        await ShipAsync(source);
        source.Journal.Removing!(RemovalOrder.OfUnit("user-9")); // and never ended
        while (await _shipper.ShipAsync(default)) { }
        Assert.Equal((1, 0), await CountAsync()); // not while it is under way
        _shipper.Dispose();
        _shipper = Shipper(source);
        while (await _shipper.ShipAsync(default)) { }
        Assert.Equal((0, 0), await CountAsync());
    }

    [Theory, InlineData(false), InlineData(true)] // the order takes what was decided before the removal ended, and nothing is sent twice
    public async Task What_is_decided_while_a_removal_is_under_way_is_on_the_server_after_it(bool ofUnit)
    {
        await using var source = await OpenAsync();
        await source.AddAsync(Recorded.Decision("d-1", unit: "anna"));
        await ShipAsync(source);
        var queue = source.Journal.Removing!;
        var ended = queue(ofUnit ? RemovalOrder.OfUnit("anna") : RemovalOrder.OfPoint(Recorded.Banner));
        source.Journal.Removing = null; // told above, and ended below
        if (ofUnit) await source.Journal.EraseAsync("anna", default);
        else await source.RemoveAsync(RemovalOrder.OfPoint(Recorded.Banner));
        source.Journal.Removing = queue;
        await source.AddAsync(Recorded.Decision("d-2", unit: "anna"));
        await CountedAsync(source, new(2, 0));
        while (await _shipper.ShipAsync(default)) { }
        Assert.Equal(1, _shipper.Condition.Backlog);
        ended(Recorded.Noon);
        await ShipAsync(source);
        Assert.Equal("d-2", Assert.Single((await ReadAsync()).Decisions).Id);
    }

    [Fact]
    public async Task What_is_decided_between_the_parts_of_a_removal_that_was_cut_off_is_on_the_server_after_them()
    {
        await using var source = await OpenAsync();
        await source.AddAsync(Recorded.Decision("d-1"));
        await ShipAsync(source);
        source.Journal.Removing = null; // a kill leaves the note
        await source.Journal.RemoveAsync(new NotedRemoval(Guid.CreateVersion7(), "test", RemovalOrder.OfPoint(Recorded.Banner)), default);
        _shipper.Dispose();
        _shipper = Shipper(source);
        await source.AddAsync(Recorded.Decision("d-2"));
        await CountedAsync(source, new(2, 0));
        while (await _shipper.ShipAsync(default)) { }
        Assert.Equal("d-1", Assert.Single((await ReadAsync()).Decisions).Id);
        var noted = Assert.Single(await source.Reader.RemovalsAsync(default));
        await source.Journal.RemoveAsync(noted, default);
        await source.Journal.EndNotedAsync(noted.Id, default);
        await ShipAsync(source);
        Assert.Equal("d-2", Assert.Single((await ReadAsync()).Decisions).Id);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var one in _opened) await one.DisposeAsync();
        _shipper?.Dispose();
        if (_store is not null) await _store.DisposeAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    protected abstract ServerStore StoreOf(string connectionString);

    protected string ConnectionString { get; private set; } = "";

    protected Task<bool> TryShipAsync() => _shipper.ShipAsync(default);

    protected override async Task<OpenJournal> OpenAsync()
    {
        Assert.SkipWhen(ServerDatabases.Absent(kind) is not null, ServerDatabases.Absent(kind) ?? "");
        ConnectionString = (await ServerDatabases.CreateAsync(kind))!;
        _store = StoreOf(ConnectionString);
        var journal = new OpenJournal(Quick(_folder.Path));
        _shipper = Shipper(journal);
        return journal;
    }

    protected override async Task<OpenJournal> StoredAsync(OpenJournal store)
    {
        await ShipAsync(store);
        var folder = Directory.CreateDirectory(_folder.File($"copy-{_copies++}")).FullName;
        var copy = new OpenJournal(Quick(folder));
        _opened.Add(copy);
        await Refill.RunAsync(_store, copy.Journal, copy.Corrupt, null, default);
        var stored = await CountAsync();
        await CountedAsync(folder, copy.Corrupt, new(stored.Item1, stored.Item2));
        Assert.Equal(0, copy.Corrupt.Count);
        return copy;
    }

    protected Task CountedAsync(OpenJournal source, ShippedTo end) => CountedAsync(_folder.Path, source.Corrupt, end);

    private static Task CountedAsync(string folder, CorruptRecords corrupt, ShippedTo end) => Eventually.IsTrueAsync(() =>
    {
        using var scan = new JournalScan(JournalOptions.In(folder), corrupt);
        return Task.FromResult(scan.Reach() == end);
    });

    protected async Task ShipAsync(OpenJournal source)
    {
        // The heartbeat that makes rows fit to be shipped comes within a second; every stored row must come with it.
        await Eventually.IsTrueAsync(async () =>
        {
            while (await _shipper.ShipAsync(default)) { }
            using var rows = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_folder.File("events.db")};Mode=ReadOnly;Pooling=False");
            rows.Open();
            using var count = rows.CreateCommand();
            count.CommandText = "SELECT (SELECT count(*) FROM decisions), (SELECT count(*) FROM observations)";
            using var row = count.ExecuteReader();
            row.Read();
            return (row.GetInt32(0), row.GetInt32(1)) == await CountAsync();
        });
    }

    protected async Task<(int, int)> CountAsync() => await ReadAsync() is var (decisions, observations) ? (decisions.Count, observations.Count) : default;

    private async Task<(List<DecisionRecord> Decisions, List<ObservationRecord> Observations)> ReadAsync()
    {
        var (decisions, observations) = (new List<DecisionRecord>(), new List<ObservationRecord>());
        await foreach (var (d, o) in _store.ReadAsync(new(NullLogger<CorruptRecords>.Instance), default))
        {
            decisions.AddRange(d);
            observations.AddRange(o);
        }
        return (decisions, observations);
    }

    // Only what is flushed is shipped and counted, and the tests need not wait a second for it.
    private static JournalOptions Quick(string folder) => JournalOptions.In(folder) with { FlushWithin = TimeSpan.FromMilliseconds(50) };

    protected JournalShipper Shipper(OpenJournal source, ServerStore? to = null) => new(
        to ?? _store, source.Journal, JournalOptions.In(_folder.Path), source.Corrupt, new() { BatchRows = 100 }, new Ids(TimeProvider.System), TimeProvider.System, NullLogger<JournalShipper>.Instance);
}
