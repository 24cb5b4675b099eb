using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Learning;
using Looper.Core.Models;
using Looper.Testing;
using Looper.Web.Tests.Hosting;
using Looper.Web.Tests.Models;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Web.Tests.Api;

/// <summary>How features are spread, over HTTP.</summary>
public sealed class FeaturesApiTests(FeaturesApp served) : IClassFixture<FeaturesApp>
{
    private const string Route = "/api/decision-points/banner/features";

    [Fact]
    public async Task An_analyst_reads_how_every_feature_is_spread()
    {
        var profiles = (await served.Analyst.GetFromJsonAsync<JsonNode>(Route))!;
        Assert.Equal((1, 300, 300), (N(profiles, "blueprintVersion"), N(profiles, "decisions"), N(profiles, "counted")));
        var (country, cart) = (profiles["features"]![0]!, profiles["features"]![1]!);
        Assert.Equal(("country", "category", 3, 1.0), ($"{country["name"]}", $"{country["kind"]}", N(country, "distinct"), N(country, "coverage")));
        Assert.Equal([("DE", 100), ("ES", 100), ("NL", 100)], country["levels"]!.AsArray().Select(l => ($"{l!["value"]}", N(l, "rows"))));
        Assert.Equal((0, 96, 300), (N(cart["numbers"]!, "smallest"), N(cart["numbers"]!, "largest"), cart["numbers"]!["counts"]!.AsArray().Sum(c => c!.GetValue<int>())));
        Assert.Null(cart["yesShare"]);
        Assert.Empty(country["beside"]!.AsArray());
    }

    [Fact]
    public async Task Beside_a_live_model_stand_its_drift_as_alerts_see_it_what_it_does_not_know_and_what_it_is_worth()
    {
        var point = await served.App.PublishAsync("learned", LiveModels.Banner);
        await served.DecideAsync("learned", 300, FeaturesApp.Country);
        served.Clock.Turn(TimeSpan.FromSeconds(1));
        await served.App.AddModelAsync(point, 1, ModelState.Live, profile: """{"features":[{"name":"country","edges":[],"levels":["NL","DE","FR"],"counts":[400,400,400,0,0]}],"outcome":null}""",
            artefact: Artefact.Write(new([new("country", ColumnKind.Category, ["NL", "DE", "FR"])], new TreeEnsemble(Objective.Squared, [0.5], [], [[0, 1, 2]]))));
        await served.App.ChangeModelAsync(1, m => typeof(Model).GetProperty(nameof(Model.Importance))!.SetValue(m, """[{"feature":"country","gain":1,"lossAdded":0.02,"low":0.01,"high":0.03}]"""));
        await served.DecideAsync("learned", 300, _ => "ES");
        var profiles = (await served.Analyst.GetFromJsonAsync<JsonNode>("/api/decision-points/learned/features"))!;
        var model = Assert.Single(profiles["models"]!.AsArray())!;
        Assert.Equal((1, 300, 600), (N(model, "number"), N(model, "units"), N(profiles, "counted"))); // for the model those from before it learned do not count
        var beside = profiles["features"]![0]!["beside"]![0]!;
        Assert.Equal((400 / 600.0, true), (N(beside, "unknownShare"), beside["isUsed"]!.GetValue<bool>()));
        var alerted = (await served.Analyst.GetFromJsonAsync<JsonNode>("/api/decision-points/learned/drift"))!["models"]![0]!["figures"]![0]!;
        Assert.Equal(alerted.ToJsonString(), beside["drift"]!.ToJsonString());
        Assert.Equal(("drift.feature", "others"), ($"{beside["drift"]!["condition"]}", $"{beside["bins"]![3]!["kind"]}"));
        Assert.Equal((0.0, 1.0), (N(beside["bins"]![3]!, "then"), N(beside["bins"]![3]!, "now")));
        Assert.Null(beside["importance"]); // judged on nothing
        Assert.False(profiles["features"]![1]!["beside"]![0]!["isUsed"]!.GetValue<bool>());
    }

    [Fact] // decisions go on while the newest are read: what is decided after the moment that is said does not count
    public async Task Counts_are_of_the_moment_they_name()
    {
        await served.App.PublishAsync("moment", LiveModels.Banner);
        await served.DecideAsync("moment", 40, FeaturesApp.Country);
        foreach (var (turn, counted) in new[] { (0, 40), (-1, 0), (1, 40) })
        {
            served.Clock.Turn(TimeSpan.FromSeconds(turn));
            var profiles = (await served.Analyst.GetFromJsonAsync<JsonNode>("/api/decision-points/moment/features"))!;
            Assert.Equal((counted, counted), (N(profiles, "decisions"), N(profiles, "counted")));
        }
    }

    [Fact]
    public async Task One_feature_is_read_by_name_and_an_unknown_one_is_refused_with_those_there_are()
    {
        Assert.Equal("cartValue", $"{Assert.Single((await served.Analyst.GetFromJsonAsync<JsonNode>($"{Route}/cartValue?range=7d"))!["features"]!.AsArray())!["name"]}");
        var problem = await Problem.IsAsync(await served.Analyst.GetAsync($"{Route}/cart"), HttpStatusCode.NotFound, "feature.unknown");
        Assert.Equal("feature", $"{problem["field"]}");
        Assert.Contains("`country` or `cartValue`", $"{problem["detail"]}", StringComparison.Ordinal);
        await Problem.IsAsync(await served.Analyst.GetAsync("/api/decision-points/none/features"), HttpStatusCode.NotFound, "decision-point.unknown");
    }

    [Theory, InlineData("soon", "Write it like"), InlineData("59m", "`1h` to `90d`"), InlineData("91d", "`1h` to `90d`")]
    public async Task A_range_that_cannot_be_looked_back_on_is_refused_with_what_can(string range, string fix)
    {
        var problem = await Problem.IsAsync(await served.Analyst.GetAsync($"{Route}?range={range}"), HttpStatusCode.UnprocessableEntity, "filter.invalid");
        Assert.Equal("range", $"{problem["field"]}");
        Assert.Contains(fix, $"{problem["detail"]}", StringComparison.Ordinal);
    }

    [Fact] // the smallest value and a rare category are those of one decision
    public async Task A_viewer_reads_no_values()
    {
        await Problem.IsAsync(await served.Viewer.GetAsync(Route), HttpStatusCode.Forbidden, "access.denied");
        await Problem.IsAsync(await served.Viewer.GetAsync($"{Route}/country"), HttpStatusCode.Forbidden, "access.denied");
    }

    [Fact]
    public async Task Features_of_candidates_stand_behind_those_of_the_context()
    {
        await served.App.PublishAsync("offers", new BlueprintContent
        {
            Shape = DecisionShape.Pick, Default = DecisionShapes.AsSent, Features = [new("country", FeatureKind.Category)], CandidateFeatures = [new("price", FeatureKind.Number)],
            Outcomes = [new("purchase", OutcomeKind.Boolean)], Goal = new() { Terms = [new("purchase")] },
        });
        for (var i = 0; i < 20; i++)
            await served.Client.OkAsync("/v1/decisions", $$$"""{"decisionPoint":"offers","unit":"u-{{{i}}}","candidates":[{"id":"a","features":{"price":1}},{"id":"b","features":{"price":"dear"}},{"id":"c"}]}""");
        var profiles = (await served.Analyst.GetFromJsonAsync<JsonNode>("/api/decision-points/offers/features"))!;
        Assert.Equal((60, 60), (N(profiles, "candidates"), N(profiles, "candidatesCounted")));
        var (country, price) = (profiles["features"]![0]!, profiles["features"]![1]!);
        Assert.Equal((20, true), (N(country, "missing"), country["coverage"] is null)); // too few for a share
        Assert.Equal((60, 20, 20, true), (N(price, "rows"), N(price, "missing"), N(price, "unusable"), price["isOfCandidates"]!.GetValue<bool>()));
        Assert.Null(price["numbers"]); // 20 of 30 known values
    }

    private static double N(JsonNode node, string name) => node[name]!.GetValue<double>();
}

/// <summary>One server, whose clock stands, with 300 decisions of a banner; country goes round and cartValue is i mod 97.</summary>
public sealed class FeaturesApp : IAsyncLifetime
{
    private int _calls;

    public FeaturesApp() => App = new(services: services => services.AddSingleton<TimeProvider>(Clock));

    public TestClock Clock { get; } = new();
    public LooperApp App { get; }
    public HttpClient Client { get; private set; } = null!;
    public HttpClient Analyst { get; private set; } = null!;
    public HttpClient Viewer { get; private set; } = null!;

    public static string Country(int i) => i % 3 == 0 ? "NL" : i % 3 == 1 ? "DE" : "ES";

    public async ValueTask InitializeAsync()
    {
        await App.PublishAsync("banner", LiveModels.Banner);
        (Client, Analyst, Viewer) = (await App.WithKeyAsync(), await App.SignedInAsync(Role.Analyst), await App.SignedInAsync(Role.Viewer));
        await DecideAsync("banner", 300, Country);
    }

    public Task DecideAsync(string point, int count, Func<int, string> country)
    {
        var call = ++_calls;
        return Client.OkAsync("/v1/decisions/batch", System.Text.Json.JsonSerializer.Serialize(new
        {
            items = Enumerable.Range(0, count).Select(i => new { decisionPoint = point, unit = $"u-{call}-{i}", context = new { country = country(i), cartValue = i % 97 } }),
        }));
    }

    public ValueTask DisposeAsync() => App.DisposeAsync();
}
