using Looper.Core.Access;
using Looper.Core.Backups;
using Looper.Core.Decisions.Erasure;
using Looper.Core.Events;
using Looper.Core.Events.Histories;
using Looper.Core.Events.Sqlite;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Looper.Testing;
using Looper.Testing.Events;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace Looper.Core.Tests.Backups;

/// <summary>What a restore does about erasures that its backup knows, and about later ones: each takes what was sent by its moment, and nothing that came later.</summary>
public sealed class RepeatedErasureTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_a_unit_sent_after_its_erasure_is_there_after_a_restore_and_after_another()
    {
        var (first, second) = (_folder.File("first"), _folder.File("second"));
        await using (var source = await Installation.CreateAsync(_folder.File("source")))
        {
            await SendAsync(source, "old", Recorded.Noon);
            Assert.Null((await source.Get<BackupActions>().RunAsync(first, default)).Refusal);
            await EraseAsync(source, "anna");
            await SendAsync(source, "new", TimeProvider.System.GetUtcNow());
            Assert.Null((await source.Get<BackupActions>().RunAsync(second, default)).Refusal);
        }
        await using (var before = new Installation(_folder.File("before")))
        {
            Assert.Equal(1, (await before.RestoreAsync(first, erasures: second)).Events!.Units);
            Assert.Equal(["d-old-ben", "o-old-ben"], Ids(before));
            var receipts = await ReceiptsAsync(before);
            Assert.Equal((1, 1), (receipts[^1].Decisions, receipts[^1].Observations));
        }
        await using (var after = new Installation(_folder.File("after")))
        {
            Assert.Equal(0, (await after.RestoreAsync(second)).Events!.Units); // nothing of what was erased is in it
            Assert.Equal(["d-new-anna", "d-new-ben", "d-old-ben", "o-new-anna", "o-new-ben", "o-old-ben"], Ids(after));
        }
        // The receipt of the repeated erasure was signed after anna came back, and takes no more than the first.
        await using var again = new Installation(_folder.File("again"));
        Assert.Equal(0, (await again.RestoreAsync(second, erasures: _folder.File("before"))).Events!.Units);
        Assert.Contains("d-new-anna", Ids(again));
    }

    [Fact]
    public async Task A_journal_that_holds_both_loses_what_was_sent_by_the_moment_of_the_receipt()
    {
        var (first, backup, later) = (_folder.File("first"), _folder.File("backup"), _folder.File("later"));
        await using (var source = await Installation.CreateAsync(_folder.File("source")))
        {
            await SendAsync(source, "old", Recorded.Noon);
            Assert.Null((await source.Get<BackupActions>().RunAsync(first, default)).Refusal);
            await EraseAsync(source, "anna");
            Assert.Null((await source.Get<BackupActions>().RunAsync(later, default)).Refusal);
        }
        await using (var both = new Installation(_folder.File("both")))
        {
            Assert.Null((await both.RestoreAsync(first)).Refusal);
            await SendAsync(both, "new", TimeProvider.System.GetUtcNow());
            Assert.Null((await both.Get<BackupActions>().RunAsync(backup, default)).Refusal);
        }
        await using var restored = new Installation(_folder.File("restored"));
        Assert.Equal(1, (await restored.RestoreAsync(backup, erasures: later)).Events!.Units);
        Assert.Equal(["d-new-anna", "d-new-ben", "d-old-ben", "o-new-anna", "o-new-ben", "o-old-ben"], Ids(restored));
        var receipt = (await ReceiptsAsync(restored))[^1];
        Assert.NotNull(receipt.Repeats);
        Assert.Equal(receipt, (await restored.Get<ErasureActions>().FindAsync(Caller.System, receipt.Id, default)).Value); // soundly signed
    }

    [Fact] // the journal is copied first, and the database that holds the receipt after it
    public async Task An_erasure_that_the_backup_caught_half_done_is_done_again_though_its_receipt_is_stored()
    {
        var (backup, key) = (_folder.File("backup"), new byte[32]);
        var noted = new NotedErasure(Guid.CreateVersion7(), "admin@example.com", ErasureReceipt.HashOf(key, "anna"), RemovalOrder.OfUnit("anna"));
        await using (var source = await Installation.CreateAsync(_folder.File("source"))) await SendAsync(source, "old", Recorded.Noon);
        Cut(_folder.File("source"), noted, steps: 1);
        await using (var source = new Installation(_folder.File("source")))
        {
            await using var db = await source.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
            var receipt = ErasureReceipt.Sign(key, noted.Id, Recorded.Noon.AddDays(1), noted.AskedBy, noted.KeyedHash, 1, 1, null, null);
            db.Add(new Setting { Key = ErasureActions.KeySetting, Value = Convert.ToBase64String(key) });
            db.Add(AuditEntry.Of(Caller.System, ErasureActions.Action, receipt.Id, receipt.At, after: receipt));
            await db.SaveChangesAsync();
            Assert.Null((await source.Get<BackupActions>().RunAsync(backup, default)).Refusal);
        }
        await using var restored = new Installation(_folder.File("restored"));
        Assert.Equal(1, (await restored.RestoreAsync(backup)).Events!.Units);
        Assert.Equal(["d-old-ben", "o-old-ben"], Ids(restored));
        Assert.Empty(await restored.Get<EventReader>().ErasuresAsync(default));
        Assert.Equal([(1, 1), (1, 1)], (await ReceiptsAsync(restored)).Select(r => ((int)r.Decisions, (int)r.Observations)));
    }

    [Fact]
    public async Task An_erasure_after_the_clock_was_set_back_takes_what_is_stamped_later_from_a_restored_journal_too()
    {
        var (backup, later, clock) = (_folder.File("backup"), _folder.File("later"), new TestClock(Recorded.Noon));
        await using (var source = await Installation.CreateAsync(_folder.File("source"), clock))
        {
            await SendAsync(source, "ahead", Recorded.Noon.AddHours(1));
            Assert.Null((await source.Get<BackupActions>().RunAsync(backup, default)).Refusal);
            await EraseAsync(source, "anna");
            Assert.Null((await source.Get<BackupActions>().RunAsync(later, default)).Refusal);
        }
        await using var restored = new Installation(_folder.File("restored"), clock: clock);
        Assert.Equal(1, (await restored.RestoreAsync(backup, erasures: later)).Events!.Units);
        Assert.Equal(["d-ahead-ben", "o-ahead-ben"], Ids(restored));
        await using var other = new Installation(_folder.File("other"), clock: clock);
        Assert.Null((await other.RestoreAsync(later)).Refusal);
        var receipt = Assert.Single(await ReceiptsAsync(other));
        Assert.Equal((Recorded.Noon, Recorded.Noon.AddHours(1)), (receipt.At, receipt.Reaches));
        Assert.Equal(receipt, (await other.Get<ErasureActions>().FindAsync(Caller.System, receipt.Id, default)).Value); // soundly signed
    }

    [Fact]
    public async Task A_tester_who_was_erased_after_the_backup_is_taken_off_again_and_one_named_later_stays()
    {
        var (backup, later) = (_folder.File("backup"), _folder.File("later"));
        await using (var source = await Installation.CreateAsync(_folder.File("source")))
        {
            await source.Journal.AppendAsync(Recorded.Decision("d-1", unit: "ben"), durable: true, default);
            await TestAsync(source, "anna", "ben");
            Assert.Null((await source.Get<BackupActions>().RunAsync(backup, default)).Refusal);
            await EraseAsync(source, "anna");
            Assert.Equal(["ben"], await TestersAsync(source));
            await TestAsync(source, "anna", "ben");
            Assert.Null((await source.Get<BackupActions>().RunAsync(later, default)).Refusal);
        }
        await using var before = new Installation(_folder.File("before"));
        Assert.Null((await before.RestoreAsync(backup, erasures: later)).Refusal);
        Assert.Equal(["ben"], await TestersAsync(before));
        await using var after = new Installation(_folder.File("after"));
        Assert.Null((await after.RestoreAsync(later)).Refusal);
        Assert.Equal(["anna", "ben"], await TestersAsync(after));
    }

    // What a kill leaves.
    private static void Cut(string folder, NotedErasure noted, int steps)
    {
        var (options, corrupt) = (JournalOptions.In(folder), new CorruptRecords(NullLogger<CorruptRecords>.Instance));
        using var meter = new LooperMeter();
        var log = new EventLog(options, new(new()), corrupt, new HistoryFeed(options, corrupt, meter, TimeProvider.System));
        var erasure = log.Erase(noted.Order, noted, corrupt);
        for (var step = 0; step < steps; step++)
        {
            log.Begin();
            erasure.Step();
            log.Beat();
            log.Commit();
        }
        log.Abandon();
    }

    private static async Task SendAsync(Installation to, string name, DateTimeOffset at)
    {
        foreach (var unit in (string[])["anna", "ben"])
        {
            await to.Journal.AppendAsync(Recorded.Decision($"d-{name}-{unit}", unit: unit, time: at), durable: true, default);
            await to.Journal.AppendAsync([Recorded.Observation($"o-{name}-{unit}", unit: unit, time: at)], default);
        }
    }

    private static async Task EraseAsync(Installation from, string unit) =>
        Assert.Null((await from.Get<ErasureActions>().EraseAsync(Caller.System, unit, unit, default)).Refusal);

    private static async Task TestAsync(Installation at, params string[] units)
    {
        await using var db = await at.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        var experiment = await db.Set<Experiment>().SingleOrDefaultAsync();
        if (experiment is null) db.Add(experiment = new Experiment { Id = Guid.CreateVersion7(), Key = "banner-q4", DecisionPointId = Recorded.Banner, Plan = "{}" });
        experiment.Testers = ExperimentJson.Write([.. units.Select(u => new Tester(u, "b"))]);
        await db.SaveChangesAsync();
    }

    private static async Task<IEnumerable<string>> TestersAsync(Installation at)
    {
        await using var db = await at.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        return ExperimentJson.ReadTesters((await db.Set<Experiment>().SingleAsync()).Testers).Select(t => t.Unit).Order();
    }

    private static async Task<List<ErasureReceipt>> ReceiptsAsync(Installation of)
    {
        await using var db = await of.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        var texts = await db.Set<AuditEntry>().Where(e => e.Action == ErasureActions.Action).OrderBy(e => e.Id).Select(e => e.After!).ToListAsync();
        return [.. texts.Select(t => System.Text.Json.JsonSerializer.Deserialize<ErasureReceipt>(t, System.Text.Json.JsonSerializerOptions.Web)!)];
    }

    private static IEnumerable<string> Ids(Installation of) =>
        BackupTests.Column(of.Path, "SELECT CAST(id AS TEXT) FROM decisions UNION ALL SELECT CAST(id AS TEXT) FROM observations").Order();
}
