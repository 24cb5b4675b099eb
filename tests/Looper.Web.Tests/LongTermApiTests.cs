using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Causal;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Looper.Core.Serving;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Web.Tests;

/// <summary>From the log of months before, of an ended experiment and of a running one to a prediction, over HTTP, by the real scheduler. A banner brings more clicks, and clicks bring renewals
/// thirty days later.</summary>
public class LongTermApiTests
{
    // quick: how well it predicts is told where the index is, this is the way through it
    private static readonly EffectPlan s_quick = new() { Bases = [BaseLearner.Linear], MostBayesian = 0 };
    private static readonly TimeSpan s_window = TimeSpan.FromDays(30);

    private sealed record Shop(LooperApp Looper, HttpClient Client, Guid Point, Random Random)
    {
        public static async Task<Shop> OpenAsync(LooperApp looper, HttpClient client)
        {
            var point = Guid.CreateVersion7();
            var content = new BlueprintContent
            {
                Shape = DecisionShape.Choice, Options = [new("a"), new("b")], Default = "a", Features = [new("visits", FeatureKind.Number)],
                Outcomes =
                [
                    new("clicks", OutcomeKind.Count) { Window = TimeSpan.FromDays(1), Aggregation = Aggregation.Sum },
                    new("renewed", OutcomeKind.Boolean) { Window = s_window, Aggregation = Aggregation.Any }, new("seen", OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(1) },
                    new("rating", OutcomeKind.Number) { Window = TimeSpan.FromDays(10), Absent = null },
                ],
                Goal = new() { Terms = [new("renewed")] }, Policy = new FixedPolicy("a"),
            };
            await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
            db.Add(new DecisionPoint { Id = point, Key = "banner", Name = "Banner", CurrentVersion = 1, Salt = 7 });
            db.Add(new Blueprint { Id = Guid.CreateVersion7(), DecisionPointId = point, Version = 1, Content = BlueprintJson.Write(content), Hash = "h" });
            await db.SaveChangesAsync();
            return new(looper, client, point, new(5));
        }

        /// <summary>An experiment that began so many days ago, and ended where that is told.</summary>
        public async Task<Guid> ExperimentAsync(string key, double daysAgo, double? endedDaysAgo)
        {
            object plan = new { arms = new[] { new { key = "control", weight = 0.5, option = "a" }, new { key = "new", weight = 0.5, option = "b" } } };
            using var created = await Client.PostAsJsonAsync("/api/experiments", new { decisionPoint = "banner", key, name = key, plan });
            var id = (Guid)(await created.Content.ReadFromJsonAsync<JsonNode>())!["id"]!;
            using var started = await Client.PostAsJsonAsync($"/api/experiments/{id}/start", new { reason = "agreed" });
            Assert.Equal(HttpStatusCode.NoContent, started.StatusCode);
            if (endedDaysAgo is not null)
            {
                using var stopped = await Client.PostAsJsonAsync($"/api/experiments/{id}/stop", new { conclusion = "inconclusive" });
                Assert.True(stopped.IsSuccessStatusCode, await stopped.Content.ReadAsStringAsync());
            }
            await using var db = await Looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
            var experiment = await db.Set<Experiment>().SingleAsync(e => e.Id == id);
            var now = Looper.Get<TimeProvider>().GetUtcNow();
            (experiment.StartedAt, experiment.StoppedAt) = (now.AddDays(-daysAgo), endedDaysAgo is { } ended ? now.AddDays(-ended) : null);
            await db.SaveChangesAsync();
            return id;
        }

        /// <summary>Units that came over a day, so many days ago; null for none of an experiment.</summary>
        /// <param name="clicks">What the banner adds to them.</param>
        public async Task VisitAsync(int units, double daysAgo, Guid? experiment, double clicks, double past = 0)
        {
            var (journal, from, now) = (Looper.Get<Journal>(), Looper.Get<TimeProvider>().GetUtcNow().AddDays(-daysAgo), Looper.Get<TimeProvider>().GetUtcNow());
            List<ObservationRecord> seen = [];
            for (var i = 0; i < units; i++)
            {
                var (arm, visits, at) = (experiment is null ? 0 : i % 2, Random.Next(5), from.AddDays(Math.Min(1, daysAgo) * 0.9 * i / units));
                var served = new byte[ServedRow.MaxNumberBytes];
                var (id, length) = ($"{daysAgo}-{i}", ServedRow.WriteNumber(served, visits));
                await journal.AppendAsync(new DecisionRecord
                {
                    Id = id, DecisionPointId = Point, Unit = $"u{id}", Time = at, BlueprintVersion = 1, Option = arm, Propensity = experiment is null ? 1 : 0.5,
                    Reason = experiment is null ? Reason.Policy : Reason.Experiment, ExperimentId = experiment ?? Guid.Empty, Arm = experiment is null ? -1 : arm, Served = served.AsMemory(0, length),
                }, false, default);
                var many = Math.Max(0, Math.Round(visits * 0.4 + arm * clicks + Random.NextDouble() * 4 - 0.5));
                if (many > 0) seen.Add(Observed(id, "clicks", many, at.AddHours(2)));
                var renewed = at.AddDays(20);
                if (Random.NextDouble() < Math.Min(0.95, 0.05 + 0.15 * many + arm * past) && renewed < now) seen.Add(Observed(id, "renewed", 1, renewed));
            }
            await journal.AppendAsync([.. seen], default);
        }

        private static ObservationRecord Observed(string id, string outcome, double value, DateTimeOffset at) =>
            new() { Id = $"{id}-{outcome}", DecisionId = id, Outcome = outcome, Value = value, Time = at, ReceivedAt = at };

        public async Task<JsonNode> PredictAsync(Guid experiment, object request)
        {
            using var asked = await Client.PostAsJsonAsync($"/api/experiments/{experiment}/long-term", request);
            Assert.Equal(HttpStatusCode.Accepted, asked.StatusCode);
            var job = (Guid)(await asked.Content.ReadFromJsonAsync<JsonNode>())!["jobId"]!;
            for (var deadline = Environment.TickCount64 + 600_000; Environment.TickCount64 < deadline; await Task.Delay(100))
            {
                var run = (await Client.GetFromJsonAsync<JsonNode>($"/api/jobs/{job}"))!["run"]!;
                if ((string)run["state"]! is not ("done" or "failed" or "cancelled")) continue;
                Assert.Equal("done", (string)run["state"]!);
                var newest = (await Client.GetFromJsonAsync<JsonNode>($"/api/experiments/{experiment}/long-term"))![0]!;
                Assert.Equal((string)run["result"]!, (string)newest["verdict"]!);
                return (await Client.GetFromJsonAsync<JsonNode>($"/api/long-term/{newest["id"]}"))!["content"]!;
            }
            throw new TimeoutException("The run did not end.");
        }
    }

    [Fact]
    public async Task What_is_known_after_a_day_predicts_what_is_known_after_thirty_and_an_ended_experiment_confirms_it()
    {
        await using var looper = new LooperApp(services: services => services.AddSingleton(s_quick));
        using var engineer = await looper.SignedInAsync(Role.Engineer);
        var shop = await Shop.OpenAsync(looper, engineer);
        var ended = await shop.ExperimentAsync("first", daysAgo: 60, endedDaysAgo: 55);
        var running = await shop.ExperimentAsync("second", daysAgo: 8, endedDaysAgo: null);
        await shop.VisitAsync(1_500, 95, null, 0);
        await shop.VisitAsync(3_000, 59, ended, 1.2);
        await shop.VisitAsync(2_400, 6, running, 1);
        await shop.VisitAsync(100, 0.5, running, 1);

        var metrics = (await engineer.GetFromJsonAsync<JsonNode>($"/api/experiments/{running}/long-term/metrics"))!.AsArray();
        Assert.Equal([("renewed", "30d", "7d"), ("clicks", "1d", "6h")], metrics.Select(m => ((string)m!["key"]!, (string)m["window"]!, (string)m["early"]!)));

        var content = await shop.PredictAsync(running, new { metric = "renewed", early = "1d" });
        Assert.Equal(["clicks (sum) within 1d"], content["settings"]!["early"]!.AsArray().Select(e => (string)e!));
        Assert.Equal(["visits"], content["settings"]!["features"]!.AsArray().Select(e => (string)e!));
        Assert.Equal(["renewed (any) within 1d", "seen within 1m", "rating within 1d"], content["settings"]!["leftOut"]!.AsArray().Select(e => (string)e!["name"]!)); // nobody did so soon
        var effect = Assert.Single(content["effects"]!.AsArray())!;
        Assert.Equal("renewed is predicted to rise. In 1 of 1 earlier comparisons that could tell it came out as predicted.", (string)effect["verdict"]!);
        Assert.True((bool)effect["isSound"]!);
        var (low, high) = ((double)effect["predicted"]!["low"]!, (double)effect["predicted"]!["high"]!);
        Assert.InRange(0.14, low - (high - low) / 2, high + (high - low) / 2); // one click more, 15 in a hundred each, less a click below none
        Assert.Null(effect["observed"]); // nobody’s thirty days are over
        Assert.All(content["arms"]!.AsArray(), arm => Assert.Equal((1200, 0), ((int)arm!["units"]!, (int)arm["known"]!)));
        Assert.Equal(100, (int)content["waiting"]!);
        Assert.InRange((double)content["history"]!["explained"]!, 0.05, 0.5);
        Assert.True((double)content["history"]!["explained"]! > 2 * (double)content["history"]!["explainedByFeatures"]!);
        Assert.Equal(4_500, (int)content["history"]!["units"]!);
        var test = Assert.Single(content["backTests"]!.AsArray())!;
        Assert.Equal(("first", "new", 3_000, true, true), ((string)test["experiment"]!, (string)test["arm"]!, (int)test["units"]!, (bool)test["agrees"]!, (bool)test["hadDirection"]!));

        var again = await shop.PredictAsync(running, new { metric = "renewed", early = "1d" });
        Assert.Equal(effect["predicted"]!.ToJsonString(), again["effects"]![0]!["predicted"]!.ToJsonString());
    }

    [Fact]
    public async Task An_effect_that_early_outcomes_do_not_carry_is_no_ground_for_a_decision()
    {
        await using var looper = new LooperApp(services: services => services.AddSingleton(s_quick));
        using var engineer = await looper.SignedInAsync(Role.Engineer);
        var shop = await Shop.OpenAsync(looper, engineer);
        var ended = await shop.ExperimentAsync("first", daysAgo: 60, endedDaysAgo: 55);
        await shop.VisitAsync(1_500, 95, null, 0);
        await shop.VisitAsync(3_000, 59, ended, 0.5, past: -0.3); // more clicks, and fewer renewals than ever
        var content = await shop.PredictAsync(ended, new { metric = "renewed", early = "1d" });
        Assert.Equal("renewed is predicted to rise. Units whose time has come show another effect than their early outcomes say: do not act on the prediction.", (string)content["effects"]![0]!["verdict"]!);
        Assert.True((double)content["effects"]![0]!["observed"]!["high"]! < 0);
        Assert.False((bool)content["effects"]![0]!["isSound"]!);

        var running = await shop.ExperimentAsync("second", daysAgo: 8, endedDaysAgo: null);
        await shop.VisitAsync(2_400, 6, running, 1);
        var next = await shop.PredictAsync(running, new { metric = "renewed", early = "1d" });
        Assert.Equal("renewed is predicted to rise. Earlier experiments here came out otherwise than predicted: do not act on the prediction.", (string)next["effects"]![0]!["verdict"]!);
        Assert.False((bool)next["backTests"]![0]!["agrees"]!);
    }

    [Fact]
    public async Task What_cannot_be_predicted_says_why()
    {
        await using var looper = new LooperApp(services: services => services.AddSingleton(s_quick));
        using var engineer = await looper.SignedInAsync(Role.Engineer);
        var shop = await Shop.OpenAsync(looper, engineer);
        object plan = new { arms = new[] { new { key = "control", weight = 0.5, option = "a" }, new { key = "new", weight = 0.5, option = "b" } } };
        using var created = await engineer.PostAsJsonAsync("/api/experiments", new { decisionPoint = "banner", key = "draft", name = "draft", plan });
        var draft = (Guid)(await created.Content.ReadFromJsonAsync<JsonNode>())!["id"]!;
        await Problem.IsAsync(await engineer.PostAsJsonAsync($"/api/experiments/{draft}/long-term", new { }), HttpStatusCode.Conflict, "experiment.not-started");
        await Problem.IsAsync(await engineer.PostAsJsonAsync($"/api/experiments/{Guid.Empty}/long-term", new { }), HttpStatusCode.NotFound, "experiment.unknown");
        await Problem.IsAsync(await engineer.GetAsync($"/api/long-term/{Guid.Empty}"), HttpStatusCode.NotFound, "long-term.unknown");

        var id = await shop.ExperimentAsync("first", daysAgo: 8, endedDaysAgo: null);
        foreach (var (request, field) in new (object, string)[]
        {
            (new { metric = "absent" }, "metric"), (new { metric = "seen" }, "metric"), (new { metric = "rating" }, "metric"), (new { metric = "renewed", early = "30d" }, "early"), (new { metric = "renewed", early = "10s" }, "early"),
            (new { metric = "renewed", early = "-1d" }, "early"),
        })
        {
            var problem = await Problem.IsAsync(await engineer.PostAsJsonAsync($"/api/experiments/{id}/long-term", request), HttpStatusCode.UnprocessableEntity, "long-term.invalid");
            Assert.StartsWith(field, (string)problem["detail"]!, StringComparison.OrdinalIgnoreCase);
        }
        using var soon = await engineer.PostAsJsonAsync($"/api/experiments/{id}/long-term", new { early = "soon" });
        Assert.Equal(HttpStatusCode.BadRequest, soon.StatusCode);

        await shop.VisitAsync(100, 95, null, 0);
        await shop.VisitAsync(200, 6, id, 1);
        var content = await shop.PredictAsync(id, new { });
        Assert.Equal("Too little is known from before the experiment to predict from.", (string)content["effects"]![0]!["verdict"]!);
        Assert.Equal((100, 500), ((int)content["history"]!["shortage"]!["have"]!, (int)content["history"]!["shortage"]!["need"]!));
        Assert.Null(content["history"]!["explained"]); // unknown, not 0
        await shop.VisitAsync(1_000, 96, null, 0);
        content = await shop.PredictAsync(id, new { early = "1d" });
        Assert.Equal(("Too few units to predict from yet.", 100, 500), ((string)content["effects"]![0]!["verdict"]!, (int)content["effects"]![0]!["shortage"]!["have"]!, (int)content["effects"]![0]!["shortage"]!["need"]!));
    }
}
