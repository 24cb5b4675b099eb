using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Models;
using Looper.Core.Runs;
using Looper.Testing;
using Looper.Testing.Events;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Tests.Decisions;

/// <summary>What a later program stored, or what is damaged, is told with words and takes nothing else along.</summary>
public sealed class UnreadableContentTests : IAsyncDisposable
{
    private const string Later = """{"shape":"choice","default":"none","fromTheFuture":1}""";

    private readonly TestDatabase _database = TestDatabase.CreateAsync(services: s => s.AddEvents().AddRuns().AddDecisions()).GetAwaiter().GetResult();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task An_earlier_version_that_cannot_be_read_is_in_the_list_and_the_others_are_as_they_were()
    {
        await PublishAsync("banner", Sample.Banner, Sample.Banner with { Durable = true }, Sample.Banner);
        await StoreAsync("banner", 1, Later);
        var versions = await Versions.ListAsync(Caller.System, "banner", default);
        Assert.Equal([3, 2, 1], versions.Select(v => v.Version));
        Assert.Equal([true, true, false], versions.Select(v => v.TrainsCurrent.Usable));
        Assert.Contains("cannot be read", versions[2].TrainsCurrent.InWords, StringComparison.Ordinal);
        Assert.Contains("the version before cannot be read", versions[1].Change, StringComparison.Ordinal);
        var asked = (await Versions.ReadAsync(Caller.System, "banner", 1, default)).Refusal!;
        Assert.Equal("blueprint.unreadable", asked.Code);
        Assert.Contains("Version 1 of `banner` cannot be read", asked.Reason, StringComparison.Ordinal);
        Assert.Equal("blueprint.unreadable", (await Versions.DiffAsync(Caller.System, "banner", 1, 3, default)).Refusal?.Code);
        Assert.NotNull((await Versions.DiffAsync(Caller.System, "banner", 2, 3, default)).Value);
        Assert.Equal("blueprint.unreadable", (await _database.Get<DecisionPointActions>().GoBackAsync(Caller.System, "banner", 1, null, default)).Refusal?.Code);
        Assert.Equal("blueprint.unknown", (await Versions.ReadAsync(Caller.System, "banner", 9, default)).Refusal?.Code);
    }

    [Fact]
    public async Task Decisions_are_shown_though_one_version_cannot_be_read()
    {
        await PublishAsync("banner", Sample.Banner, Sample.Banner with { Durable = true });
        await StoreAsync("banner", 1, Later);
        var point = await Points.FindAsync(Caller.System, "banner", default);
        var decision = Recorded.Decision("d-1", point: point!.Id, option: 1) with { BlueprintVersion = 2 };
        await _database.Get<Journal>().AppendAsync([decision, decision with { Id = "d-2", BlueprintVersion = 1 }], durable: true, default);
        var rows = await Events.DecisionsAsync(Caller.System, "banner", new(), null, 10, default);
        Assert.Equal(["ten-percent", "ten-percent"], rows.Value!.Items.Select(r => r.Decision));
        Assert.NotNull((await Events.DecisionAsync(Caller.System, "d-2", default)).Value);
        Assert.NotNull((await Events.ObservationsAsync(Caller.System, "banner", null, null, 10, default)).Value);
        Assert.NotNull((await Events.ExamplesAsync(Caller.System, "banner", 10, default)).Value);
    }

    [Fact]
    public async Task A_current_version_that_cannot_be_read_stops_its_own_decision_point_alone_until_somebody_goes_back()
    {
        await PublishAsync("banner", Sample.Banner, Sample.Banner with { Durable = true });
        await PublishAsync("tip", Sample.Tip);
        await StoreAsync("banner", 2, Later);
        var points = await Points.ListAsync(Caller.System, default);
        Assert.Equal(["banner", "tip"], points.Select(p => p.Key).Order());
        Assert.Contains("cannot be read", points.Single(p => p.Key == "banner").NextStep, StringComparison.Ordinal);
        Assert.DoesNotContain("cannot be read", points.Single(p => p.Key == "tip").NextStep, StringComparison.Ordinal);
        Assert.Equal(2, (await Versions.ListAsync(Caller.System, "banner", default)).Count);
        Assert.Equal("blueprint.unreadable", (await Events.DecisionsAsync(Caller.System, "banner", new(), null, 10, default)).Refusal?.Code);
        await _database.Get<Journal>().FlushAsync(default); // there is one
        Assert.Equal(3, (await _database.Get<DecisionPointActions>().GoBackAsync(Caller.System, "banner", 1, null, default)).Value?.Version);
        Assert.NotNull((await Events.DecisionsAsync(Caller.System, "banner", new(), null, 10, default)).Value);
    }

    [Fact]
    public async Task A_draft_with_an_empty_entry_is_shown_without_it_and_says_so()
    {
        await PublishAsync("banner", Sample.Banner);
        var drafts = _database.Get<DraftActions>();
        var draft = (await drafts.CreateAsync(Caller.System, new(DecisionPoint: "banner"), default)).Value!;
        await using (var db = await _database.Databases.CreateDbContextAsync(TestContext.Current.CancellationToken))
        {
            var row = await db.Set<Draft>().SingleAsync(TestContext.Current.CancellationToken);
            foreach (var list in new[] { "options", "features", "outcomes", "terms", "guardrails", "pinned", "objectives", "candidateFeatures", "parameters" })
            {
                Assert.Contains($"\"{list}\":[", row.Content, StringComparison.Ordinal);
                row.Content = row.Content.Replace($"\"{list}\":[", row.Content.Contains($"\"{list}\":[]", StringComparison.Ordinal) ? $"\"{list}\":[null" : $"\"{list}\":[null,", StringComparison.Ordinal);
            }
            await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        }
        var shown = Assert.Single(await _database.Get<DraftQueries>().ListAsync(Caller.System, default));
        Assert.Equal(BlueprintJson.Write(draft.Content), BlueprintJson.Write(shown.Content));
        Assert.Contains(shown.Faults, f => f.Field == "options[0]");
        Assert.Contains(shown.Faults, f => f.Field == "training.selection.pinned[0]");
        Assert.Equal("blueprint.invalid", (await drafts.PublishAsync(Caller.System, draft.Id, null, null, default)).Refusal?.Code);
        var saved = await drafts.ChangeAsync(Caller.System, draft.Id, shown.Revision, new(shown.Key, shown.Name, shown.Description, shown.Content), default);
        Assert.Empty(saved.Value!.Faults);
    }

    [Fact]
    public async Task What_the_current_version_once_was_can_be_published_again_where_it_cannot_be_read()
    {
        await PublishAsync("banner", Sample.Banner, Sample.Banner with { Durable = true });
        var actions = _database.Get<DecisionPointActions>();
        Assert.Equal(3, (await actions.GoBackAsync(Caller.System, "banner", 1, null, default)).Value?.Version);
        Assert.Equal("blueprint.unchanged", (await actions.GoBackAsync(Caller.System, "banner", 1, null, default)).Refusal?.Code);
        await StoreAsync("banner", 3, "{");
        Assert.Equal(4, (await actions.GoBackAsync(Caller.System, "banner", 1, null, default)).Value?.Version);
    }

    [Fact]
    public async Task What_changes_a_part_of_the_current_version_says_which_it_is_and_changes_nothing()
    {
        await PublishAsync("banner", Sample.Banner, Sample.Banner with { Durable = true });
        await StoreAsync("banner", 2, Later);
        var actions = _database.Get<DecisionPointActions>();
        var fault = await Assert.ThrowsAsync<UnreadableVersionException>(() => actions.SetDurableAsync(Caller.System, "banner", false, default));
        Assert.Equal(("banner", "blueprint.unreadable"), (fault.Key, fault.Refusal.Code));
        Assert.Contains("Version 2 of `banner` cannot be read", fault.Refusal.Reason, StringComparison.Ordinal);
        await Assert.ThrowsAsync<UnreadableVersionException>(() => actions.SetTrainingAsync(Caller.System, "banner", 2, new(), null, default));
        Assert.Equal("blueprint.unreadable", (await _database.Get<DraftActions>().CreateAsync(Caller.System, new(DecisionPoint: "banner"), default)).Refusal?.Code);
        var point = await Points.FindAsync(Caller.System, "banner", default);
        Assert.Equal((2, false, ""), (point!.CurrentVersion, point.IsReadable, point.Goal));
    }

    [Fact]
    public async Task A_draft_that_cannot_be_read_is_in_the_list_and_can_be_deleted_and_nothing_is_saved_over_it()
    {
        await PublishAsync("banner", Sample.Banner);
        await PublishAsync("tip", Sample.Tip);
        var (drafts, queries) = (_database.Get<DraftActions>(), _database.Get<DraftQueries>());
        var damaged = (await drafts.CreateAsync(Caller.System, new(DecisionPoint: "banner"), default)).Value!;
        await drafts.CreateAsync(Caller.System, new(DecisionPoint: "tip"), default);
        await using (var db = await _database.Databases.CreateDbContextAsync(TestContext.Current.CancellationToken))
        {
            (await db.Set<Draft>().SingleAsync(d => d.Id == damaged.Id, TestContext.Current.CancellationToken)).Content = Later;
            await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        }
        var listed = await queries.ListAsync(Caller.System, default);
        Assert.Equal([DraftQueries.UnreadableCode], listed.Single(d => d.Key == "banner").Faults.Select(f => f.Code));
        Assert.Empty(listed.Single(d => d.Key == "tip").Faults);
        var shown = (await queries.FindAsync(Caller.System, damaged.Id, default))!;
        var saved = await drafts.ChangeAsync(Caller.System, damaged.Id, shown.Revision, new(shown.Key, shown.Name, shown.Description, shown.Content), default);
        Assert.Equal(DraftQueries.UnreadableCode, saved.Refusal?.Code);
        Assert.Equal(DraftQueries.UnreadableCode, (await drafts.PublishAsync(Caller.System, damaged.Id, null, null, default)).Refusal?.Code);
        Assert.Null(await queries.PreviewAsync(Caller.System, damaged.Id, default));
        Assert.Null(await drafts.DeleteAsync(Caller.System, damaged.Id, default));
        Assert.NotNull((await drafts.CreateAsync(Caller.System, new(DecisionPoint: "banner"), default)).Value);
    }

    private VersionQueries Versions => _database.Get<VersionQueries>();

    private DecisionPointQueries Points => _database.Get<DecisionPointQueries>();

    private PointEventQueries Events => _database.Get<PointEventQueries>();

    private async Task PublishAsync(string key, params BlueprintContent[] versions)
    {
        foreach (var (content, i) in versions.Select((c, i) => (c, i)))
        {
            var draft = await _database.Get<DraftActions>().CreateAsync(Caller.System, i == 0 ? new(Key: key, Name: key, Content: content) : new(DecisionPoint: key, Content: content), default);
            Assert.Null((await _database.Get<DraftActions>().PublishAsync(Caller.System, draft.Value!.Id, null, null, default)).Refusal);
        }
    }

    private async Task StoreAsync(string key, int version, string content)
    {
        await using var db = await _database.Databases.CreateDbContextAsync();
        var point = await db.Set<DecisionPoint>().SingleAsync(p => p.Key == key);
        var text = await db.Set<Blueprint>().SingleAsync(b => b.DecisionPointId == point.Id && b.Version == version);
        db.Entry(text).Property(b => b.Content).CurrentValue = content;
        await db.SaveChangesAsync();
    }
}
