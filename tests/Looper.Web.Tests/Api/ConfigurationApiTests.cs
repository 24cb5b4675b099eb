using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Api;

public sealed class ConfigurationApiTests(BannerApp banner) : IClassFixture<BannerApp>, IAsyncLifetime
{
    private static BlueprintContent Settings => new()
    {
        Shape = DecisionShape.Configuration,
        Parameters = [new("threshold") { Low = 0, High = 1 }, new("mode", ConfigurationKind.Category) { Values = ["calm", "eager"] }],
        Default = """{"threshold":0.5,"mode":"calm"}""",
        Outcomes = [new("opened", OutcomeKind.Boolean)],
        Goal = new() { Terms = [new("opened")], Guardrails = [new("opened", 0.1)] },
        Policy = new FixedPolicy("""{"mode":"eager","threshold":0.25}"""),
    };

    public async ValueTask InitializeAsync()
    {
        if (banner.App.Get<Looper.Core.Serving.DecisionEngine>().Current.Find("settings") is null) await banner.App.PublishAsync("settings", Settings);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task R7_an_app_gets_a_value_for_each_parameter_and_the_same_again()
    {
        const string body = """{"decisionPoint":"settings","unit":"u-1","decisionId":"settings-1"}""";
        var answer = await banner.Client.OkAsync("/v1/decisions", body);
        Assert.Equal("""{"threshold":0.25,"mode":"eager"}""", answer["decision"]!.ToJsonString());
        Assert.Equal((1.0, "policy", false), (answer["propensity"]!.GetValue<double>(), answer["reason"]!.GetValue<string>(), answer["isDefault"]!.GetValue<bool>()));
        Assert.Equal(answer.ToJsonString(), (await banner.Client.OkAsync("/v1/decisions", body)).ToJsonString());
        var record = (await banner.Events.FindDecisionAsync("settings-1", default))!;
        Assert.Equal("""{"threshold":0.25,"mode":"eager"}""", Encoding.UTF8.GetString(record.Configuration.Span));
    }

    [Fact]
    public async Task Its_pages_say_the_values_and_a_study_takes_its_parameters()
    {
        using var client = await banner.App.SignedInAsync(Role.Engineer);
        var blueprint = await client.GetStringAsync("/decision-points/settings/blueprint");
        Assert.Contains("number from 0 to 1", blueprint, StringComparison.Ordinal);
        Assert.Contains("always mode = eager, threshold = 0.25", blueprint, StringComparison.Ordinal);
        using var created = await client.PostAsJsonAsync("/api/studies", new { name = "Settings", decisionPoint = "settings" });
        var study = (await client.GetFromJsonAsync<JsonNode>($"/api/studies/{(await created.Content.ReadFromJsonAsync<JsonNode>())!["id"]}"))!["study"]!;
        Assert.Equal(["threshold", "mode"], study["plan"]!["parameters"]!.AsArray().Select(p => (string)p!["name"]!));
        Assert.Equal("eager", (string)study["plan"]!["statusQuo"]!["mode"]!);
        Assert.Contains("threshold", await client.GetStringAsync("/studies/new?point=settings"), StringComparison.Ordinal);
    }
}
