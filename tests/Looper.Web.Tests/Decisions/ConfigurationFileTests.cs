using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Looper.Core.Access;
using Looper.Core.Persistence;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Tests.Decisions;

/// <summary>What an export holds, who may plan and apply, and what is no file.</summary>
public sealed class ConfigurationFileTests
{
    [Fact]
    public async Task Archived_and_simulated_decision_points_are_exported_only_by_name()
    {
        await using var looper = new LooperApp();
        using var client = await looper.SignedInAsync(Role.Engineer);
        foreach (var key in new[] { "put-away", "simulated", "serving" }) await client.PublishedAsync(key);
        using (var archived = await client.PostAsync("/api/decision-points/put-away/archive", null)) archived.EnsureSuccessStatusCode();
        await using (var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync())
            await db.Set<Core.Decisions.DecisionPoint>().Where(p => p.Key == "simulated").ExecuteUpdateAsync(set => set.SetProperty(p => p.IsSimulated, true));
        Assert.Equal(["serving"], Keys(await client.GetStringAsync("/api/configuration.yaml")));
        Assert.Equal(["put-away", "simulated"], Keys(await client.GetStringAsync("/api/configuration.yaml?decisionPoint=simulated&decisionPoint=put-away")));
        await Problem.IsAsync(await client.GetAsync("/api/configuration.yaml?decisionPoint=serving&decisionPoint=nothing"), HttpStatusCode.NotFound, "decision-point.unknown");
    }

    [Fact]
    public async Task Without_decision_points_the_export_is_a_file_all_the_same()
    {
        await using var looper = new LooperApp();
        using var client = await looper.WithKeyAsync(KeyScopes.Manage);
        var yaml = await client.GetStringAsync("/api/configuration.yaml");
        Assert.EndsWith("\ndecisionPoints: []\n", yaml, StringComparison.Ordinal);
        using var applied = await client.ApplyAsync(yaml, dryRun: false);
        Assert.Equal("""{"dryRun":false,"decisionPoints":[]}""", await applied.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_version_that_cannot_be_read_is_left_out_and_said_and_may_be_replaced()
    {
        await using var looper = new LooperApp();
        using var client = await looper.WithKeyAsync(KeyScopes.Manage);
        foreach (var key in new[] { "damaged", "whole" }) await client.PublishedAsync(key);
        var yaml = await client.GetStringAsync("/api/configuration.yaml?decisionPoint=damaged");
        await using (var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync())
        {
            var id = await db.Set<Core.Decisions.DecisionPoint>().Where(p => p.Key == "damaged").Select(p => p.Id).SingleAsync();
            await db.Set<Core.Decisions.Blueprint>().Where(b => b.DecisionPointId == id).ExecuteUpdateAsync(set => set.SetProperty(b => b.Content, """{"shape":"later"}"""));
        }
        var export = await client.GetStringAsync("/api/configuration.yaml");
        Assert.Equal(["whole"], Keys(export));
        Assert.Contains("# Left out: Version 1 of `damaged` cannot be read", export, StringComparison.Ordinal);
        var plan = await (await client.ApplyAsync(yaml, dryRun: true)).ReadAsync(HttpStatusCode.OK);
        Assert.StartsWith("nobody can tell: Version 1 of `damaged` cannot be read", (string)plan["decisionPoints"]![0]!["inWords"]!, StringComparison.Ordinal);
        using var applied = await client.ApplyAsync(yaml, dryRun: false);
        Assert.Equal(2, (int)(await applied.ReadAsync(HttpStatusCode.OK))["decisionPoints"]![0]!["becomes"]!);
    }

    [Fact]
    public async Task Who_may_read_may_plan_and_who_may_publish_may_apply()
    {
        await using var looper = new LooperApp();
        using var viewer = await looper.SignedInAsync(Role.Viewer);
        using var reader = await looper.WithKeyAsync(KeyScopes.Read);
        using var engineer = await looper.SignedInAsync(Role.Engineer);
        var yaml = "decisionPoints:\n" + ApplyApiTests.NewPoint("added");
        foreach (var client in new[] { viewer, reader })
        {
            await (await client.ApplyAsync(yaml, dryRun: true)).ReadAsync(HttpStatusCode.OK);
            await Problem.IsAsync(await client.ApplyAsync(yaml, dryRun: false), HttpStatusCode.Forbidden, "access.denied");
        }
        await (await engineer.ApplyAsync(yaml, dryRun: false)).ReadAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task What_is_no_such_file_is_refused_in_words()
    {
        await using var looper = new LooperApp();
        using var client = await looper.WithKeyAsync(KeyScopes.Manage);
        foreach (var (yaml, status, code) in new[]
        {
            ("", HttpStatusCode.BadRequest, "configuration.malformed"), ("a: [", HttpStatusCode.BadRequest, "configuration.malformed"), ("a: 1\n---\nb: 2", HttpStatusCode.BadRequest, "configuration.malformed"),
            ("a: !!set {}", HttpStatusCode.BadRequest, "configuration.malformed"), ("points: []", HttpStatusCode.UnprocessableEntity, "configuration.invalid"),
            ("# " + new string('x', 1_048_576), HttpStatusCode.RequestEntityTooLarge, "configuration.too-large"),
        })
        {
            await Problem.IsAsync(await client.ApplyAsync(yaml, dryRun: true), status, code);
            await Problem.IsAsync(await client.ApplyAsync(yaml, dryRun: false), status, code);
        }
        using var latin = new ByteArrayContent([.. "decisionPoints: [] # caf"u8, 0xE9]) { Headers = { ContentType = new MediaTypeHeaderValue("text/yaml") } };
        await Problem.IsAsync(await client.PostAsync("/api/apply?dryRun=true", latin), HttpStatusCode.BadRequest, "configuration.malformed");
        using var json = JsonContent.Create(new { decisionPoints = Array.Empty<string>() });
        var refused = await Problem.IsAsync(await client.PostAsync("/api/apply?dryRun=true", json), HttpStatusCode.UnsupportedMediaType, "request.content-type");
        Assert.Contains("Send YAML with the header Content-Type: application/yaml.", (string)refused["detail"]!, StringComparison.Ordinal);
    }

    [Theory, InlineData("application/yaml"), InlineData("application/yaml; charset=utf-8"), InlineData("text/yaml"), InlineData("application/x-yaml"), InlineData("text/x-yaml")]
    public async Task Every_name_of_yaml_is_taken(string type)
    {
        await using var looper = new LooperApp();
        using var client = await looper.WithKeyAsync(KeyScopes.Read);
        using var body = new ByteArrayContent(Encoding.UTF8.GetBytes("decisionPoints: []")) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };
        using var answer = await client.PostAsync("/api/apply?dryRun=true", body);
        await answer.ReadAsync(HttpStatusCode.OK);
    }

    private static IEnumerable<string> Keys(string yaml) => yaml.Split('\n').Where(l => l.StartsWith("- decisionPoint: ", StringComparison.Ordinal)).Select(l => l["- decisionPoint: ".Length..]);
}
