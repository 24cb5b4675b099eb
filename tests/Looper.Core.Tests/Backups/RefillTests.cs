using Looper.Core.Access;
using Looper.Core.Backups;
using Looper.Core.Decisions.Erasure;
using Looper.Core.Events;
using Looper.Core.Events.Postgres;
using Looper.Core.Events.Shipping;
using Looper.Core.Persistence;
using Looper.Testing;
using Looper.Testing.Events;
using Looper.Testing.Servers;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Looper.Core.Tests.Backups;

/// <summary>A journal that comes back from the copy on a server.</summary>
public sealed class RefillTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private string _server = "";

    private string Lost => _folder.File("lost");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_journal_whose_disk_was_lost_comes_back_without_the_units_that_were_erased()
    {
        await using var store = await ShippedAsync(erased: "ben"); // the server was not told: the order to remove ben was on the disk
        await using var fresh = new Installation(_folder.File("fresh"), _server);
        fresh.Get<DataDirectory>().Open(refilling: true);
        Assert.Equal(new RestoredEvents(3, 3, 1, 1), (await RefillAsync(fresh, store)).Value?.Journal);
        Assert.Equal(["d-anna", "d-carl"], Units(fresh.Path));
        Assert.Equal(new RestoredEvents(2, 2, 1, 0), (await RefillAsync(fresh, store)).Value?.Journal); // again changes nothing
    }

    [Fact]
    public async Task What_was_removed_here_and_not_yet_on_the_server_does_not_come_back()
    {
        await using var store = await ShippedAsync(erased: "ben");
        await using var again = new Installation(Lost, _server);
        again.Get<DataDirectory>().Open(refilling: true);
        Assert.Equal(new RestoredEvents(2, 2, 1, 0), (await RefillAsync(again, store)).Value?.Journal);
        Assert.False(File.Exists(Path.Combine(Lost, "removals.jsonl")));
        Assert.Equal(["d-anna", "d-carl"], Units(Lost));
    }

    [Fact] // the server reads decisions first, and only before its decision could it name a candidate of none
    public async Task An_observation_of_a_candidate_that_came_before_its_decision_comes_back_too()
    {
        await using var store = await ShippedAsync(erased: "ben");
        await using var source = new Installation(Lost, _server);
        source.Get<DataDirectory>().Open();
        Assert.Equal(AppendStatus.Stored, (await source.Journal.AppendAsync([Recorded.Observation("o-early", "d-late") with { Candidate = "x" }], default)).Status);
        await source.Journal.AppendAsync(Recorded.Decision("d-late") with { Candidates = Recorded.Ranking(shown: 1, "a", "b") }, durable: true, default);
        await ShipAsync(source, store, 2);
        await using var fresh = new Installation(_folder.File("fresh"), _server);
        fresh.Get<DataDirectory>().Open(refilling: true);
        Assert.Equal(0, (await RefillAsync(fresh, store)).Value?.Server.Refused);
        Assert.Equal("x", Assert.Single((await fresh.Get<EventReader>().FindTrailAsync("d-late", default))!.Observations).Candidate);
    }

    [Fact]
    public async Task What_the_journal_holds_otherwise_under_the_same_id_is_counted_and_named()
    {
        await using var store = await ShippedAsync(erased: "ben");
        await using var other = new Installation(_folder.File("other"), _server);
        other.Get<DataDirectory>().Open(refilling: true);
        await other.Journal.AppendAsync(Recorded.Decision("d-anna", unit: "dora", hash: 2), durable: true, default);
        await other.Journal.AppendAsync([Recorded.Observation("o-carl", unit: "dora", hash: 2)], default);
        var server = (await RefillAsync(other, store)).Value!.Server;
        Assert.Equal((2, "d-anna, o-carl"), (server.Refused, string.Join(", ", server.FirstRefused)));
    }

    [Fact] // its order was on the disk that was lost, and its receipt is on the server: only the restored journal still has the unit
    public async Task A_restore_tells_the_server_of_units_that_it_erases_again()
    {
        await using var store = await ShippedAsync(erased: "ben", backup: _folder.File("backup"));
        Directory.Delete(Lost, recursive: true);
        await using var again = new Installation(_folder.File("again"), _server);
        Assert.Equal(1, (await again.RestoreAsync(_folder.File("backup"))).Events?.Units);
        await ShipAsync(again, store, 4);
        Assert.Equal(["d-anna", "d-carl"], await OnServerAsync(store));
    }

    [Fact] // clearing leaves no receipt: only its order tells the server
    public async Task A_restore_in_place_of_a_directory_takes_its_open_removals_over()
    {
        await using var store = await ShippedAsync(erased: "ben", backup: _folder.File("backup"));
        await using var again = new Installation(Lost, _server);
        var open = await File.ReadAllLinesAsync(Path.Combine(Lost, "removals.jsonl"));
        Assert.Null((await again.RestoreAsync(_folder.File("backup"), replace: true)).Refusal);
        Assert.Equal(open, (await File.ReadAllLinesAsync(Path.Combine(Lost, "removals.jsonl")))[..1]);
    }

    [Fact]
    public async Task A_refill_that_was_cut_short_is_not_served()
    {
        await using var store = await ShippedAsync(erased: "ben");
        await using (var cut = new Installation(_folder.File("cut"), _server))
        {
            cut.Get<DataDirectory>().Open(refilling: true);
            using var stop = new CancellationTokenSource();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RefillAsync(cut, store, read => { if (read > 0) stop.Cancel(); }, stop.Token));
        }
        await using var served = new Installation(_folder.File("cut"), _server);
        Assert.Contains("A refill of", Assert.Throws<StartRefusedException>(() => served.Get<DataDirectory>().Open()).Message, StringComparison.Ordinal);
        served.Get<DataDirectory>().Open(refilling: true);
        Assert.Null((await RefillAsync(served, store)).Refusal);
        Assert.Equal(["d-anna", "d-carl"], Units(served.Path));
        served.Get<DataDirectory>().Dispose();
        served.Get<DataDirectory>().Open();
    }

    /// <summary>Three units on the server, and one of them erased since, of which the server has only the receipt.</summary>
    private async Task<ServerStore> ShippedAsync(string erased, string? backup = null)
    {
        Assert.SkipUnless(PostgresServer.IsHere, PostgresServer.Absent);
        _server = (await ServerDatabases.CreateAsync(DatabaseKind.Postgres))!;
        var store = new PostgresStore(_server);
        await using var source = new Installation(Lost, _server);
        source.Get<DataDirectory>().Open();
        using var shipper = Shipper(source, store);
        foreach (var unit in (string[])["anna", "ben", "carl"])
        {
            await source.Journal.AppendAsync(Recorded.Decision($"d-{unit}", unit: unit), durable: true, default);
            await source.Journal.AppendAsync([Recorded.Observation($"o-{unit}", unit: unit)], default);
        }
        await ShipAsync(shipper, 6);
        if (backup is not null) Assert.Null((await source.Get<BackupActions>().RunAsync(backup, default)).Refusal);
        Assert.Null((await source.Get<ErasureActions>().EraseAsync(Caller.System, erased, erased, default)).Refusal);
        Assert.True(File.Exists(Path.Combine(Lost, "removals.jsonl")));
        return store;
    }

    private static async Task ShipAsync(Installation source, ServerStore store, int events)
    {
        using var shipper = Shipper(source, store);
        await ShipAsync(shipper, events);
    }

    private static Task ShipAsync(JournalShipper shipper, int events) => Eventually.IsTrueAsync(async () =>
    {
        while (await shipper.ShipAsync(default)) { }
        return shipper.Condition.Shipped == events;
    });

    private static async Task<Answered<RefilledJournal>> RefillAsync(Installation installation, ServerStore store, Action<long>? progress = null, CancellationToken cancel = default)
    {
        using var shipper = Shipper(installation, store);
        return await installation.Get<RefillActions>().RunAsync(store, shipper, progress, cancel);
    }

    private static JournalShipper Shipper(Installation of, ServerStore to) =>
        new(to, of.Journal, of.Get<JournalOptions>(), of.Get<CorruptRecords>(), new(), of.Get<Ids>(), of.Get<TimeProvider>(), NullLogger<JournalShipper>.Instance);

    private static async Task<List<string>> OnServerAsync(ServerStore store)
    {
        var ids = new List<string>();
        await foreach (var (decisions, _) in store.ReadAsync(new(NullLogger<CorruptRecords>.Instance), default)) ids.AddRange(decisions.Select(d => d.Id));
        return [.. ids.Order(StringComparer.Ordinal)];
    }

    private static List<string> Units(string directory)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(directory, "events.db")};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var ask = connection.CreateCommand();
        ask.CommandText = "SELECT CAST(id AS TEXT) FROM decisions ORDER BY 1";
        using var rows = ask.ExecuteReader();
        var ids = new List<string>();
        while (rows.Read()) ids.Add(rows.GetString(0));
        return ids;
    }
}
