using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Testing.Servers;
using Looper.Web.Tests.Api;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests;

/// <summary>The start of an experiment by two people, where an admin has switched that on.</summary>
public class ApprovalApiTests
{
    private static readonly JsonObject s_blueprint = (JsonObject)JsonNode.Parse("""
        {
          "shape": "choice", "options": [ { "key": "a" }, { "key": "b" } ], "default": "a",
          "outcomes": [ { "name": "purchase", "kind": "boolean" } ], "goal": { "terms": [ { "outcome": "purchase", "weight": 1 } ] }, "policy": { "kind": "random" }
        }
        """)!;

    [Fact]
    public async Task A_start_waits_for_another_person_and_is_started_as_that_person_saw_it()
    {
        await using var looper = new LooperApp();
        using var admin = await looper.SignedInAsync();
        using var engineer = await looper.SignedInAsync(Role.Engineer);
        await admin.PublishAsync("banner", s_blueprint);
        using var created = await engineer.PostAsJsonAsync("/api/experiments", new { decisionPoint = "banner", key = "first", name = "First" });
        var path = $"/api/experiments/{(await created.Content.ReadFromJsonAsync<JsonNode>())!["id"]}";

        await Problem.IsAsync(await PostAsync(engineer, path, "approval", new { reason = "agreed" }), HttpStatusCode.Conflict, "experiment.approval-not-needed");
        await Problem.IsAsync(await SwitchOnAsync(admin), HttpStatusCode.Conflict, "experiment-settings.no-second-approver");
        using var approver = await looper.SignedInAsync(Role.Approver);
        Assert.Equal(HttpStatusCode.NoContent, (await SwitchOnAsync(admin)).StatusCode);

        foreach (var client in new[] { engineer, admin })
            await Problem.IsAsync(await PostAsync(client, path, "start", new { reason = "now" }), HttpStatusCode.Conflict, "experiment.approval-needed");
        await Problem.IsAsync(await PostAsync(approver, path, "approve", new { revision = 0 }), HttpStatusCode.Conflict, "experiment.approval-not-asked");
        await Problem.IsAsync(await PostAsync(engineer, path, "approval", new { }), HttpStatusCode.Conflict, "experiment.reason-needed"); // the checklist has amber rows
        using var key = await looper.WithKeyAsync(KeyScopes.Manage); // whoever holds it could be whoever approves
        await Problem.IsAsync(await PostAsync(key, path, "approval", new { reason = "before the season" }), HttpStatusCode.Conflict, "experiment.asker-unknown");
        Assert.Equal(HttpStatusCode.NoContent, (await PostAsync(engineer, path, "approval", new { reason = "before the season" })).StatusCode);
        await Problem.IsAsync(await PostAsync(admin, path, "approval", new { reason = "me too" }), HttpStatusCode.Conflict, "experiment.approval-waits");
        var seen = (await approver.GetFromJsonAsync<JsonNode>(path))!;
        Assert.Equal(("draft", "before the season"), (seen["state"]!.ToString(), seen["approval"]!["reason"]!.ToString()));
        await Problem.IsAsync(await PostAsync(engineer, path, "approve", new { revision = Revision(seen) }), HttpStatusCode.Forbidden, "access.denied");

        // Whoever edits the draft takes the request back: what was seen is not what would start.
        using var edited = await engineer.PutAsJsonAsync(path, new { revision = Revision(seen), key = "first", name = "First, again", hypothesis = (string?)null, plan = seen["plan"] });
        Assert.Equal(HttpStatusCode.OK, edited.StatusCode);
        await Problem.IsAsync(await PostAsync(approver, path, "approve", new { revision = Revision(seen) }), HttpStatusCode.Conflict, "experiment.approval-not-asked");

        Assert.Equal(HttpStatusCode.NoContent, (await PostAsync(approver, path, "approval", new { reason = "mine" })).StatusCode);
        var own = (await approver.GetFromJsonAsync<JsonNode>(path))!;
        await Problem.IsAsync(await PostAsync(approver, path, "approve", new { revision = Revision(own) }), HttpStatusCode.Conflict, "experiment.approval-own");
        await Problem.IsAsync(await PostAsync(engineer, path, "reject", new { note = "not yours" }), HttpStatusCode.Forbidden, "access.denied");
        await Problem.IsAsync(await PostAsync(approver, path, "reject", new { note = " " }), HttpStatusCode.Conflict, "experiment.reason-needed");
        Assert.Equal(HttpStatusCode.NoContent, (await PostAsync(approver, path, "reject", new { note = "too early" })).StatusCode);

        Assert.Equal(HttpStatusCode.NoContent, (await PostAsync(engineer, path, "approval", new { reason = "at last" })).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await PostAsync(admin, path, "reject", new { note = "name the metric" })).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await PostAsync(engineer, path, "approval", new { reason = "at last" })).StatusCode);
        var asked = (await approver.GetFromJsonAsync<JsonNode>(path))!;
        await Problem.IsAsync(await PostAsync(approver, path, "approve", new { revision = Revision(own) }), HttpStatusCode.PreconditionFailed, "experiment.changed-meanwhile");
        Assert.Equal(HttpStatusCode.NoContent, (await PostAsync(approver, path, "approve", new { revision = Revision(asked), note = "good" })).StatusCode);
        var running = (await approver.GetFromJsonAsync<JsonNode>(path))!;
        Assert.Equal("running", running["state"]!.ToString());
        Assert.Null(running["approval"]);

        var history = (await approver.GetFromJsonAsync<JsonArray>($"{path}/history"))!;
        Assert.Equal(["Draft made", "Approval asked for", "Draft changed", "Approval asked for", "Request taken back", "Approval asked for", "Not approved", "Approval asked for", "Started"], history.Select(s => s!["title"]!.ToString()));
        Assert.Contains("The request for approval was taken back", history[2]!["detail"]!.ToJsonString(), StringComparison.Ordinal);
        var start = history[^1]!;
        Assert.Equal("good", start["why"]!.ToString());
        Assert.Contains("had asked for it: at last", start["detail"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("In spite of", start["detail"]!.ToJsonString(), StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> SwitchOnAsync(HttpClient client) => client.PutAsJsonAsync("/api/settings/experiments", new { sharesReports = false, asksApproval = true });

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, string path, string what, object body) => client.PostAsJsonAsync($"{path}/{what}", body);

    private static long Revision(JsonNode experiment) => experiment["revision"]!.GetValue<long>();
}
