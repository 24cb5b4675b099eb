using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Learning;
using Looper.Core.Learning.Trees;
using Looper.Core.Models;
using Looper.Core.Policies;
using Looper.Core.Studies;
using Looper.Testing;
using Looper.Web.Tests.Api;
using Looper.Web.Tests.Hosting;
using Looper.Web.Tests.Models;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Web.Tests.Policies;

/// <summary>What learns beside a ranking, and a study on its log, over HTTP. Two of three offers are shown. The truth is known: who sees an offer first buys it with
/// the chance below, half as often in the second place, and hides it as often in either. The model prefers the dearest, which is bought least.</summary>
public sealed class RankedPoliciesTests : IClassFixture<RankedPoliciesTests.LoggedFeed>
{
    private const double Logged = 0.6;
    private const int Decisions = 3_000;
    private static readonly double[] s_bought = [0.5, 0.3, 0.1], s_hidden = [0.05, 0.1, 0.2], s_scores = [0.1, 0.2, 0.3];

    private static readonly BlueprintContent s_feed = new()
    {
        Shape = DecisionShape.Ranking, Positions = 2, Default = DecisionShapes.AsSent, CandidateFeatures = [new("price", FeatureKind.Number)], Policy = new EpsilonGreedyPolicy(Logged),
        Outcomes =
        [
            new("purchase", OutcomeKind.Boolean) { Aggregation = Aggregation.Any, Window = TimeSpan.FromMinutes(1) },
            new("hidden", OutcomeKind.Boolean) { Aggregation = Aggregation.Any, Window = TimeSpan.FromMinutes(1), Better = Direction.Lower },
        ],
        Goal = new() { Terms = [new("purchase")] }, Training = new() { IsOn = false },
    };

    private readonly LooperApp _looper;
    private readonly HttpClient _engineer;

    public RankedPoliciesTests(LoggedFeed feed) => (_looper, _engineer) = (feed.Looper, feed.Engineer);

    [Fact]
    public async Task What_learns_beside_a_ranking_is_told_by_the_place()
    {
        const string route = "/api/decision-points/feed/apprentice";
        await Problem.IsAsync(await _engineer.GetAsync(route), HttpStatusCode.NotFound, "apprentice.unknown");
        await Problem.IsAsync(await _engineer.PutAsJsonAsync(route, new { policy = new { kind = "random", weights = new[] { 1, 2, 3 } } }), HttpStatusCode.UnprocessableEntity, "apprentice.invalid");
        Rule even = (left, _) => [.. left.Select(_ => 1.0 / left.Length)], cheapest = (left, _) => [.. left.Select(c => 0.02 / left.Length + (c == left.Min() ? 0.98 : 0))];
        await IsToldAsync(route, null, (Worth(even) + 2 * Worth(cheapest)) / 3, learned: 2_000); // the default, a bandit: it knows nothing of the first thousand, and then that what is cheap sells
        await IsToldAsync(route, new { kind = "as-sent" }, Worth((left, _) => [.. left.Select((_, i) => i == 0 ? 1.0 : 0)]));
        await IsToldAsync(route, new { kind = "softmax", temperature = 0.1 }, Worth((left, _) => Normalised([.. left.Select(c => Math.Exp(10 * s_scores[c]))])));
        Assert.Equal(0, await _looper.Get<ApprenticeActions>().FollowAsync(default)); // nothing new
        Assert.Contains("Learning beside", await _engineer.GetStringAsync("/decision-points/feed/policy"), StringComparison.Ordinal);
        using var drafted = await _engineer.PostAsync(route + "/draft", null);
        Assert.Equal(HttpStatusCode.Created, drafted.StatusCode);
    }

    [Fact]
    public async Task A_study_on_the_log_of_a_ranking_measures_what_its_settings_are_worth()
    {
        var id = await StartedAsync(new
        {
            source = "logged", trials = 8, seed = 5, parameters = new[] { new { name = "epsilon", low = 0, high = 1 } }, statusQuo = new { epsilon = Logged },
            goals = new[] { new { metric = "purchase" } }, guardrails = new[] { new { metric = "hidden", atMost = 0.05 } },
        });
        JsonNode? study = null;
        await Eventually.IsTrueAsync(async () =>
        {
            await _looper.Get<StudyLoop>().AdvanceAllAsync(default);
            return (study = (await _engineer.GetFromJsonAsync<JsonNode>($"/api/studies/{id}"))!)["study"]!["state"]!.ToString() is "finished" or "paused";
        });
        Assert.Equal("finished", study!["study"]!["state"]!.ToString());
        var trials = study["trials"]!.AsArray();
        Assert.Equal(8, trials.Count(t => t!["state"]!.ToString() == "measured"));
        foreach (var trial in trials)
        {
            var epsilon = (double)trial!["parameters"]!["epsilon"]!;
            Near(trial["metrics"]!["purchase"]!, Worth(Greedy(epsilon)) / Worth(Greedy(Logged)) - 1, 0.06);
            Near(trial["metrics"]!["hidden"]!, Hidden(Greedy(epsilon)) / Hidden(Greedy(Logged)) - 1, 0.06);
        }
        Assert.InRange((double)study["best"]!["parameters"]!["epsilon"]!, 0.85, 1); // the more it explores, the less the dearest is shown first
    }

    [Fact]
    public async Task An_order_without_numbers_has_nothing_to_tune()
    {
        await _looper.PublishAsync("plain", s_feed with { Policy = new AsSentPolicy() });
        foreach (var plan in new object[] { new { source = "logged" }, new { plan = new { source = "logged", parameters = new[] { new { name = "epsilon", low = 0, high = 1 } }, goals = new[] { new { metric = "purchase" } } } } })
        {
            var request = JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(plan))!.AsObject();
            (request["name"], request["decisionPoint"]) = ("Order", "plain");
            using var refused = await _engineer.PostAsJsonAsync("/api/studies", request);
            var problem = await Problem.IsAsync(refused, HttpStatusCode.UnprocessableEntity, "study.invalid");
            Assert.StartsWith("parameters", problem["field"]!.ToString(), StringComparison.Ordinal);
            Assert.Contains("no numbers to tune", problem["detail"]!.ToString(), StringComparison.Ordinal);
        }
    }

    private async Task IsToldAsync(string route, object? policy, double truth, int? learned = null)
    {
        using var begun = await _engineer.PutAsJsonAsync(route, new { policy });
        Assert.True(begun.StatusCode == HttpStatusCode.OK, await begun.Content.ReadAsStringAsync());
        JsonNode? view = null;
        await Eventually.IsTrueAsync(async () => (view = await _engineer.GetFromJsonAsync<JsonNode>(route))!["evaluation"]?["state"]?.ToString() is "done" or "failed");
        var result = view!["evaluation"]!["result"]!;
        Assert.Null(result["refused"]?.ToString());
        Assert.Equal((Decisions, "place shown", learned), ((int)result["decisions"]!, result["per"]!.ToString(), (int?)result["learning"]?["learned"]));
        var (value, error) = ((double)result["value"]!["value"]!, (double)result["value"]!["standardError"]!);
        Assert.InRange(value, truth - 4 * error, truth + 4 * error);
        Assert.InRange(error, 0, 0.1 * truth);
        Assert.InRange((double)result["served"]!["value"]!, Worth(Greedy(Logged)) - 0.025, Worth(Greedy(Logged)) + 0.025); // four standard errors of 6,000 places
    }

    private static void Near(JsonNode metric, double truth, double most)
    {
        var (mean, error) = ((double)metric["mean"]!, (double)metric["standardError"]!);
        Assert.InRange(mean, truth - 4 * error - 1e-9, truth + 4 * error + 1e-9);
        Assert.InRange(error, 0, most);
    }

    private async Task<Guid> StartedAsync(object plan)
    {
        using var created = await _engineer.PostAsJsonAsync("/api/studies", new { name = "Exploration", decisionPoint = "feed", plan });
        Assert.True(created.StatusCode == HttpStatusCode.Created, await created.Content.ReadAsStringAsync());
        var id = (Guid)(await created.JsonAsync())["id"]!;
        using var started = await _engineer.PostAsync($"/api/studies/{id}/start", null);
        Assert.True(started.StatusCode == HttpStatusCode.NoContent, await started.Content.ReadAsStringAsync());
        return id;
    }

    private delegate double[] Rule(int[] left, int place);

    /// <summary>The dearest that is left, but for a share that is even.</summary>
    private static Rule Greedy(double epsilon) => (left, _) => [.. left.Select(c => epsilon / left.Length + (c == left.Max() ? 1 - epsilon : 0))];

    private static double Worth(Rule rule) => Mean(rule, (candidate, place) => s_bought[candidate] / (1 + place));

    private static double Hidden(Rule rule) => Mean(rule, (candidate, _) => s_hidden[candidate]);

    /// <summary>A place's mean, over every order of two.</summary>
    private static double Mean(Rule rule, Func<int, int, double> earns)
    {
        var (sum, all) = (0.0, new[] { 0, 1, 2 });
        foreach (var first in all)
        {
            int[] left = [.. all.Where(c => c != first)];
            var chances = rule(left, 1);
            for (var second = 0; second < left.Length; second++) sum += rule(all, 0)[first] * chances[second] * (earns(first, 0) + earns(left[second], 1)) / 2;
        }
        return sum;
    }

    private static double[] Normalised(double[] weights) => Array.ConvertAll(weights, w => w / weights.Sum());

    /// <summary>A tree that predicts a tenth of the price.</summary>
    private static byte[] Prices()
    {
        ImmutableArray<TreeNode> nodes =
        [
            new(0, 1.5, -1, 1, 2, MissingLeft: true, 0, 1, 1), new(0, 0, -1, -1, -1, false, s_scores[0], 1, 0),
            new(0, 2.5, -1, 3, 4, MissingLeft: true, 0, 1, 1), new(0, 0, -1, -1, -1, false, s_scores[1], 1, 0), new(0, 0, -1, -1, -1, false, s_scores[2], 1, 0),
        ];
        return Artefact.Write(new([new("price", ColumnKind.Number, [])], new TreeEnsemble(Objective.Squared, [0], [new Tree(nodes, [])], [default])));
    }

    /// <summary>The log that all of them read, written once.</summary>
    public sealed class LoggedFeed : IAsyncLifetime
    {
        private readonly TestClock _clock = new();

        public LooperApp Looper { get; }

        public HttpClient Engineer { get; private set; } = null!;

        public LoggedFeed() => Looper = new(services: services => services.AddSingleton<TimeProvider>(_clock));

        public async ValueTask InitializeAsync()
        {
            await Looper.AddModelAsync(await Looper.PublishAsync("feed", s_feed), 1, ModelState.Live, artefact: Prices());
            Engineer = await Looper.SignedInAsync(Role.Engineer);
            using var app = await Looper.WithKeyAsync();
            var random = new Core.Numerics.Philox(12, "ranked policies");
            for (var from = 0; from < Decisions; from += 1_000)
            {
                var calls = Enumerable.Range(from, 1_000).Select(i => $$$"""{"decisionPoint":"feed","unit":"u{{{i}}}","decisionId":"d{{{i}}}","candidates":[{"id":"0","features":{"price":1}},{"id":"1","features":{"price":2}},{"id":"2","features":{"price":3}}]}""");
                var reports = new List<string>();
                foreach (var item in (await app.OkAsync("/v1/decisions/batch", $$"""{"items":[{{string.Join(',', calls)}}]}"""))["items"]!.AsArray())
                {
                    for (var place = 0; place < 2; place++)
                    {
                        var candidate = int.Parse(item!["result"]!["ranking"]![place]!["id"]!.ToString(), System.Globalization.CultureInfo.InvariantCulture);
                        void Report(string outcome) => reports.Add($$$"""{"decisionId":"{{{item["result"]!["decisionId"]}}}","candidate":"{{{candidate}}}","outcomes":{"{{{outcome}}}":true}}""");
                        if (random.Uniform() < s_bought[candidate] / (1 + place)) Report("purchase");
                        if (random.Uniform() < s_hidden[candidate]) Report("hidden");
                    }
                }
                foreach (var some in reports.Chunk(1_000)) await app.OkAsync("/v1/observations/batch", $$"""{"items":[{{string.Join(',', some)}}]}""");
                _clock.Turn(TimeSpan.FromMinutes(2)); // what learns on the way knows the thousand before
            }
        }

        public ValueTask DisposeAsync() => Looper.DisposeAsync();
    }
}
