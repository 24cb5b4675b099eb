using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Decisions;

/// <summary>A file replaces the version that it was made from, and no other unless it is told to.</summary>
public sealed class OutdatedFileTests
{
    [Fact]
    public async Task A_newer_version_of_somebody_elses_is_never_replaced_unseen()
    {
        await using var looper = new LooperApp();
        using var client = await looper.WithKeyAsync(KeyScopes.Manage);
        var mine = await ExportedAsync(client);
        await HalvedAsync(client);
        foreach (var dryRun in new[] { true, false })
        {
            var problem = await Problem.IsAsync(await client.ApplyAsync(mine, dryRun), HttpStatusCode.Conflict, "configuration.outdated");
            Assert.StartsWith("banner.version, line 6: the file was made from version 1; version 2 is current (key test: Half of them), and applying would undo what changed.", (string)problem["detail"]!, StringComparison.Ordinal);
        }
        Assert.Equal(2, await CurrentAsync(client));

        var plan = await (await client.ApplyAsync(mine, dryRun: true, "&force=true")).ReadAsync(HttpStatusCode.OK);
        Assert.Equal(["policy", "decide for"], plan["decisionPoints"]![0]!["changes"]!.AsArray().Select(c => (string)c!["field"]!));
        await (await client.ApplyAsync(mine, dryRun: false, "&force=true")).ReadAsync(HttpStatusCode.OK);
        Assert.Equal(3, await CurrentAsync(client));
    }

    [Fact]
    public async Task What_it_says_it_was_made_from_can_be_put_right_by_hand()
    {
        await using var looper = new LooperApp();
        using var client = await looper.WithKeyAsync(KeyScopes.Manage);
        var mine = await ExportedAsync(client);
        await HalvedAsync(client);
        var (old, now) = (await HashAsync(client, 1), await HashAsync(client, 2));
        await Problem.IsAsync(await client.ApplyAsync(mine.Replace("version: 1", "version: 2", StringComparison.Ordinal), dryRun: true), HttpStatusCode.Conflict, "configuration.outdated"); // the hash decides
        await (await client.ApplyAsync(mine.Replace("version: 1", "version: 2", StringComparison.Ordinal).Replace(old, now, StringComparison.Ordinal), dryRun: true)).ReadAsync(HttpStatusCode.OK);
        await (await client.ApplyAsync(mine.Replace("version: 1", "version: 2", StringComparison.Ordinal).Replace($"  hash: {old}\n", "", StringComparison.Ordinal), dryRun: true)).ReadAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_file_that_does_not_say_what_it_was_made_from_replaces_nothing()
    {
        await using var looper = new LooperApp();
        using var client = await looper.WithKeyAsync(KeyScopes.Manage);
        var mine = await ExportedAsync(client);
        var bare = mine.Replace("  version: 1\n", "", StringComparison.Ordinal).Replace($"  hash: {await HashAsync(client, 1)}\n", "", StringComparison.Ordinal);
        var problem = await Problem.IsAsync(await client.ApplyAsync(bare, dryRun: false), HttpStatusCode.Conflict, "configuration.outdated");
        Assert.Contains("the file does not say which version it was made from; version 1 is current", (string)problem["detail"]!, StringComparison.Ordinal);
        var same = await (await client.ApplyAsync(bare.Replace("epsilon: 0.2", "epsilon: 0.1", StringComparison.Ordinal), dryRun: false)).ReadAsync(HttpStatusCode.OK); // nothing to replace
        Assert.Equal("unchanged", (string)same["decisionPoints"]![0]!["action"]!);
    }

    [Fact]
    public async Task Going_back_to_what_the_file_was_made_from_makes_it_good_again()
    {
        await using var looper = new LooperApp();
        using var client = await looper.WithKeyAsync(KeyScopes.Manage);
        var mine = await ExportedAsync(client);
        await HalvedAsync(client);
        using (var back = await client.PostAsJsonAsync("/api/decision-points/banner/blueprints/1/restore", new { })) await back.ReadAsync(HttpStatusCode.Created);
        await (await client.ApplyAsync(mine, dryRun: false)).ReadAsync(HttpStatusCode.OK);
        Assert.Equal(4, await CurrentAsync(client));
    }

    [Fact]
    public async Task A_name_that_somebody_changed_since_is_not_changed_back_unseen()
    {
        await using var looper = new LooperApp();
        using var client = await looper.WithKeyAsync(KeyScopes.Manage);
        var mine = await ExportedAsync(client);
        using (var renamed = await client.PatchAsJsonAsync("/api/decision-points/banner", new { name = "At the till", description = "Which banner" })) Assert.Equal(HttpStatusCode.NoContent, renamed.StatusCode);
        var problem = await Problem.IsAsync(await client.ApplyAsync(mine, dryRun: false), HttpStatusCode.Conflict, "configuration.outdated");
        Assert.StartsWith("banner.name, line 5: the file says “The banner”, and key test changed that since the file was made; it is “At the till” now.", (string)problem["detail"]!, StringComparison.Ordinal);
        var another = await (await client.ApplyAsync(mine.Replace("The banner", "Ours", StringComparison.Ordinal), dryRun: true)).ReadAsync(HttpStatusCode.OK); // neither what it was nor what it is
        Assert.Equal(["name", "policy"], another["decisionPoints"]![0]!["changes"]!.AsArray().Select(c => (string)c!["field"]!)); // the file has no description: it stays
        var export = await client.GetStringAsync("/api/configuration.yaml");
        Assert.Contains("description: \"Which banner\"\n", export, StringComparison.Ordinal);
        var taken = await (await client.ApplyAsync(export.Replace("description: \"Which banner\"", "description: \"\"", StringComparison.Ordinal), dryRun: false, "&force=true")).ReadAsync(HttpStatusCode.OK);
        Assert.Equal(("describe", 1), ((string)taken["decisionPoints"]![0]!["action"]!, (int)taken["decisionPoints"]![0]!["becomes"]!));
        Assert.Null((string?)(await client.GetFromJsonAsync<JsonNode>("/api/decision-points/banner"))!["description"]);
    }

    [Fact]
    public async Task A_name_that_a_file_changed_is_changed_back_by_a_later_file()
    {
        await using var looper = new LooperApp();
        using var client = await looper.WithKeyAsync(KeyScopes.Manage);
        await client.PublishedAsync("banner");
        var before = await client.GetStringAsync("/api/configuration.yaml");
        foreach (var yaml in new[] { before.Replace("The banner", "At the till", StringComparison.Ordinal), before })
        {
            var done = await (await client.ApplyAsync(yaml, dryRun: false)).ReadAsync(HttpStatusCode.OK);
            Assert.Equal("describe", (string)done["decisionPoints"]![0]!["action"]!);
        }
        Assert.Equal("The banner", (string)(await client.GetFromJsonAsync<JsonNode>("/api/decision-points/banner"))!["name"]!);
    }

    [Fact]
    public async Task A_draft_begun_before_is_held_against_what_was_applied()
    {
        await using var looper = new LooperApp();
        using var client = await looper.WithKeyAsync(KeyScopes.Manage);
        var mine = await ExportedAsync(client);
        var draft = await client.EditAsync("banner");
        await (await client.ApplyAsync(mine, dryRun: false)).ReadAsync(HttpStatusCode.OK);
        draft["content"]!["rollout"]!["share"] = 0.5;
        using var saved = await client.SaveAsync(draft, draft.Revision());
        await Problem.IsAsync(await client.PublishAsync(await saved.ReadAsync(HttpStatusCode.OK)), HttpStatusCode.Conflict, "draft.outdated");
    }

    [Fact]
    public async Task A_running_experiment_keeps_its_decision_point_from_being_applied_to()
    {
        await using var looper = new LooperApp();
        using var client = await looper.SignedInAsync(Role.Engineer);
        var pages = new ExperimentPages(looper, client);
        await pages.PointAsync("shop");
        await pages.RunningAsync("shop");
        var yaml = await client.GetStringAsync("/api/configuration.yaml");
        var other = yaml.Replace("holdout: 0\n", "holdout: 0.05\n", StringComparison.Ordinal);
        Assert.NotEqual(yaml, other);
        foreach (var dryRun in new[] { true, false })
        {
            var problem = await Problem.IsAsync(await client.ApplyAsync(other, dryRun), HttpStatusCode.Conflict, "blueprint.under-test");
            Assert.StartsWith("shop, line 4: Cannot publish: experiment ", (string)problem["detail"]!, StringComparison.Ordinal);
        }
    }

    /// <summary>The export of a published banner, with one change made to it.</summary>
    private static async Task<string> ExportedAsync(HttpClient client)
    {
        await client.PublishedAsync("banner");
        return (await client.GetStringAsync("/api/configuration.yaml")).Replace("epsilon: 0.1", "epsilon: 0.2", StringComparison.Ordinal);
    }

    private static async Task HalvedAsync(HttpClient client)
    {
        var draft = await client.EditAsync("banner");
        draft["content"]!["rollout"]!["share"] = 0.5;
        using (var saved = await client.SaveAsync(draft, draft.Revision())) draft = await saved.ReadAsync(HttpStatusCode.OK);
        using var published = await client.PublishAsync(draft, "Half of them");
        await published.ReadAsync(HttpStatusCode.Created);
    }

    private static async Task<int> CurrentAsync(HttpClient client) => (int)(await client.GetFromJsonAsync<JsonNode>("/api/decision-points/banner"))!["currentVersion"]!;

    private static async Task<string> HashAsync(HttpClient client, int version) => (string)(await client.GetFromJsonAsync<JsonNode>($"/api/decision-points/banner/blueprints/{version}"))!["hash"]!;
}
