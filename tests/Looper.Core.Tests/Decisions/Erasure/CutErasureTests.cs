using System.Text;
using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Decisions.Erasure;
using Looper.Core.Events;
using Looper.Core.Events.Histories;
using Looper.Core.Events.Sqlite;
using Looper.Core.Persistence;
using Looper.Core.Tests.Backups;
using Looper.Testing;
using Looper.Testing.Events;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace Looper.Core.Tests.Decisions.Erasure;

/// <summary>A step is a transaction: the note, then 500, 500 and 200 decisions, with the last what was observed of the unit itself.</summary>
public sealed class CutErasureTests : IDisposable
{
    private const string Unit = "anna.maria@example.com", Asker = "admin@example.com";
    private const int Decisions = 1_200, Named = 400, OfUnit = 7, Others = 30;

    private static readonly byte[] s_key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly NotedErasure s_noted = new(Guid.CreateVersion7(Recorded.Noon), Asker, ErasureReceipt.HashOf(s_key, Unit), RemovalOrder.OfUnit(Unit));

    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public async Task An_erasure_that_was_cut_off_is_ended_by_the_next_start_with_one_receipt_over_all_its_parts(int steps)
    {
        await FillAsync();
        Cut(steps);
        await using var again = new Installation(_folder.Path);
        Assert.Equal(1, await again.Get<ErasureActions>().EndCutAsync(default));
        var receipt = (await again.Get<ErasureActions>().FindAsync(Caller.System, s_noted.Id, default)).Value!;
        Assert.Equal((Asker, s_noted.KeyedHash, Decisions, Named + OfUnit), (receipt.RequestedBy, receipt.UnitHash, receipt.Decisions, receipt.Observations));
        await AssertGoneAsync(again);
    }

    [Fact]
    public async Task Asking_again_for_a_unit_whose_erasure_was_cut_off_counts_both_parts()
    {
        await FillAsync();
        Cut(steps: 2);
        await using var again = new Installation(_folder.Path);
        var receipt = (await again.Get<ErasureActions>().EraseAsync(Caller.System, Unit, Unit, default)).Value!;
        Assert.Equal((s_noted.Id, Decisions, Named + OfUnit), (receipt.Id, receipt.Decisions, receipt.Observations));
        await AssertGoneAsync(again);
    }

    [Fact]
    public async Task A_cut_between_receipt_and_note_brings_no_second_receipt()
    {
        await FillAsync();
        Cut(steps: 4);
        await using (var first = new Installation(_folder.Path)) await first.Get<ErasureActions>().EndCutAsync(default);
        Cut(steps: 1); // the note is there as if it had not been taken away
        await using var again = new Installation(_folder.Path);
        Assert.Equal(1, await again.Get<ErasureActions>().EndCutAsync(default));
        Assert.Equal(Decisions, (await again.Get<ErasureActions>().FindAsync(Caller.System, s_noted.Id, default)).Value!.Decisions);
        await AssertGoneAsync(again);
    }

    [Fact]
    public async Task While_the_database_is_away_the_note_stays_and_the_receipt_counts_all_once_it_is_back()
    {
        await FillAsync();
        Cut(steps: 3);
        File.Move(_folder.File("looper.db"), _folder.File("away.db"));
        await using (var away = new Installation(_folder.Path))
        {
            await Assert.ThrowsAnyAsync<Exception>(() => away.Get<ErasureActions>().EndCutAsync(default));
            Assert.Equal(new Removed(Decisions, Named + OfUnit), Assert.Single(await away.Get<EventReader>().ErasuresAsync(default)).Removed);
        }
        File.Move(_folder.File("away.db"), _folder.File("looper.db"), overwrite: true);
        await using var again = new Installation(_folder.Path);
        await again.Get<ErasureActions>().EndCutAsync(default);
        Assert.Equal(Decisions, (await again.Get<ErasureActions>().FindAsync(Caller.System, s_noted.Id, default)).Value!.Decisions);
        await AssertGoneAsync(again);
    }

    [Fact]
    public async Task Two_erasures_of_a_unit_at_once_count_each_row_once()
    {
        await FillAsync();
        await using var open = new Installation(_folder.Path);
        var both = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => open.Get<ErasureActions>().EraseAsync(Caller.System, Unit, Unit, default)));
        Assert.Equal((Decisions, Named + OfUnit), (both.Sum(r => r.Value!.Decisions), both.Sum(r => r.Value!.Observations)));
        Assert.Empty(await open.Get<EventReader>().ErasuresAsync(default));
    }

    [Fact]
    public async Task Decisions_of_the_unit_are_late_from_its_erasure_on_also_after_a_start()
    {
        await FillAsync();
        Cut(steps: 2);
        var began = TimeProvider.System.GetUtcNow();
        await using (var first = new Installation(_folder.Path))
        {
            await first.Get<ErasureActions>().EndCutAsync(default);
            Assert.InRange(first.Get<LateDecisions>().ErasedAt(Unit)!.Value, began, TimeProvider.System.GetUtcNow()); // told, not read
        }
        await using var again = new Installation(_folder.Path);
        var late = again.Get<LateDecisions>();
        Assert.Equal((false, null), (late.IsKnown, late.ErasedAt(Unit))); // until it is read nobody can tell
        await late.ReadAsync(default);
        Assert.InRange(late.ErasedAt(Unit)!.Value, began, TimeProvider.System.GetUtcNow());
        Assert.Null(late.ErasedAt("somebody else"));
        await again.Get<ErasureActions>().RepeatAsync("restored", began.AddHours(-3), default); // what it sent after that erasure stays
        Assert.Equal(began.AddHours(-3), late.ErasedAt("restored"));
    }

    [Theory, InlineData(256), InlineData(1_024)] // what a call may send, and what the journal may hold
    public async Task A_unit_of_any_length_that_is_stored_can_be_erased(int characters)
    {
        var unit = new string('é', characters);
        await using var installation = await Installation.CreateAsync(_folder.Path);
        Assert.Equal(AppendStatus.Stored, (await installation.Journal.AppendAsync(Recorded.Decision("d-1", unit), durable: false, default)).Status);
        Assert.Equal(1, (await installation.Get<ErasureActions>().EraseAsync(Caller.System, unit, unit, default)).Value!.Decisions);
    }

    private async Task FillAsync()
    {
        await using var source = await Installation.CreateAsync(_folder.Path);
        await using (var db = await source.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync())
        {
            db.Add(new Setting { Key = ErasureActions.KeySetting, Value = Convert.ToBase64String(s_key) });
            await db.SaveChangesAsync();
        }
        await source.Journal.AppendAsync([.. Enumerable.Range(0, Decisions + Others).Select(i => Recorded.Decision($"d-{i}", unit: i < Decisions ? Unit : $"user-{i}"))], durable: true, default);
        await source.Journal.AppendAsync([.. Enumerable.Range(0, Named).Select(i => Recorded.Observation($"o-{i}", $"d-{i * 3}"))], default);
        await source.Journal.AppendAsync([.. Enumerable.Range(0, OfUnit).Select(i => Recorded.Observation($"u-{i}", unit: Unit))], default);
    }

    // What a kill leaves: so many transactions, and neither a flush nor an emptied log after them.
    private void Cut(int steps)
    {
        var (options, corrupt) = (JournalOptions.In(_folder.Path), new CorruptRecords(NullLogger<CorruptRecords>.Instance));
        using var meter = new LooperMeter();
        var log = new EventLog(options, new(new()), corrupt, new HistoryFeed(options, corrupt, meter, TimeProvider.System));
        var erasure = log.Erase(s_noted.Order, s_noted, corrupt);
        for (var step = 0; step < steps; step++)
        {
            log.Begin();
            erasure.Step();
            log.Beat();
            log.Commit();
        }
        log.Abandon();
    }

    private async Task AssertGoneAsync(Installation again)
    {
        Assert.Empty(await again.Get<EventReader>().ErasuresAsync(default));
        Assert.Equal(0, await again.Get<ErasureActions>().EndCutAsync(default));
        await using var db = await again.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        Assert.Equal(1, await db.Set<AuditEntry>().CountAsync(e => e.Action == ErasureActions.Action));
        Assert.Equal(Others, (await again.Get<EventReader>().DecisionsAsync(new(Recorded.Banner), null, 1_000, default)).Items.Count);
        Assert.DoesNotContain(Directory.EnumerateFiles(_folder.Path), Holds);
    }

    private static bool Holds(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Unit)) >= 0;
    }
}
