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

/// <summary>How features are spread, over HTTP: 300 decisions of a banner, and a live model that learned where ES was unknown.</summary>
public sealed class FeaturesApiTests : IAsyncLifetime
{
    private const string Route = "/api/decision-points/banner/features";
    private readonly LooperApp _looper = new();
    private HttpClient _app = null!;
    private Guid _point;

    public async ValueTask InitializeAsync()
    {
        _point = await _looper.PublishAsync("banner", LiveModels.Banner);
        _app = await _looper.WithKeyAsync();
        await _app.DecideAsync(0, 300, i => i % 3 == 0 ? "NL" : i % 3 == 1 ? "DE" : "ES"); // cartValue is i mod 97
    }

    public ValueTask DisposeAsync() => _looper.DisposeAsync();

    [Fact]
    public async Task An_analyst_reads_how_every_feature_is_spread()
    {
        using var analyst = await _looper.SignedInAsync(Role.Analyst);
        var profiles = (await analyst.GetFromJsonAsync<JsonNode>(Route))!;
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
        await _looper.AddModelAsync(_point, 1, ModelState.Live, profile: """{"features":[{"name":"country","edges":[],"levels":["NL","DE","FR"],"counts":[400,400,400,0,0]}],"outcome":null}""",
            artefact: Artefact.Write(new([new("country", ColumnKind.Category, ["NL", "DE", "FR"])], new TreeEnsemble(Objective.Squared, [0.5], [], [[0, 1, 2]]))));
        await _looper.ChangeModelAsync(1, m => typeof(Model).GetProperty(nameof(Model.Importance))!.SetValue(m, """[{"feature":"country","gain":1,"lossAdded":0.02,"low":0.01,"high":0.03}]"""));
        await _app.DecideAsync(300, 300, _ => "ES");
        using var analyst = await _looper.SignedInAsync(Role.Analyst);
        var profiles = (await analyst.GetFromJsonAsync<JsonNode>(Route))!;
        var model = Assert.Single(profiles["models"]!.AsArray())!;
        Assert.Equal((1, 300, 600), (N(model, "number"), N(model, "units"), N(profiles, "counted"))); // for the model those from before it learned do not count
        var beside = profiles["features"]![0]!["beside"]![0]!;
        Assert.Equal((400 / 600.0, true), (N(beside, "unknownShare"), beside["isUsed"]!.GetValue<bool>()));
        var alerted = (await analyst.GetFromJsonAsync<JsonNode>("/api/decision-points/banner/drift"))!["models"]![0]!["figures"]![0]!;
        Assert.Equal(alerted.ToJsonString(), beside["drift"]!.ToJsonString());
        Assert.Equal(("drift.feature", "others"), ($"{beside["drift"]!["condition"]}", $"{beside["bins"]![3]!["kind"]}"));
        Assert.Equal((0.0, 1.0), (N(beside["bins"]![3]!, "then"), N(beside["bins"]![3]!, "now")));
        Assert.Null(beside["importance"]); // judged on nothing
        Assert.False(profiles["features"]![1]!["beside"]![0]!["isUsed"]!.GetValue<bool>());
    }

    [Fact] // decisions go on while the newest are read: what is decided after the moment that is said does not count
    public async Task Counts_are_of_the_moment_they_name()
    {
        var clock = new TestClock();
        await using var looper = new LooperApp(services: services => services.AddSingleton<TimeProvider>(clock));
        await looper.PublishAsync("banner", LiveModels.Banner);
        await (await looper.WithKeyAsync()).DecideAsync(0, 40, _ => "NL");
        using var analyst = await looper.SignedInAsync(Role.Analyst);
        foreach (var (turn, counted) in new[] { (0, 40), (-1, 0), (1, 40) })
        {
            clock.Turn(TimeSpan.FromSeconds(turn));
            var profiles = (await analyst.GetFromJsonAsync<JsonNode>(Route))!;
            Assert.Equal((counted, counted), (N(profiles, "decisions"), N(profiles, "counted")));
        }
    }

    [Fact]
    public async Task One_feature_is_read_by_name_and_an_unknown_one_is_refused_with_those_there_are()
    {
        using var analyst = await _looper.SignedInAsync(Role.Analyst);
        Assert.Equal("cartValue", $"{Assert.Single((await analyst.GetFromJsonAsync<JsonNode>($"{Route}/cartValue?range=7d"))!["features"]!.AsArray())!["name"]}");
        var problem = await Problem.IsAsync(await analyst.GetAsync($"{Route}/cart"), HttpStatusCode.NotFound, "feature.unknown");
        Assert.Equal("feature", $"{problem["field"]}");
        Assert.Contains("`country` or `cartValue`", $"{problem["detail"]}", StringComparison.Ordinal);
        await Problem.IsAsync(await analyst.GetAsync("/api/decision-points/none/features"), HttpStatusCode.NotFound, "decision-point.unknown");
    }

    [Theory, InlineData("soon", "Write it like"), InlineData("59m", "`1h` to `90d`"), InlineData("91d", "`1h` to `90d`")]
    public async Task A_range_that_cannot_be_looked_back_on_is_refused_with_what_can(string range, string fix)
    {
        using var analyst = await _looper.SignedInAsync(Role.Analyst);
        var problem = await Problem.IsAsync(await analyst.GetAsync($"{Route}?range={range}"), HttpStatusCode.UnprocessableEntity, "filter.invalid");
        Assert.Equal("range", $"{problem["field"]}");
        Assert.Contains(fix, $"{problem["detail"]}", StringComparison.Ordinal);
    }

    [Fact] // the smallest value and a rare category are those of one decision
    public async Task A_viewer_reads_no_values()
    {
        using var viewer = await _looper.SignedInAsync(Role.Viewer);
        await Problem.IsAsync(await viewer.GetAsync(Route), HttpStatusCode.Forbidden, "access.denied");
        await Problem.IsAsync(await viewer.GetAsync($"{Route}/country"), HttpStatusCode.Forbidden, "access.denied");
    }

    [Fact]
    public async Task Features_of_candidates_stand_behind_those_of_the_context()
    {
        await _looper.PublishAsync("offers", new BlueprintContent
        {
            Shape = DecisionShape.Pick, Default = DecisionShapes.AsSent, Features = [new("country", FeatureKind.Category)], CandidateFeatures = [new("price", FeatureKind.Number)],
            Outcomes = [new("purchase", OutcomeKind.Boolean)], Goal = new() { Terms = [new("purchase")] },
        });
        for (var i = 0; i < 20; i++)
            await _app.OkAsync("/v1/decisions", $$$"""{"decisionPoint":"offers","unit":"u-{{{i}}}","candidates":[{"id":"a","features":{"price":1}},{"id":"b","features":{"price":"dear"}},{"id":"c"}]}""");
        using var analyst = await _looper.SignedInAsync(Role.Analyst);
        var profiles = (await analyst.GetFromJsonAsync<JsonNode>("/api/decision-points/offers/features"))!;
        Assert.Equal((60, 60), (N(profiles, "candidates"), N(profiles, "candidatesCounted")));
        var (country, price) = (profiles["features"]![0]!, profiles["features"]![1]!);
        Assert.Equal((20, true), (N(country, "missing"), country["coverage"] is null)); // too few for a share
        Assert.Equal((60, 20, 20, true), (N(price, "rows"), N(price, "missing"), N(price, "unusable"), price["isOfCandidates"]!.GetValue<bool>()));
        Assert.Null(price["numbers"]); // 20 of 30 known values
    }

    private static double N(JsonNode node, string name) => node[name]!.GetValue<double>();
}
