using System.Net;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Api.Personalizer;

/// <summary>One server that other programs can call too, with decision points as apps that come from Personalizer need them, and some that cannot serve them.</summary>
public sealed class PersonalizerApp : IAsyncLifetime
{
    public LooperApp App { get; } = new(listens: true);

    /// <summary>With a key for <c>offers</c> alone, in Personalizer's header.</summary>
    public HttpClient Client { get; private set; } = null!;

    /// <summary>With a key for everything, in Personalizer's header.</summary>
    public HttpClient Everywhere { get; private set; } = null!;

    public string OffersKey { get; private set; } = "";
    public Guid Offers { get; private set; }
    public EventReader Events => App.Get<EventReader>();

    public static BlueprintContent Pick => new()
    {
        Shape = DecisionShape.Pick,
        Default = DecisionShapes.AsSent,
        Features = [new("timeOfDay", FeatureKind.Category), new("device.os", FeatureKind.Category), new("visits", FeatureKind.Number)],
        CandidateFeatures = [new("type", FeatureKind.Category), new("price.eur", FeatureKind.Number)],
        Outcomes = [new("reward", OutcomeKind.Number), new("clicked", OutcomeKind.Boolean), new("complaints", OutcomeKind.Count) { Better = Direction.Lower }],
        Goal = new() { Terms = [new("reward")] },
    };

    public async ValueTask InitializeAsync()
    {
        Offers = await App.PublishAsync("offers", Pick);
        await App.PublishAsync("as-sent", Pick with { Policy = new AsSentPolicy() });
        await App.PublishAsync("clicks", Pick with { Goal = new() { Terms = [new("clicked")] } });
        await App.PublishAsync("weighed", Pick with { Goal = new() { Terms = [new("reward"), new("clicked", 3)] } });
        await App.PublishAsync("fewer", Pick with { Goal = new() { Terms = [new("complaints")] } });
        await App.PublishAsync("banner", ServedApp.Banner);
        await App.PublishAsync("feed", Pick with { Shape = DecisionShape.Ranking, Positions = 2 });
        await App.ForceAsync("broken", "{}");
        OffersKey = await App.KeyAsync(KeyScopes.Decide | KeyScopes.Observe, Offers);
        Client = With(OffersKey);
        Everywhere = With(await App.KeyAsync());
    }

    public HttpClient With(string key)
    {
        var client = App.Anonymous();
        client.DefaultRequestHeaders.Add("Ocp-Apim-Subscription-Key", key);
        return client;
    }

    /// <summary>The refusal's error, which has Personalizer's form and these codes: its own, and Looper's within.</summary>
    public static async Task<JsonNode> ErrorAsync(HttpResponseMessage answer, HttpStatusCode status, string code, string inner)
    {
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(status == answer.StatusCode, $"Expected {status}, got {answer.StatusCode}: {body}");
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        var error = JsonNode.Parse(body)!["error"]!;
        Assert.Equal((code, inner), ((string?)error["code"], (string?)error["innerError"]!["code"]));
        Assert.False(string.IsNullOrWhiteSpace((string?)error["message"]));
        return error;
    }

    public ValueTask DisposeAsync() => App.DisposeAsync();
}
