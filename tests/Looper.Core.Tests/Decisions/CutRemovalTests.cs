using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Events.Histories;
using Looper.Core.Events.Sqlite;
using Looper.Core.Persistence;
using Looper.Core.Tests.Backups;
using Looper.Testing;
using Looper.Testing.Events;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace Looper.Core.Tests.Decisions;

/// <summary>A step is a transaction: the note, then 500, 500 and 200 decisions with what was observed of them.</summary>
public sealed class CutRemovalTests : IDisposable
{
    private const int Decisions = 1_200, Observations = 400, Others = 30;

    private static readonly Guid s_other = Guid.CreateVersion7(Recorded.Noon);

    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, false), InlineData(2, false), InlineData(3, false), InlineData(4, false)]
    [InlineData(1, true), InlineData(2, true), InlineData(4, true), InlineData(5, true)]
    public async Task A_removal_that_was_cut_off_is_ended_by_the_next_start_and_told_once_over_all_its_parts(int steps, bool simulated)
    {
        await FillAsync();
        var noted = new NotedRemoval(Guid.CreateVersion7(Recorded.Noon), "admin@example.com", simulated ? RemovalOrder.OfSimulated() : RemovalOrder.OfPoint(Recorded.Banner));
        Cut(noted, steps);
        await using var again = new Installation(_folder.Path);
        using var removals = Removals(again);
        Assert.Equal(1, await removals.EndCutAsync(default));
        Assert.Equal(0, await removals.EndCutAsync(default));
        Assert.Equal(Others, (await again.Get<EventReader>().DecisionsAsync(new(s_other), null, 1_000, default)).Items.Count);
        Assert.Empty((await again.Get<EventReader>().DecisionsAsync(new(Recorded.Banner), null, 1_000, default)).Items);
        var told = await ToldAsync(again);
        Assert.Equal((simulated ? "simulation.events-removed" : "decision-point.cleared", simulated ? "simulated" : "banner"), (told.Action, told.Subject));
        Assert.Contains($"\"decisions\":{Decisions},\"observations\":{Observations}", told.Before, StringComparison.Ordinal);
        Assert.Contains("admin@example.com had asked for it", told.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clearing_again_what_was_cut_off_counts_both_parts()
    {
        await FillAsync();
        Cut(new(Guid.CreateVersion7(Recorded.Noon), "admin@example.com", RemovalOrder.OfPoint(Recorded.Banner)), steps: 3);
        await using var again = new Installation(_folder.Path);
        using var removals = Removals(again);
        var cleared = await new ClearActions(again.Get<IDbContextFactory<LooperDb>>(), removals, again.Get<ExampleReader>()).ClearAsync(Caller.System, "banner", "banner", default);
        Assert.Equal(new ClearedEvents(Decisions, Observations), cleared.Value);
        Assert.Null((await ToldAsync(again)).Reason);
        Assert.Empty(await again.Get<EventReader>().RemovalsAsync(default));
    }

    [Theory, InlineData(false), InlineData(true)] // it may be ended long after: what was acknowledged since is nobody's to remove, unless somebody asks again
    public async Task What_was_decided_since_it_was_asked_for_stays(bool isAskedAgain)
    {
        await FillAsync();
        Cut(new(Guid.CreateVersion7(Recorded.Noon), "admin@example.com", RemovalOrder.OfPoint(Recorded.Banner)), steps: 2);
        await using var again = new Installation(_folder.Path);
        await again.Journal.AppendAsync([.. Enumerable.Range(0, 5).Select(i => Recorded.Decision($"n-{i}"))], durable: true, default);
        using var removals = Removals(again);
        if (isAskedAgain) await removals.RunAsync(Caller.System, RemovalOrder.OfPoint(Recorded.Banner), default);
        else await removals.EndCutAsync(default);
        Assert.Equal(isAskedAgain ? 0 : 5, (await again.Get<EventReader>().DecisionsAsync(new(Recorded.Banner), null, 1_000, default)).Items.Count);
        Assert.Contains($"\"decisions\":{Decisions + (isAskedAgain ? 5 : 0)},", (await ToldAsync(again)).Before, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cut_between_the_audit_and_the_note_is_told_once()
    {
        await FillAsync();
        var noted = new NotedRemoval(Guid.CreateVersion7(Recorded.Noon), "admin@example.com", RemovalOrder.OfPoint(Recorded.Banner));
        Cut(noted, steps: 2);
        await using (var first = new Installation(_folder.Path))
        {
            using var removals = Removals(first);
            await removals.EndCutAsync(default);
        }
        Cut(noted, steps: 1); // the note is there as if it had not been taken away
        await using var again = new Installation(_folder.Path);
        using var later = Removals(again);
        Assert.Equal(1, await later.EndCutAsync(default));
        await ToldAsync(again);
    }

    [Fact] // it may be ended hours later, and apps decide meanwhile
    public async Task Decisions_are_late_from_when_it_was_asked_for_and_not_from_when_it_was_ended()
    {
        await FillAsync();
        var asked = TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(2);
        Cut(new(Guid.CreateVersion7(asked), "admin@example.com", RemovalOrder.OfPoint(Recorded.Banner)), steps: 2);
        await using var again = new Installation(_folder.Path);
        Assert.InRange((await ReadAsync(again)).ClearedAt(Recorded.Banner)!.Value, asked, asked.AddMilliseconds(2)); // by the note
        using var removals = Removals(again);
        await removals.EndCutAsync(default);
        var late = await ReadAsync(again);
        Assert.InRange(late.ClearedAt(Recorded.Banner)!.Value, asked, asked.AddMilliseconds(2)); // by the audit
        Assert.Null(late.ClearedAt(s_other));
        await removals.RunAsync(Caller.System, RemovalOrder.OfPoint(Recorded.Banner), default);
        await late.ReadAsync(default);
        Assert.InRange(late.ClearedAt(Recorded.Banner)!.Value, asked.AddHours(1), TimeProvider.System.GetUtcNow());
        Assert.Equal(late.ClearedAt(Recorded.Banner), again.Get<LateDecisions>().ClearedAt(Recorded.Banner)); // told, not read
    }

    [Fact]
    public async Task Where_nothing_could_be_cleared_nothing_is_late()
    {
        await FillAsync();
        await using var again = new Installation(_folder.Path);
        using var removals = Removals(again);
        await again.Journal.DisposeAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => removals.RunAsync(Caller.System, RemovalOrder.OfPoint(Recorded.Banner), default));
        Assert.Null(again.Get<LateDecisions>().ClearedAt(Recorded.Banner));
    }

    private static async Task<LateDecisions> ReadAsync(Installation of)
    {
        var late = new LateDecisions(of.Get<IDbContextFactory<LooperDb>>(), of.Get<EventReader>(), of.Get<TimeProvider>());
        await late.ReadAsync(default);
        return late;
    }

    private async Task FillAsync()
    {
        await using var source = await Installation.CreateAsync(_folder.Path);
        await using (var db = await source.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync())
        {
            db.Add(new DecisionPoint { Id = Recorded.Banner, Key = "banner", Name = "Banner", CurrentVersion = 1 });
            await db.SaveChangesAsync();
        }
        await source.Journal.AppendAsync([.. Enumerable.Range(0, Decisions).Select(i => Recorded.Decision($"d-{i}", marks: RecordMarks.Simulated))], durable: true, default);
        await source.Journal.AppendAsync([.. Enumerable.Range(0, Others).Select(i => Recorded.Decision($"e-{i}", point: s_other))], durable: true, default);
        await source.Journal.AppendAsync([.. Enumerable.Range(0, Observations).Select(i => new[] { Recorded.Observation($"o-{i}", $"d-{i * 3}", marks: RecordMarks.Simulated) })], default);
    }

    // What a kill leaves.
    private void Cut(NotedRemoval noted, int steps)
    {
        var (options, corrupt) = (JournalOptions.In(_folder.Path), new CorruptRecords(NullLogger<CorruptRecords>.Instance));
        using var meter = new LooperMeter();
        var log = new EventLog(options, new(new()), corrupt, new HistoryFeed(options, corrupt, meter, TimeProvider.System));
        var removal = log.Remove(noted, corrupt);
        for (var step = 0; step < steps; step++)
        {
            log.Begin();
            removal.Step();
            log.Beat();
            log.Commit();
        }
        log.Abandon();
    }

    private static NotedRemovals Removals(Installation of) =>
        new(of.Get<IDbContextFactory<LooperDb>>(), of.Journal, of.Get<EventReader>(), of.Get<LateDecisions>(), of.Get<Ids>(), of.Get<TimeProvider>(), of.Get<ChangeFeed>());

    private static async Task<AuditEntry> ToldAsync(Installation of)
    {
        await using var db = await of.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        return Assert.Single(await db.Set<AuditEntry>().ToListAsync());
    }
}
