using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Core.Persistence;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Tests.Access;

/// <summary>Calls routes one after another and holds each to what the list says it writes to the audit.</summary>
internal sealed class AuditedCalls(LooperApp looper, HttpClient client, IReadOnlyDictionary<string, string> expected)
{
    public HashSet<string> Called { get; } = [];

    public Task<JsonNode?> DoAsync(string route, string address, object? body = null, string? ifMatch = null) =>
        DoAsync(route, address, body is null ? null : JsonContent.Create(body), ifMatch);

    public async Task<JsonNode?> DoAsync(string route, string address, HttpContent? body, string? ifMatch = null)
    {
        var before = await ActionsAsync();
        using var request = new HttpRequestMessage(new HttpMethod(route.Split(' ')[0]), address) { Content = body };
        if (ifMatch is not null) request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        using var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{route}: {answer.StatusCode} {text}");
        var written = (await ActionsAsync()).Skip(before.Count).ToList();
        var says = expected[route]; // two where an action is made of two: each stands by itself
        Assert.True(says.StartsWith('-') ? written.Count == 0 : string.Join(", ", written) == says, $"{route} wrote [{string.Join(", ", written)}], the list says [{says}]");
        Called.Add(route);
        return text.Length == 0 ? null : JsonNode.Parse(text);
    }

    private async Task<List<string>> ActionsAsync()
    {
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        return await db.Set<AuditEntry>().OrderBy(e => e.Id).Select(e => e.Action).ToListAsync();
    }
}
