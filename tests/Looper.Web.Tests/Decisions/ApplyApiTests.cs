using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Core.Persistence;
using Looper.Testing;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Tests.Decisions;

/// <summary>Decision points as a file: out, planned, applied.</summary>
public sealed class ApplyApiTests
{
    private static readonly string[] s_templates = ["show-or-hide", "pick-a-variant", "pick-a-candidate", "rank-a-list", "tune-settings", "estimate-a-value"];

    [Fact]
    public async Task What_was_exported_changes_nothing_planned_or_applied()
    {
        await using var looper = new LooperApp();
        using var client = await looper.SignedInAsync(Role.Engineer);
        foreach (var template in s_templates) await client.PublishedAsync($"the-{template}", template);
        var yaml = await client.GetStringAsync("/api/configuration.yaml");
        var before = await AuditAsync(looper);
        foreach (var dryRun in new[] { true, false })
        {
            var plan = await (await client.ApplyAsync(yaml, dryRun)).ReadAsync(HttpStatusCode.OK);
            Assert.Equal(s_templates.Select(t => $"the-{t}").Order(StringComparer.Ordinal), plan["decisionPoints"]!.AsArray().Select(p => (string)p!["decisionPoint"]!));
            Assert.All(plan["decisionPoints"]!.AsArray(), p => Assert.Equal(("unchanged", 1, 1, "no change"), ((string)p!["action"]!, (int)p["version"]!, (int)p["becomes"]!, (string)p["inWords"]!)));
        }
        Assert.Equal(before, await AuditAsync(looper));
        Assert.Equal(yaml, await client.GetStringAsync("/api/configuration.yaml"));
    }

    [Fact]
    public async Task A_plan_says_what_changes_and_writes_nothing_and_applying_does_it_once()
    {
        await using var looper = new LooperApp();
        using var client = await looper.WithKeyAsync(KeyScopes.Manage);
        await client.PublishedAsync("banner");
        await client.PublishedAsync("left-alone");
        var yaml = (await client.GetStringAsync("/api/configuration.yaml?decisionPoint=banner")).Replace("epsilon: 0.1", "epsilon: 0.2", StringComparison.Ordinal).Replace("name: \"The banner\"", "name: \"Our banner\"", StringComparison.Ordinal)
            + NewPoint("added");
        var before = (await AuditAsync(looper), await client.GetStringAsync("/api/configuration.yaml"));

        var plan = await (await client.ApplyAsync(yaml, dryRun: true)).ReadAsync(HttpStatusCode.OK);
        Assert.Equal(before, (await AuditAsync(looper), await client.GetStringAsync("/api/configuration.yaml")));
        Assert.True((bool)plan["dryRun"]!);
        var (banner, added) = (plan["decisionPoints"]![0]!, plan["decisionPoints"]![1]!);
        Assert.Equal(("publish", 1, 2), ((string)banner["action"]!, (int)banner["version"]!, (int)banner["becomes"]!));
        Assert.Equal(["name", "policy"], banner["changes"]!.AsArray().Select(c => (string)c!["field"]!));
        Assert.Contains("-   epsilon: 0.1\n+   epsilon: 0.2\n", (string)banner["yaml"]!, StringComparison.Ordinal);
        Assert.Equal(("create", 0, 1), ((string)added["action"]!, (int)added["version"]!, (int)added["becomes"]!));
        Assert.StartsWith("For each user your app asks added", (string)added["inWords"]!, StringComparison.Ordinal);

        var done = await (await client.ApplyAsync(yaml, dryRun: false, "&note=commit%204f2a")).ReadAsync(HttpStatusCode.OK);
        Assert.False((bool)done["dryRun"]!);
        Assert.Equal(["decision-point.described", "blueprint.published", "blueprint.published"], (await AuditAsync(looper)).Split('\n').Skip(before.Item1.Split('\n').Length));
        var version = (await client.GetFromJsonAsync<JsonNode>("/api/decision-points/banner/blueprints"))![0]!;
        Assert.Equal((2, "commit 4f2a", "key test"), ((int)version["version"]!, (string)version["note"]!, (string)version["publishedBy"]!));
        Assert.Equal("Our banner", (string)(await client.GetFromJsonAsync<JsonNode>("/api/decision-points/banner"))!["name"]!);
        Assert.Equal(1, (int)(await client.GetFromJsonAsync<JsonNode>("/api/decision-points/left-alone"))!["currentVersion"]!);
        Assert.Equal("[]", await client.GetStringAsync("/api/drafts"));

        var again = await (await client.ApplyAsync(yaml, dryRun: false)).ReadAsync(HttpStatusCode.OK);
        Assert.All(again["decisionPoints"]!.AsArray(), p => Assert.Equal("unchanged", (string)p!["action"]!));
        Assert.Equal(2, (int)(await client.GetFromJsonAsync<JsonNode>("/api/decision-points/banner"))!["currentVersion"]!);
    }

    [Fact]
    public async Task A_decision_point_made_from_a_file_decides()
    {
        await using var looper = new LooperApp();
        using var client = await looper.WithKeyAsync(KeyScopes.Manage | KeyScopes.Decide);
        using (var applied = await client.ApplyAsync("decisionPoints:\n" + NewPoint("added"), dryRun: false)) await applied.ReadAsync(HttpStatusCode.OK);
        await Eventually.IsTrueAsync(async () =>
        {
            using var answer = await client.PostAsJsonAsync("/v1/decisions", new { decisionPoint = "added", unit = "u" });
            return answer.IsSuccessStatusCode && (string)(await answer.Content.ReadFromJsonAsync<JsonNode>())!["reason"]! == "explore";
        });
    }

    [Fact]
    public async Task One_fault_keeps_all_of_the_file_from_being_applied()
    {
        await using var looper = new LooperApp();
        using var client = await looper.WithKeyAsync(KeyScopes.Manage);
        await client.PublishedAsync("banner");
        var before = await AuditAsync(looper);
        var yaml = "decisionPoints:\n" + NewPoint("added") + NewPoint("Bad Key").Replace("share: 1", "share: 2", StringComparison.Ordinal);
        foreach (var dryRun in new[] { true, false })
        {
            var problem = await Problem.IsAsync(await client.ApplyAsync(yaml, dryRun), HttpStatusCode.UnprocessableEntity, "configuration.invalid");
            Assert.Equal(["Bad Key.decisionPoint", "Bad Key.rollout.share"], problem["errors"]!.AsArray().Select(e => (string)e!["field"]!));
            Assert.StartsWith("Bad Key.rollout.share, line 31: ", (string)problem["errors"]![1]!["reason"]!, StringComparison.Ordinal);
        }
        Assert.Equal(before, await AuditAsync(looper));
    }

    internal static string NewPoint(string key) => $"""
        - decisionPoint: {key}
          blueprint:
            shape: choice
            default: a
            options:
            - key: a
            - key: b
            outcomes:
            - name: clicked
              kind: boolean
            goal:
              terms:
              - outcome: clicked
            rollout:
              share: 1

        """;

    private static async Task<string> AuditAsync(LooperApp looper)
    {
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        return string.Join('\n', await db.Set<AuditEntry>().OrderBy(e => e.Id).Select(e => e.Action).ToListAsync());
    }
}
