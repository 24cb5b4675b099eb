using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace Looper.Web.Tests.Decisions;

/// <summary>Verbs of the wizard over HTTP.</summary>
internal static class Drafting
{
    public static async Task<JsonNode> ReadAsync(this HttpResponseMessage answer, HttpStatusCode expected)
    {
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == expected, $"Expected {expected}, got {answer.StatusCode}: {body}");
        return JsonNode.Parse(body)!;
    }

    public static async Task<JsonNode> CreateDraftAsync(this HttpClient client, string key, string template = "pick-a-variant")
    {
        using var answer = await client.PostAsJsonAsync("/api/drafts", new { template, key, name = $"The {key}" });
        return await answer.ReadAsync(HttpStatusCode.Created);
    }

    public static Task<HttpResponseMessage> SaveAsync(this HttpClient client, JsonNode draft, long revision) => client.SaveAsync(draft, $"\"{revision}\"");

    public static async Task<HttpResponseMessage> SaveAsync(this HttpClient client, JsonNode draft, string tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/api/drafts/{draft["id"]}")
        {
            Content = JsonContent.Create(new JsonObject
            {
                ["key"] = draft["key"]!.DeepClone(), ["name"] = draft["name"]!.DeepClone(), ["description"] = draft["description"]?.DeepClone(), ["content"] = draft["content"]!.DeepClone(),
            }),
        };
        request.Headers.TryAddWithoutValidation("If-Match", tag);
        return await client.SendAsync(request);
    }

    public static long Revision(this JsonNode draft) => draft["revision"]!.GetValue<long>();

    public static async Task<HttpResponseMessage> PublishAsync(this HttpClient client, JsonNode draft, string? note = null) =>
        await client.PostAsJsonAsync($"/api/drafts/{draft["id"]}/publish", new { revision = draft.Revision(), note });

    /// <summary>Version 1 of a new decision point.</summary>
    public static async Task<JsonNode> PublishedAsync(this HttpClient client, string key, string template = "pick-a-variant")
    {
        using var answer = await client.PublishAsync(await client.CreateDraftAsync(key, template));
        return await answer.ReadAsync(HttpStatusCode.Created);
    }

    /// <summary>A draft of what is published.</summary>
    public static async Task<JsonNode> EditAsync(this HttpClient client, string key)
    {
        using var answer = await client.PostAsJsonAsync("/api/drafts", new { decisionPoint = key });
        return await answer.ReadAsync(HttpStatusCode.Created);
    }

    /// <summary>Applies a file, or asks for its plan.</summary>
    public static async Task<HttpResponseMessage> ApplyAsync(this HttpClient client, string yaml, bool dryRun, string query = "")
    {
        using var body = new StringContent(yaml, Encoding.UTF8, "application/yaml");
        return await client.PostAsync($"/api/apply?dryRun={(dryRun ? "true" : "false")}{query}", body);
    }
}
