using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Testing;
using Looper.Testing.Servers;

namespace Looper.EndToEnd.Tests.Hillstrom;

/// <summary>The decision point <c>email-campaign</c>, and what is done with it over HTTP.</summary>
internal static class Campaign
{
    public const string Key = "email-campaign";
    public static readonly string[] Features = ["recency", "history_segment", "history", "mens", "womens", "zip_code", "newbie", "channel"];
    public static readonly string[] Outcomes = ["visit", "conversion", "spend"];

    /// <summary>Outcomes that the replay does not report are unknown, not absent. Windows are short because the replay reports at once.</summary>
    public static JsonObject Content(JsonNode policy) => new()
    {
        ["shape"] = "choice",
        ["unitName"] = "customer",
        ["options"] = new JsonArray([.. Customer.Emails.Select(e => new JsonObject { ["key"] = e })]),
        ["default"] = Customer.None,
        ["features"] = new JsonArray([.. Features.Select(f => new JsonObject { ["name"] = f, ["kind"] = Kind(f) })]),
        ["outcomes"] = new JsonArray([.. Outcomes.Select(o => new JsonObject
        {
            ["name"] = o, ["kind"] = o == "spend" ? "number" : "boolean", ["window"] = "1m", ["aggregation"] = "last", ["absent"] = null,
        })]),
        ["goal"] = new JsonObject { ["terms"] = new JsonArray(new JsonObject { ["outcome"] = "visit", ["weight"] = 1 }) },
        ["policy"] = policy,
        ["training"] = new JsonObject { ["firstModelAt"] = 0, ["searchSeconds"] = 0, ["promoteAutomatically"] = false },
    };

    private static string Kind(string feature) => feature is "recency" or "history" ? "number" : feature is "mens" or "womens" or "newbie" ? "boolean" : "category";

    /// <summary>Publishes the next version with another policy.</summary>
    public static async Task PublishPolicyAsync(HttpClient admin, JsonNode policy)
    {
        using var created = await admin.PostAsJsonAsync("/api/drafts", new { decisionPoint = Key, content = Content(policy) });
        await LooperServer.EnsureAsync(created);
        var draft = JsonNode.Parse(await created.Content.ReadAsStringAsync())!;
        using var published = await admin.PostAsJsonAsync($"/api/drafts/{draft["id"]}/publish", new { revision = (long)draft["revision"]! });
        await LooperServer.EnsureAsync(published);
    }

    /// <summary>Trains now, waits for the job, and puts the model live.</summary>
    public static async Task<JsonNode> TrainAsync(HttpClient admin)
    {
        using var started = await admin.PostAsJsonAsync($"/api/decision-points/{Key}/models", new { });
        await LooperServer.EnsureAsync(started);
        await JobAsync(admin, JsonNode.Parse(await started.Content.ReadAsStringAsync())!["jobId"]!.ToString());
        var model = (await admin.GetFromJsonAsync<JsonArray>($"/api/decision-points/{Key}/models"))![0]!;
        using var promoted = await admin.PostAsJsonAsync($"/api/decision-points/{Key}/models/{model["number"]}/promote", new { reason = "The customers of the second half decide." });
        await LooperServer.EnsureAsync(promoted);
        return model;
    }

    /// <summary>Waits until a job has ended well.</summary>
    public static Task JobAsync(HttpClient admin, string id) => Eventually.IsTrueAsync(async () =>
    {
        var job = (await admin.GetFromJsonAsync<JsonNode>($"/api/jobs/{id}"))!;
        job = job["run"] ?? job;
        var state = job["state"]!.ToString();
        if (state is "failed" or "cancelled") throw new InvalidOperationException($"The job {state}: {job["result"]}");
        return state == "done";
    }, TimeSpan.FromMinutes(4));
}
