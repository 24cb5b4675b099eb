using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Looper.Core;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Persistence;
using Looper.Web.Hosting;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Tests.Api;

/// <summary>Decision points straight in the tables, past every rule, and calls as bytes.</summary>
internal static class ServedApp
{
    public static BlueprintContent Banner => new()
    {
        Shape = DecisionShape.Choice,
        Options = [new("none"), new("ten-percent"), new("free-shipping")],
        Default = "none",
        Features = [new("country", FeatureKind.Category), new("cartValue", FeatureKind.Number)],
        Outcomes = [new("purchase", OutcomeKind.Boolean), new("revenue", OutcomeKind.Number), new("clicks", OutcomeKind.Count), new("seconds", OutcomeKind.Duration)],
        Goal = new() { Terms = [new("purchase")] },
    };

    /// <summary>Publishes the next version and waits until it serves.</summary>
    public static Task<Guid> PublishAsync(this LooperApp app, string key, BlueprintContent content, DateTimeOffset? at = null) => app.ForceAsync(key, BlueprintJson.Write(content), at);

    /// <summary>The same with any text as content.</summary>
    public static async Task<Guid> ForceAsync(this LooperApp app, string key, string content, DateTimeOffset? at = null)
    {
        await using var db = await app.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        var point = await db.Set<DecisionPoint>().SingleOrDefaultAsync(p => p.Key == key);
        if (point is null) db.Add(point = new DecisionPoint { Id = app.Get<Ids>().Next(), Key = key, Name = key, Salt = 42, CreatedAt = DateTimeOffset.UnixEpoch });
        point.CurrentVersion++;
        db.Add(new Blueprint
        {
            Id = app.Get<Ids>().Next(), DecisionPointId = point.Id, Version = point.CurrentVersion, Content = content, Hash = BlueprintJson.Hash(content),
            PublishedAt = at ?? DateTimeOffset.UnixEpoch, PublishedBy = "test",
        });
        await db.SaveChangesAsync();
        await app.Get<SnapshotRefresher>().RefreshAsync(default);
        return point.Id;
    }

    public static async Task ChangeAsync(this LooperApp app, string key, Action<DecisionPoint> change, bool refresh = true)
    {
        await using var db = await app.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        change(await db.Set<DecisionPoint>().SingleAsync(p => p.Key == key));
        await db.SaveChangesAsync();
        if (refresh) await app.Get<SnapshotRefresher>().RefreshAsync(default);
    }

    public static Task<HttpResponseMessage> SendAsync(this HttpClient client, string route, string json) => client.SendAsync(route, Encoding.UTF8.GetBytes(json));

    public static async Task<HttpResponseMessage> SendAsync(this HttpClient client, string route, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return await client.PostAsync(route, content);
    }

    public static async Task<JsonNode> JsonAsync(this HttpResponseMessage answer) => JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;

    /// <summary>The answer, which must be a success.</summary>
    public static async Task<JsonNode> OkAsync(this HttpClient client, string route, string json)
    {
        using var answer = await client.SendAsync(route, json);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode}: {body}");
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        return JsonNode.Parse(body)!;
    }
}
