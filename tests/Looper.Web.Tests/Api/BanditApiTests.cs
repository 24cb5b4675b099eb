using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Core.Bandits;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Learning.Bandits;
using Looper.Core.Persistence;
using Looper.Testing;
using Looper.Web.Console.Shared;
using Looper.Web.Hosting;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Web.Tests.Api;

/// <summary>A bandit over HTTP: decisions, outcomes, learning, and the next decisions.</summary>
public sealed class BanditApiTests
{
    private static readonly BlueprintContent Content = ServedApp.Banner with
    {
        Policy = new BanditPolicy(), Outcomes = [new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(1), Absent = 0 }], Training = new() { IsOn = false },
        Rollout = new() { Holdout = 0, Share = 1 },
    };

    private readonly TestClock _clock = new();

    [Fact]
    public async Task It_learns_from_its_own_decisions_and_states_the_chances_it_draws_with()
    {
        await using var app = new LooperApp(services: s => s.AddSingleton<TimeProvider>(_clock));
        var point = await app.PublishAsync("banner", Content);
        using var client = await app.WithKeyAsync(KeyScopes.Decide | KeyScopes.Observe);
        var first = await DecideAsync(client, "before", "NL", 20);
        Assert.Equal(1 / 3.0, (double)first["propensity"]!, 1e-12);
        await BannerVisitors.ComeAsync(app, _clock, point, 0, 600);
        await app.Get<BanditLearning>().LearnAsync(default);
        await app.Get<SnapshotRefresher>().RefreshAsync(default);
        var best = new Dictionary<string, int>();
        for (var i = 0; i < 300; i++)
        {
            var country = i % 2 == 0 ? "NL" : "DE";
            var answer = await DecideAsync(client, $"after-{i}", country, i % 100);
            var (option, p) = ((string)answer["decision"]!, (double)answer["propensity"]!);
            Assert.InRange(p, BanditSettings.Floor(3) - 1e-12, 1);
            if (option == (country == "NL" ? "ten-percent" : "free-shipping")) best[country] = best.GetValueOrDefault(country) + 1;
        }
        Assert.All(best.Values, n => Assert.True(n > 120, $"{n} of 150"));

        var learned = await StateAsync(app);
        Assert.Equal(601, learned.Rows); // the one before, too
        await app.Get<BanditLearning>().LearnAsync(default);
        Assert.Equal(learned.Number, (await StateAsync(app)).Number); // nothing new, nothing learned
        await BannerVisitors.ComeAsync(app, _clock, point, 600, 700);
        await app.Get<BanditLearning>().LearnAsync(default);
        Assert.Equal(learned.Rows + 400, (await StateAsync(app)).Rows); // what it decided since, and a hundred more
    }

    [Fact]
    public async Task What_it_did_is_read_over_the_api_and_on_the_policy_page()
    {
        await using var app = new LooperApp(services: s => s.AddSingleton<TimeProvider>(_clock));
        var point = await app.PublishAsync("banner", Content);
        await app.PublishAsync("other", ServedApp.Banner);
        using var viewer = await app.SignedInAsync(Role.Viewer);
        var empty = (await viewer.GetFromJsonAsync<JsonNode>("/api/decision-points/banner/bandit"))!;
        Assert.Null(empty["learnedAt"]);
        Assert.Contains("Every option is drawn alike so far", await viewer.GetStringAsync("/decision-points/banner/policy"), StringComparison.Ordinal);
        await BannerVisitors.ComeAsync(app, _clock, point, 0, 200);
        await app.Get<BanditLearning>().LearnAsync(default);
        var view = (await viewer.GetFromJsonAsync<JsonNode>("/api/decision-points/banner/bandit"))!;
        Assert.Equal(200, (long)view["decisions"]!);
        Assert.Equal(1, view["options"]!.AsArray().Sum(o => (double)o!["chanceOfBest"]!), 1e-9);
        Assert.Equal(200, view["steps"]!.AsArray().Sum(s => (long)s!["decisions"]!));
        var page = await viewer.GetStringAsync("/decision-points/banner/policy");
        Assert.Contains("It last chose", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Which option does it believe to be best?", page, StringComparison.Ordinal); // one point is no line
        await BannerVisitors.ComeAsync(app, _clock, point, 200, 300);
        await app.Get<BanditLearning>().LearnAsync(default);
        Assert.Contains("Which option does it believe to be best?", await viewer.GetStringAsync("/decision-points/banner/policy"), StringComparison.Ordinal);
        await Problem.IsAsync(await viewer.GetAsync("/api/decision-points/other/bandit"), HttpStatusCode.NotFound, "bandit.unknown");
        await Problem.IsAsync(await viewer.GetAsync("/api/decision-points/none/bandit"), HttpStatusCode.NotFound, "decision-point.unknown");
    }

    [Fact] // ten percent is best in the country of the last, free shipping in the other
    public async Task What_it_believes_of_the_newest_contexts_does_not_hang_on_the_last_minute()
    {
        await using var app = new LooperApp(services: s => s.AddSingleton<TimeProvider>(_clock));
        var point = await app.PublishAsync("banner", Content);
        await BannerVisitors.ComeAsync(app, _clock, point, 0, 200);
        await app.Get<BanditLearning>().LearnAsync(default);
        var before = BanditStep.Read((await StateAsync(app)).Steps)[^1].Chances;
        await BannerVisitors.ComeAsync(app, _clock, point, 204, 205);
        await app.Get<BanditLearning>().LearnAsync(default);
        var after = BanditStep.Read((await StateAsync(app)).Steps)[^1];
        Assert.Equal(1, after.Decisions);
        Assert.Equal(before.Keys, after.Chances.Keys);
        Assert.All(after.Chances, c => Assert.InRange(c.Value, before[c.Key] - 0.05, before[c.Key] + 0.05));
        Assert.All([before["ten-percent"], before["free-shipping"]], c => Assert.InRange(c, 0.3, 0.7)); // of the last alone it would be nearly 0 or 1
    }

    [Fact]
    public async Task What_is_chosen_comes_as_often_as_stated_and_never_below_the_floor()
    {
        await using var app = new LooperApp(services: s => s.AddSingleton<TimeProvider>(_clock));
        var point = await app.PublishAsync("banner", Content with { Policy = new BanditPolicy { Algorithm = "squarecb", Explore = 0.06 } });
        using var client = await app.WithKeyAsync(KeyScopes.Decide | KeyScopes.Observe);
        await SaltAsync(app, 20_261_128); // with ids of its own the same draws each time: of a thousand others one would fail by chance
        await BannerVisitors.ComeAsync(app, _clock, point, 0, 90);
        await app.Get<BanditLearning>().LearnAsync(default);
        await app.Get<SnapshotRefresher>().RefreshAsync(default);
        var (n, counts, stated) = (2_000, new Dictionary<string, int>(), new Dictionary<string, double>());
        for (var i = 0; i < n; i++)
        {
            var answer = await DecideAsync(client, $"u{i}", "NL", 20, id: $"drawn-{i}");
            var (option, p) = ((string)answer["decision"]!, (double)answer["propensity"]!);
            counts[option] = counts.GetValueOrDefault(option) + 1;
            Assert.Equal(stated.TryAdd(option, p) ? p : stated[option], p); // between two learnings a row has one distribution
        }
        Assert.Equal(1, stated.Values.Sum(), 1e-9);
        Assert.InRange(stated.Values.Min(), 0.02, 0.3);
        var chi2 = stated.Sum(o => (counts[o.Key] - n * o.Value) * (counts[o.Key] - n * o.Value) / (n * o.Value));
        Assert.InRange(chi2, 0, 13.8); // χ² of 2 degrees, p = 0.001
    }

    [Fact]
    public async Task What_was_learned_survives_a_restart_and_is_learned_once_wherever_it_fell()
    {
        await using var app = new LooperApp(services: s => s.AddSingleton<TimeProvider>(_clock));
        var point = await app.PublishAsync("banner", Content);
        await BannerVisitors.ComeAsync(app, _clock, point, 0, 600);
        await app.Get<BanditLearning>().LearnAsync(default);
        await app.Get<SnapshotRefresher>().RefreshAsync(default);
        var learned = await StateAsync(app);

        await app.RestartAsync();
        using var client = await app.WithKeyAsync();
        Assert.NotEqual(1 / 3.0, (double)(await DecideAsync(client, "first", "NL", 20))["propensity"]!, 1e-6);
        await BannerVisitors.ComeAsync(app, _clock, point, 600, 900);
        foreach (var after in new[] { false, true })
        {
            var falling = new FallingDatabases(app.Get<IDbContextFactory<LooperDb>>(), 1, after);
            var learning = ActivatorUtilities.CreateInstance<BanditLearning>(app.Services, falling);
            await Assert.ThrowsAsync<FallingDatabases.FallException>(() => learning.LearnAsync(default));
            Assert.Equal(after ? 901 : 600, (await StateAsync(app)).Rows);
        }
        await app.Get<BanditLearning>().LearnAsync(default);
        var again = await StateAsync(app);
        Assert.Equal((901L, learned.Number + 1), (again.Rows, again.Number)); // the 900, and the decision after the restart
        Assert.Equal(901, BanditFile.Read(again.State)!.Statistics.Weight);
    }

    [Fact]
    public async Task A_version_with_another_goal_forgets_what_was_learned_for_the_one_before()
    {
        await using var app = new LooperApp(services: s => s.AddSingleton<TimeProvider>(_clock));
        var point = await app.PublishAsync("banner", Content);
        await BannerVisitors.ComeAsync(app, _clock, point, 0, 200);
        await app.Get<BanditLearning>().LearnAsync(default);
        await app.PublishAsync("banner", Content with { Outcomes = [.. Content.Outcomes, new("stars", OutcomeKind.Number) { Window = TimeSpan.FromMinutes(1) }], Goal = new() { Terms = [new("stars")] } });
        await app.Get<BanditLearning>().LearnAsync(default);
        await app.Get<SnapshotRefresher>().RefreshAsync(default);
        using var client = await app.WithKeyAsync();
        Assert.Equal(1 / 3.0, (double)(await DecideAsync(client, "u", "NL", 20))["propensity"]!, 1e-12);
        using var viewer = await app.SignedInAsync(Role.Viewer);
        Assert.Null((await viewer.GetFromJsonAsync<JsonNode>("/api/decision-points/banner/bandit"))!["learnedAt"]);
    }

    [Fact]
    public async Task Guardrails_hold_and_are_told_over_the_api_and_on_the_policy_page()
    {
        await using var app = new LooperApp(services: s => s.AddSingleton<TimeProvider>(_clock));
        var guarded = Content with
        {
            Policy = new BanditPolicy { Explore = 0.06 }, Outcomes = [.. Content.Outcomes, new("refund", OutcomeKind.Boolean) { Better = Direction.Lower, Window = TimeSpan.FromMinutes(1), Absent = 0 }],
            Goal = Content.Goal with { Guardrails = [new("refund", 0.2)] },
        };
        var point = await app.PublishAsync("banner", guarded);
        using var client = await app.WithKeyAsync(KeyScopes.Decide | KeyScopes.Observe);
        using var viewer = await app.SignedInAsync(Role.Viewer);
        Assert.Contains(await OptionsAsync(client, "none"), p => Math.Abs(p - 0.96) < 1e-12); // nothing known: the baseline
        Assert.Contains("nothing is known of its guardrails", await viewer.GetStringAsync("/decision-points/banner/policy"), StringComparison.Ordinal);

        await BannerVisitors.ComeAsync(app, _clock, point, 0, 300);
        await app.Get<BanditLearning>().LearnAsync(default); // nobody has reported a refund
        var unknown = (await viewer.GetFromJsonAsync<JsonNode>("/api/decision-points/banner/bandit"))!;
        Assert.Equal(("unknown", 1.0), ((string)unknown["guardrails"]![0]!["state"]!, (double)unknown["held"]!));
        Assert.Contains("are alike: perhaps it is not reported at all", await viewer.GetStringAsync("/decision-points/banner/policy"), StringComparison.Ordinal);

        await BannerVisitors.ComeAsync(app, _clock, point, 300, 2_100, refunds: option => option == 1 ? 0.5 : 0.2); // ten percent is sent back more than twice as often
        await app.Get<BanditLearning>().LearnAsync(default);
        await app.Get<SnapshotRefresher>().RefreshAsync(default);
        var known = (await viewer.GetFromJsonAsync<JsonNode>("/api/decision-points/banner/bandit"))!;
        var figure = known["guardrails"]![0]!;
        Assert.Equal(("binding", "none"), ((string)figure["state"]!, (string)known["baseline"]!));
        Assert.InRange((double)figure["baseline"]!["mean"]!, 0.1, 0.25);
        Assert.True((double)figure["policy"]!["mean"]! <= (double)figure["limit"]!, figure.ToJsonString());
        var page = WebUtility.HtmlDecode(await viewer.GetStringAsync("/decision-points/banner/policy"));
        Assert.Contains("so each percentage point of refund takes ", page, StringComparison.Ordinal);
        foreach (var term in (string[])["Spent on exploring", "Always at random", "Mean goal", "Chance of being best", "Binding, slack", "Price of harm (λ)", "Margin"]) Assert.Contains(Glossary.Of(term), page, StringComparison.Ordinal);
        var answers = new Dictionary<string, int>();
        for (var i = 0; i < 200; i++) // a Dutch visitor, for whom ten percent sells best
        {
            var option = (string)(await DecideAsync(client, $"guarded-{i}", "NL", i % 100))["decision"]!;
            answers[option] = answers.GetValueOrDefault(option) + 1;
        }
        Assert.True(answers.GetValueOrDefault("ten-percent") < 60, string.Join(", ", answers));
    }

    private static async Task<List<double>> OptionsAsync(HttpClient client, string option)
    {
        var propensities = new List<double>();
        for (var i = 0; i < 20; i++)
            if (await DecideAsync(client, $"{option}-{i}", "NL", 20) is var answer && (string)answer["decision"]! == option) propensities.Add((double)answer["propensity"]!);
        return propensities;
    }

    private static async Task<JsonNode> DecideAsync(HttpClient client, string unit, string country, double cart, string? id = null) =>
        await client.OkAsync("/v1/decisions", $$$"""{"decisionPoint":"banner","unit":"{{{unit}}}","decisionId":{{{(id is null ? "null" : $"\"{id}\"")}}},"context":{"country":"{{{country}}}","cartValue":{{{cart}}}}}""");

    private static async Task SaltAsync(LooperApp app, long salt)
    {
        await using var db = await app.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        await db.Set<DecisionPoint>().ExecuteUpdateAsync(p => p.SetProperty(x => x.Salt, salt));
    }

    private static async Task<LearnedBandit> StateAsync(LooperApp app)
    {
        await using var db = await app.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        return await db.Set<LearnedBandit>().AsNoTracking().SingleAsync();
    }
}
