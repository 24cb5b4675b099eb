using System.Data.Common;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Web.Tests.Decisions;

/// <summary>What one person does while another is at it: neither undoes the other without being told.</summary>
public sealed class MeanwhileTests
{
    [Fact]
    public async Task A_draft_does_not_undo_what_was_published_since_it_was_begun_unless_that_was_looked_at()
    {
        await using var looper = new LooperApp();
        using var ann = await looper.SignedInAsync(Role.Engineer);
        using var ben = await looper.SignedInAsync(Role.Engineer);
        await ann.PublishedAsync("banner");
        await ChangeAndPublishAsync(ann, await ann.EditAsync("banner"), "two");
        var draft = await ann.EditAsync("banner");
        using var back = await ben.PostAsJsonAsync("/api/decision-points/banner/blueprints/1/restore", new { note = "it hurts" });
        Assert.Equal(HttpStatusCode.Created, back.StatusCode);

        draft = await ChangeAsync(ann, draft, "three");
        using var refused = await ann.PublishAsync(draft);
        var problem = await Problem.IsAsync(refused, HttpStatusCode.Conflict, "draft.outdated");
        Assert.Contains("version 2; version 3 is current now (engineer-", problem["detail"]!.ToString(), StringComparison.Ordinal);
        Assert.Contains("went back to 1", problem["detail"]!.ToString(), StringComparison.Ordinal);
        using var byKey = await ann.PostAsJsonAsync("/api/decision-points/banner/blueprints", new { });
        await Problem.IsAsync(byKey, HttpStatusCode.Conflict, "draft.outdated");
        using var wrong = await ann.PostAsJsonAsync($"/api/drafts/{draft["id"]}/publish", new { against = 2 });
        await Problem.IsAsync(wrong, HttpStatusCode.Conflict, "draft.outdated");
        using var looked = await ann.PostAsJsonAsync($"/api/drafts/{draft["id"]}/publish", new { against = 3 });
        Assert.Equal(4, (int)(await looked.ReadAsync(HttpStatusCode.Created))["version"]!);
    }

    [Fact]
    public async Task A_draft_undoes_no_name_or_description_given_since_it_was_begun_and_its_own_are_in_the_audit()
    {
        await using var looper = new LooperApp();
        using var client = await looper.SignedInAsync(Role.Admin);
        await client.PublishedAsync("banner");
        var draft = await client.EditAsync("banner");
        await PatchAsync(client, new { name = "The new name", description = "Ben’s" }, HttpStatusCode.NoContent);
        await ChangeAndPublishAsync(client, draft, "two");
        async Task<(string?, string?)> NamedAsync()
        {
            var point = (await client.GetFromJsonAsync<JsonNode>("/api/decision-points/banner"))!;
            return ((string?)point["name"], (string?)point["description"]);
        }
        Assert.Equal(("The new name", "Ben’s"), await NamedAsync());

        draft = await client.EditAsync("banner");
        draft["description"] = "Ann’s";
        await PatchAsync(client, new { name = "The newest name", description = "Ben’s" }, HttpStatusCode.NoContent);
        await ChangeAndPublishAsync(client, draft, "three");
        Assert.Equal(("The newest name", "Ann’s"), await NamedAsync());
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        var named = await db.Set<AuditEntry>().Where(e => e.Action == "decision-point.described").OrderBy(e => e.Id).LastAsync();
        Assert.Equal(("""{"name":"The newest name","description":"Ben\u2019s","isPaused":false,"isArchived":false}""", """{"name":"The newest name","description":"Ann\u2019s","isPaused":false,"isArchived":false}"""), (named.Before, named.After));
    }

    [Fact]
    public async Task A_draft_of_one_decision_point_is_not_published_as_anothers()
    {
        await using var looper = new LooperApp();
        using var client = await looper.SignedInAsync(Role.Engineer);
        await client.PublishedAsync("banner");
        await client.PublishedAsync("offers");
        var draft = await ChangeAsync(client, await client.EditAsync("offers"), "two");
        using var wrong = await client.PostAsJsonAsync("/api/decision-points/banner/blueprints", new { draft = draft["id"] });
        var problem = await Problem.IsAsync(wrong, HttpStatusCode.NotFound, "draft.unknown");
        Assert.Equal("draft", (string?)problem["field"]);
        using var right = await client.PostAsJsonAsync("/api/decision-points/offers/blueprints", new { draft = draft["id"] });
        Assert.Equal(2, (int)(await right.ReadAsync(HttpStatusCode.Created))["version"]!);
        var first = await client.CreateDraftAsync("news");
        using var made = await client.PostAsJsonAsync("/api/decision-points/news/blueprints", new { draft = first["id"] });
        Assert.Equal("news", (string?)(await made.ReadAsync(HttpStatusCode.Created))["key"]);
    }

    [Fact]
    public async Task A_draft_begun_from_the_current_version_asks_for_nothing_however_often()
    {
        await using var looper = new LooperApp();
        using var script = await looper.WithKeyAsync(KeyScopes.Manage);
        await script.PublishedAsync("banner");
        for (var version = 2; version < 5; version++) Assert.Equal(version, (int)(await ChangeAndPublishAsync(script, await script.EditAsync("banner"), $"option-{version}"))["version"]!);
    }

    [Fact]
    public async Task Of_two_who_begin_a_draft_at_once_both_get_the_one_that_is_there()
    {
        var crossing = new Crossing();
        await using var looper = new LooperApp(services: s => s.AddSingleton<IInterceptor>(crossing));
        using var client = await looper.SignedInAsync(Role.Engineer);
        await client.PublishedAsync("banner");
        Answered<DraftView> other = default;
        crossing.BeforeNext(async () => other = await looper.Get<DraftActions>().CreateAsync(Caller.System, new(DecisionPoint: "banner"), default));
        var mine = await looper.Get<DraftActions>().CreateAsync(Caller.System, new(DecisionPoint: "banner"), default);
        Assert.NotNull(other.Value);
        Assert.Equal(other.Value.Id, mine.Value?.Id);
    }

    [Fact]
    public async Task Of_two_admins_who_add_one_address_at_once_the_second_is_told_that_it_is_there()
    {
        var crossing = new Crossing();
        await using var looper = new LooperApp(services: s => s.AddSingleton<IInterceptor>(crossing));
        Task<Answered<Guid>> AddAsync() => looper.Get<UserActions>().CreateAsync(Caller.System, "ann@example.com", "Ann", Role.Viewer, LooperApp.Password, default);
        crossing.BeforeNext(AddAsync);
        Assert.Equal("user.already-exists", (await AddAsync()).Refusal?.Code);
    }

    [Fact]
    public async Task A_publish_does_not_change_an_arm_of_an_experiment_that_starts_while_it_looks()
    {
        var crossing = new Crossing();
        await using var looper = new LooperApp(services: s => s.AddSingleton<IInterceptor>(crossing));
        using var engineer = await looper.SignedInAsync(Role.Engineer);
        await new ExperimentPages(looper, engineer).PointAsync("shop");
        var experiment = await new ExperimentPages(looper, engineer).DraftAsync("shop", """{"arms":[{"key":"control","weight":0.5,"option":"a"},{"key":"open","weight":0.5}]}""");
        Refusal? refused = null;
        crossing.BeforeNext(async () => refused = await looper.Get<ExperimentActions>().StartAsync(Caller.System, experiment, "now", default));
        var published = await looper.Get<DecisionPointActions>().SetDurableAsync(Caller.System, "shop", true, default);
        Assert.Equal((null, "blueprint.under-test"), (refused, published.Refusal?.Code));
        var running = (await looper.Get<ExperimentQueries>().FindAsync(Caller.System, experiment, default)).Value!;
        var point = await looper.Get<DecisionPointQueries>().FindAsync(Caller.System, "shop", default);
        Assert.Equal((ExperimentState.Running, point!.CurrentVersion), (running.State, running.Plan.BlueprintVersion));
    }

    [Fact]
    public async Task A_name_alone_leaves_the_description_and_an_older_page_does_not_replace_a_newer_one()
    {
        await using var looper = new LooperApp();
        using var client = await looper.SignedInAsync(Role.Engineer);
        await client.PublishedAsync("banner");
        await PatchAsync(client, new { name = "Banner", description = "Which banner to show." }, HttpStatusCode.NoContent);
        await PatchAsync(client, new { name = "The banner" }, HttpStatusCode.NoContent);
        var read = (await client.GetFromJsonAsync<JsonNode>("/api/decision-points/banner"))!;
        Assert.Equal(("The banner", "Which banner to show."), (read["name"]!.ToString(), read["description"]?.ToString()));

        await PatchAsync(client, new { name = "The banner", description = "Ben’s", revision = read.Revision() }, HttpStatusCode.NoContent);
        var told = await PatchAsync(client, new { name = "The banner", description = "Ann’s", revision = read.Revision() }, HttpStatusCode.PreconditionFailed);
        Assert.Contains("“Ben’s”", told, StringComparison.Ordinal);
        await PatchAsync(client, new { name = "The banner", description = "" }, HttpStatusCode.NoContent);
        Assert.Null((await client.GetFromJsonAsync<JsonNode>("/api/decision-points/banner"))!["description"]);
    }

    [Fact]
    public async Task Two_admins_who_each_turn_one_switch_both_have_it_turned()
    {
        await using var looper = new LooperApp();
        await looper.UserAsync(Role.Admin);
        await looper.UserAsync(Role.Approver);
        var settings = looper.Get<ExperimentSettings>();
        var shown = (await settings.FindAsync(Caller.System, default)).Value!;
        Assert.Null(await settings.ChangeAsync(Caller.System, shown with { AsksApproval = true }, default, shown));
        Assert.Null(await settings.ChangeAsync(Caller.System, shown with { SharesReports = true }, default, shown));
        Assert.Equal(new ExperimentSwitches(true, true), (await settings.FindAsync(Caller.System, default)).Value);
    }

    private static async Task<string> PatchAsync(HttpClient client, object change, HttpStatusCode expected)
    {
        using var answer = await client.PatchAsJsonAsync("/api/decision-points/banner", change);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(expected == answer.StatusCode, text);
        return expected == HttpStatusCode.NoContent ? "" : JsonNode.Parse(text)!["detail"]!.ToString();
    }

    private static async Task<JsonNode> ChangeAsync(HttpClient client, JsonNode draft, string option)
    {
        draft["content"]!["options"]!.AsArray().Add(new JsonObject { ["key"] = option });
        using var saved = await client.SaveAsync(draft, draft.Revision());
        return await saved.ReadAsync(HttpStatusCode.OK);
    }

    private static async Task<JsonNode> ChangeAndPublishAsync(HttpClient client, JsonNode draft, string option)
    {
        using var published = await client.PublishAsync(await ChangeAsync(client, draft, option));
        return await published.ReadAsync(HttpStatusCode.Created);
    }

    /// <summary>Does something else right before the next transaction begins: after what was looked at outside of it.</summary>
    private sealed class Crossing : DbTransactionInterceptor
    {
        private Func<Task>? _next;

        public void BeforeNext(Func<Task> what) => _next = what;

        public override async ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
            DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result, CancellationToken cancellationToken = default)
        {
            if (Interlocked.Exchange(ref _next, null) is { } next) await next();
            return result;
        }
    }
}
