using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Events.Histories;
using Looper.Core.Events.Sqlite;
using Looper.Core.Persistence;
using Looper.Core.Serving;
using Looper.Core.Simulation;
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

    private static readonly ServingSnapshot s_lookingBack = ServingSnapshot.Compile(new(Recorded.Noon, [new(
        Recorded.Banner, "banner", Salt: 42, CurrentVersion: 1, IsPaused: false, IsArchived: false, IsSimulated: false, [new(1, BlueprintJson.Write(LookingBack()))], [], [], [])]));

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
        await AssertCountedAsync(again, isAskedAgain ? 0 : 5);
    }

    [Fact]
    public async Task What_is_decided_and_observed_while_it_goes_on_stays_counted()
    {
        await FillAsync();
        await using var open = new Installation(_folder.Path);
        var noted = new NotedRemoval(Guid.CreateVersion7(), "admin@example.com", RemovalOrder.OfPoint(Recorded.Banner));
        var removing = open.Journal.RemoveAsync(noted, default);
        await Eventually.IsTrueAsync(async () => (await open.Get<EventReader>().RemovalsAsync(default)).Count == 1);
        await open.Journal.AppendAsync([.. Enumerable.Range(0, 5).Select(i => Recorded.Decision($"n-{i}"))], durable: true, default);
        await open.Journal.AppendAsync([Recorded.Observation("o-new", "n-0")], default);
        Assert.Equal(Decisions, (await removing).Decisions);
        await AssertCountedAsync(open, 5, 1);
    }

    [Fact] // the number of the newest decision is nought then, and is known nevertheless
    public async Task What_was_decided_since_an_empty_decision_point_was_to_be_cleared_stays()
    {
        await using (var source = await Installation.CreateAsync(_folder.Path)) await AddPointAsync(source);
        Cut(new(Guid.CreateVersion7(Recorded.Noon), "admin@example.com", RemovalOrder.OfPoint(Recorded.Banner)), steps: 1);
        await using var again = new Installation(_folder.Path);
        await again.Journal.AppendAsync(Recorded.Decision("n-1"), durable: true, default);
        using var removals = Removals(again);
        await removals.EndCutAsync(default);
        await AssertCountedAsync(again, 1);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task What_was_simulated_is_removed_though_it_was_cut_off_when_the_points_were_gone_and_stays_where_they_could_not_be_deleted(bool saved)
    {
        await FillAsync(isSimulated: true);
        await using var open = new Installation(_folder.Path);
        using var removals = Removals(open);
        var databases = saved ? open.Get<IDbContextFactory<LooperDb>>() : new FallingDatabases(open.Get<IDbContextFactory<LooperDb>>(), at: 1, after: false);
        using (open.Get<ChangeFeed>().Subscribe(_ => throw new TimeoutException("Killed.")))
            await Assert.ThrowsAnyAsync<Exception>(() => new SimulationActions(databases, removals, open.Get<TimeProvider>(), open.Get<ChangeFeed>()).RemoveAsync(Caller.System, default));
        Assert.Equal(saved ? 1 : 0, await removals.EndCutAsync(default));
        Assert.Equal(saved ? 0 : Decisions, open.Get<EventActivity>().Of(Recorded.Banner).Decisions);
    }

    [Fact] // it is tried every minute
    public async Task While_the_audit_cannot_be_written_what_was_counted_since_and_every_history_stay()
    {
        await FillAsync();
        Cut(new(Guid.CreateVersion7(Recorded.Noon), "admin@example.com", RemovalOrder.OfPoint(Recorded.Banner)), steps: 2);
        await using var again = new Installation(_folder.Path);
        var databases = new AwayDatabases(again.Get<IDbContextFactory<LooperDb>>()) { IsAway = true };
        using var removals = Removals(again, databases);
        await Assert.ThrowsAnyAsync<Exception>(() => removals.EndCutAsync(default));
        await again.Journal.AppendAsync(Recorded.Decision("n-1"), durable: true, default);
        var histories = again.Journal.Histories;
        histories.Follow(s_lookingBack);
        await histories.Settled;
        var kept = histories.Units.Find(Recorded.Banner);
        Assert.NotNull(kept);
        await Assert.ThrowsAnyAsync<Exception>(() => removals.EndCutAsync(default));
        await histories.Settled;
        Assert.Same(kept, histories.Units.Find(Recorded.Banner));
        await AssertCountedAsync(again, 1);
        databases.IsAway = false;
        Assert.Equal(1, await removals.EndCutAsync(default));
        Assert.Contains($"\"decisions\":{Decisions},", (await ToldAsync(again)).Before, StringComparison.Ordinal);
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

    private async Task FillAsync(bool isSimulated = false)
    {
        await using var source = await Installation.CreateAsync(_folder.Path);
        await AddPointAsync(source, isSimulated);
        await source.Journal.AppendAsync([.. Enumerable.Range(0, Decisions).Select(i => Recorded.Decision($"d-{i}", marks: RecordMarks.Simulated))], durable: true, default);
        await source.Journal.AppendAsync([.. Enumerable.Range(0, Others).Select(i => Recorded.Decision($"e-{i}", point: s_other))], durable: true, default);
        await source.Journal.AppendAsync([.. Enumerable.Range(0, Observations).Select(i => new[] { Recorded.Observation($"o-{i}", $"d-{i * 3}", marks: RecordMarks.Simulated) })], default);
    }

    private static BlueprintContent LookingBack() => Sample.Banner with
    {
        Features = [.. Sample.Banner.Features, new("purchases", FeatureKind.Number) { Derived = new HistoryDerivation("purchase", HistoryAggregate.Count, TimeSpan.FromDays(1)) }],
    };

    private static async Task AddPointAsync(Installation to, bool isSimulated = false)
    {
        await using var db = await to.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        db.Add(new DecisionPoint { Id = Recorded.Banner, Key = "banner", Name = "Banner", CurrentVersion = 1, IsSimulated = isSimulated });
        await db.SaveChangesAsync();
    }

    private static async Task AssertCountedAsync(Installation of, int decisions, int outcomes = 0)
    {
        var activity = of.Get<EventActivity>().Of(Recorded.Banner);
        Assert.Equal((decisions, outcomes), ((int)activity.Decisions, (int)activity.Outcomes));
        var (from, until) = (Recorded.Noon.AddDays(-1), Recorded.Noon.AddDays(1));
        await Eventually.IsTrueAsync(async () => // with the heartbeat
            (await of.Get<EventReader>().HoursAsync(Recorded.Banner, from, until, default)).Sum(h => h.Decisions) == decisions
            && (await of.Get<EventReader>().OptionsAsync(Recorded.Banner, from, until, default)).Sum(o => o.Decisions) == decisions);
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
            if (removal.Forgets is { } id) log.Forget(id);
            log.Beat();
            log.Commit();
        }
        log.Abandon();
    }

    private static NotedRemovals Removals(Installation of, IDbContextFactory<LooperDb>? databases = null) =>
        new(databases ?? of.Get<IDbContextFactory<LooperDb>>(), of.Journal, of.Get<EventReader>(), of.Get<LateDecisions>(), of.Get<Ids>(), of.Get<TimeProvider>(), of.Get<ChangeFeed>());

    private static async Task<AuditEntry> ToldAsync(Installation of)
    {
        await using var db = await of.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        return Assert.Single(await db.Set<AuditEntry>().ToListAsync());
    }
}
