using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Looper.Testing.Servers;

/// <summary>What an engineer does over HTTP before an application can call.</summary>
public static class ServerVerbs
{
    /// <summary>Publishes version 1 of a new decision point from this content: a blueprint as JSON.</summary>
    public static async Task<Guid> PublishAsync(this HttpClient admin, string key, JsonObject content)
    {
        using var created = await admin.PostAsJsonAsync("/api/drafts", new { key, name = key, content });
        await LooperServer.EnsureAsync(created);
        var draft = JsonNode.Parse(await created.Content.ReadAsStringAsync())!;
        using var published = await admin.PostAsJsonAsync($"/api/drafts/{draft["id"]}/publish", new { revision = draft["revision"]!.GetValue<long>() });
        await LooperServer.EnsureAsync(published);
        var point = await admin.GetFromJsonAsync<JsonNode>($"/api/decision-points/{key}");
        return point!["id"]!.GetValue<Guid>();
    }

    public static async Task<string> CreateKeyAsync(this HttpClient admin, params string[] scopes)
    {
        using var created = await admin.PostAsJsonAsync("/api/keys", new { name = "test", scopes });
        await LooperServer.EnsureAsync(created);
        return JsonNode.Parse(await created.Content.ReadAsStringAsync())!["key"]!.GetValue<string>();
    }
}
