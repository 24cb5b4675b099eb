using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Models;
using Looper.Core.Numerics;
using Looper.Core.Runs;
using Looper.Core.Serving;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Api;

/// <summary>A model over HTTP, trained from the journal: what it is, does and says, and how two compare.</summary>
public sealed class ModelsApiTests(ModelsApiTests.TrainedApp trained) : IClassFixture<ModelsApiTests.TrainedApp>
{
    private const string Hostile = "<img src=x onerror=alert(1)>";

    [Theory, InlineData("1/promote"), InlineData("1/retire"), InlineData("go-back")] // a server's column would refuse it with a fault
    public async Task A_reason_that_nothing_holds_is_refused(string action)
    {
        await using var looper = new LooperApp();
        using var client = await looper.SignedInAsync(Role.Admin);
        using var answer = await client.PostAsJsonAsync($"/api/decision-points/nowhere/models/{action}", action == "go-back" ? (object)new { outcome = "purchase", reason = new string('x', 501) } : new { reason = new string('x', 501) });
        var problem = await Problem.IsAsync(answer, HttpStatusCode.UnprocessableEntity, "model.invalid");
        Assert.Equal(("reason", "Reason: 501 characters are more than the 500 there is room for. Shorten it."), ((string?)problem["field"], (string?)problem["detail"]));
    }

    [Fact]
    public async Task A_model_says_what_moves_its_predictions_and_what_that_is_worth()
    {
        var model = await GetAsync("1");
        var cart = model["features"]!.AsArray().Single(f => (string)f!["feature"]! == "cartValue")!;
        Assert.StartsWith("`cartValue`: moves the prediction up when it is higher", (string)cart["sentence"]!, StringComparison.Ordinal);
        Assert.True(cart["dependence"]!["levels"]!.AsArray().Count > 5);
        Assert.Equal(model["model"]!["quality"]!["rows"]!.GetValue<int>(), cart["dependence"]!["counts"]!.AsArray().Sum(c => (int)c!));
        Assert.Contains(model["typical"]!.AsArray(), t => (string)t!["feature"]! == "country" && (string)t["value"]! == Hostile);
    }

    [Fact]
    public async Task A_row_is_scored_for_every_option_and_explained()
    {
        using var client = await trained.App.SignedInAsync(Role.Viewer);
        using var answer = await client.PostAsJsonAsync($"{Models}/1/explain", new { values = new Dictionary<string, string> { ["@option"] = "ten-percent", ["cartValue"] = "90", ["country"] = "XX" } });
        var explained = (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
        var moves = explained["contributions"]!.AsArray().Sum(c => (double)c!["moves"]!);
        Assert.Equal((double)explained["prediction"]! - (double)explained["typical"]!, moves, tolerance: 1e-9);
        Assert.Equal(["none", "ten-percent", "free-shipping"], explained["options"]!.AsArray().Select(o => (string)o!["option"]!));
        Assert.True((bool)explained["contributions"]!.AsArray().Single(c => (string)c!["feature"]! == "country")!["isUnknown"]!);
        await Problem.IsAsync(await client.PostAsJsonAsync($"{Models}/1/explain", new { values = new Dictionary<string, string> { ["cartValue"] = Hostile } }), HttpStatusCode.UnprocessableEntity, "feature.invalid");
        await Problem.IsAsync(await client.PostAsJsonAsync($"{Models}/99/explain", new { values = new { } }), HttpStatusCode.NotFound, "model.unknown");
    }

    [Fact]
    public async Task Two_models_are_compared_and_without_new_examples_there_is_no_figure()
    {
        using var client = await trained.App.SignedInAsync(Role.Viewer);
        var compared = (await client.GetFromJsonAsync<JsonNode>($"{Models}/1/compare/2"))!;
        Assert.Contains(compared["metrics"]!.AsArray(), m => (string)m!["name"]! == "auc" && (double)m["a"]! > 0.5);
        Assert.Contains(compared["features"]!.AsArray(), f => (string)f!["feature"]! == "cartValue" && f["a"] is not null && f["b"] is not null);
        var same = (await client.GetFromJsonAsync<JsonNode>($"{Models}/1/compare/2/same-rows"))!;
        Assert.True((bool)same["isEnough"]!);
        Assert.True((double)same["gain"]!["low"]! <= (double)same["gain"]!["mean"]!);
        Assert.InRange((double)same["agreement"]!["sameOption"]!, 0, 1);
        await Problem.IsAsync(await client.GetAsync($"{Models}/1/compare/99/same-rows"), HttpStatusCode.NotFound, "model.unknown");
        await Problem.IsAsync(await client.GetAsync($"{Models}/99/compare/1"), HttpStatusCode.NotFound, "model.unknown");
    }

    [Fact]
    public async Task The_list_is_filtered_by_state_outcome_and_text()
    {
        using var client = await trained.App.SignedInAsync(Role.Viewer);
        async Task<int> CountAsync(string query) => (await client.GetFromJsonAsync<JsonArray>($"/api/models{query}"))!.Count;
        Assert.Equal(2, await CountAsync(""));
        Assert.Equal(1, await CountAsync("?state=live") + await CountAsync("?state=Candidate") - 1);
        Assert.Equal(0, await CountAsync("?outcome=refund"));
        Assert.Equal(2, await CountAsync("?q=BANN"));
        Assert.Equal(1, await CountAsync("?q=2"));
        Assert.Equal(0, await CountAsync("?q=%25")); // a percent sign means itself
        await Problem.IsAsync(await client.GetAsync("/api/models?state=asleep"), HttpStatusCode.UnprocessableEntity, "filter.invalid");
    }

    [Fact]
    public async Task The_newest_decision_fills_a_row_for_those_who_may_read_rows()
    {
        using var analyst = await trained.App.SignedInAsync(Role.Analyst);
        var row = (await analyst.GetFromJsonAsync<JsonNode>($"{Models}/1/recent-row"))!;
        Assert.Equal("d2999", (string)row["decisionId"]!);
        Assert.NotNull(row["values"]!["cartValue"]);
        Assert.Contains((string)row["values"]!["@option"]!, new[] { "none", "ten-percent", "free-shipping" });
        using var viewer = await trained.App.SignedInAsync(Role.Viewer);
        await Problem.IsAsync(await viewer.GetAsync($"{Models}/1/recent-row"), HttpStatusCode.Forbidden, "access.denied");
    }

    [Theory]
    [InlineData("")]
    [InlineData("/features")]
    [InlineData("/what-if")]
    [InlineData("/evidence")]
    [InlineData("/lineage")]
    public async Task A_page_shows_a_hostile_name_as_text(string part)
    {
        using var client = await trained.App.SignedInAsync(Role.Viewer);
        var html = await client.GetStringAsync($"/decision-points/banner/models/1{part}");
        Assert.DoesNotContain("<img src=x", html, StringComparison.Ordinal);
        // As a word: tokens of the page in base64 hold any three letters.
        Assert.DoesNotMatch(@"(?<![\w+/])(NaN|Infinity)(?![\w+/])", html);
        Assert.Contains("Model 1", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_settings_page_says_what_they_come_to()
    {
        using var client = await trained.App.SignedInAsync(Role.Viewer);
        var html = await client.GetStringAsync("/decision-points/banner/models/training");
        Assert.Contains("Looper trains here only when somebody presses", html, StringComparison.Ordinal);
        Assert.Contains("Shadow, live decisions", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_decision_of_the_gate_is_on_the_page_of_its_model_with_its_rules()
    {
        using var client = await trained.App.SignedInAsync(Role.Viewer);
        var decisions = (await client.GetFromJsonAsync<JsonArray>($"{Models}/1/gate-decisions"))!;
        Assert.NotEmpty(decisions);
        var html = await client.GetStringAsync("/decision-points/banner/models/1/evidence");
        Assert.Contains("Every decision about its place", html, StringComparison.Ordinal);
        Assert.Contains((string)decisions[0]!["evidence"]!["lines"]![0]!["rule"]!, html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/decision-points/banner/models/99/features", "has no model 99")]
    [InlineData("/decision-points/nowhere/models/1/what-if", "There is no decision point")]
    [InlineData("/models?state=asleep&q=zzz", "Nothing matches")]
    public async Task What_is_not_there_is_said(string address, string text)
    {
        using var client = await trained.App.SignedInAsync(Role.Viewer);
        Assert.Contains(text, await client.GetStringAsync(address), StringComparison.Ordinal);
    }

    private const string Models = "/api/decision-points/banner/models";

    private async Task<JsonNode> GetAsync(string part)
    {
        using var client = await trained.App.SignedInAsync(Role.Viewer);
        return (await client.GetFromJsonAsync<JsonNode>($"{Models}/{part}"))!;
    }

    /// <summary>A point with two models of one outcome: the second has learned from the same decisions, then a thousand new ones came.</summary>
    public sealed class TrainedApp : IAsyncLifetime
    {
        public LooperApp App { get; } = new();

        public async ValueTask InitializeAsync()
        {
            var point = await App.PublishAsync("banner", ServedApp.Banner with
            {
                Outcomes = [new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(1) }], Training = new() { IsOn = false, SearchSeconds = 0 },
            });
            await DecideAsync(point, 0, 2_000);
            await TrainAsync();
            await TrainAsync();
            await DecideAsync(point, 2_000, 3_000);
        }

        public ValueTask DisposeAsync() => App.DisposeAsync();

        private async Task TrainAsync()
        {
            var run = (await App.Get<ModelActions>().TrainAsync(Caller.System, "banner", provisional: false, default)).Value;
            while ((await App.Get<JobRunQueries>().FindAsync(Caller.System, run, default)).Value is { EndedAt: null }) await Task.Delay(50);
        }

        private async Task DecideAsync(Guid point, int from, int until)
        {
            var journal = App.Get<Journal>();
            var start = App.Get<TimeProvider>().GetUtcNow().AddDays(-1);
            var writes = new List<Task>();
            for (var i = from; i < until; i++)
            {
                var random = new Philox(seed: 5, "visitor", i);
                var (cart, option) = (100 * random.Uniform(), random.Below(3));
                var time = start.AddSeconds(i * 10);
                writes.Add(journal.AppendAsync(new DecisionRecord
                {
                    Id = $"d{i}", DecisionPointId = point, Unit = $"u{i}", Time = time, BlueprintVersion = 1, Option = option, Propensity = 1 / 3.0,
                    Reason = Reason.Explore, Served = Served(i % 3 == 0 ? "NL" : Hostile, cart),
                }, false, default).AsTask());
                if (random.Uniform() < 0.1 + 0.004 * cart + (option == 1 ? 0.2 : 0))
                    writes.Add(journal.AppendAsync([new ObservationRecord { Id = $"o{i}", DecisionId = $"d{i}", Outcome = "purchase", Value = 1, Time = time.AddSeconds(5), ReceivedAt = time.AddSeconds(5) }], default).AsTask());
            }
            await Task.WhenAll(writes);
        }

        private static byte[] Served(string country, double cart)
        {
            var bytes = new byte[128];
            var at = ServedRow.WriteText(bytes, Encoding.UTF8.GetBytes(country));
            at += ServedRow.WriteNumber(bytes.AsSpan(at), cart);
            return bytes[..at];
        }
    }
}
