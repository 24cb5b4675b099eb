using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Causal;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Persistence;
using Looper.Core.Personalization;
using Looper.Core.Serving;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Web.Tests;

/// <summary>From an experiment's log to effects to a draft policy, over HTTP, by the real scheduler.</summary>
public class EffectsApiTests
{
    private const int Units = 1_400;
    private const double Level = 0.94;

    // quick: how well the learners estimate is told where they are, this is the way through them
    private static readonly EffectPlan s_quick = new() { Bases = [BaseLearner.Boosting], Trees = 50, MostBayesian = 0 };

    /// <summary>Units that visit often buy with b, the others with a; b hurts the others. Who visits often sends one more parcel back with b.</summary>
    private static async Task<Guid> ExperimentAsync(LooperApp looper, HttpClient client, double level = 0.95, bool isYesNo = false)
    {
        Guid point;
        await using (var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync())
        {
            var content = new BlueprintContent
            {
                Shape = DecisionShape.Choice, Options = [new("a"), new("b")], Default = "a", Features = [new("visits", FeatureKind.Number), new("noise", FeatureKind.Number)],
                Outcomes = [new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(1) }, new("refunds", OutcomeKind.Number) { Window = TimeSpan.FromMinutes(1), Better = Direction.Lower }],
                Goal = new() { Terms = [new("purchase"), new("refunds", 0.01)], Guardrails = [new("refunds", 0.2)] }, Policy = new FixedPolicy("a"),
            };
            if (isYesNo) content = content with { Shape = DecisionShape.Binary, Options = [], Default = "false", Policy = new FixedPolicy("false") };
            var banner = new DecisionPoint { Id = point = Guid.CreateVersion7(), Key = "banner", Name = "Banner", CurrentVersion = 1, Salt = 7 };
            db.Add(banner);
            db.Add(new Blueprint { Id = Guid.CreateVersion7(), DecisionPointId = point, Version = 1, Content = BlueprintJson.Write(content), Hash = "h" });
            await db.SaveChangesAsync();
        }
        object plan = new { arms = new[] { new { key = "control", weight = 0.5, option = isYesNo ? "false" : "a" }, new { key = "new", weight = 0.5, option = isYesNo ? "true" : "b" } }, level };
        using var created = await client.PostAsJsonAsync("/api/experiments", new { decisionPoint = "banner", key = "banner-q4", name = "Banner", plan });
        var id = (Guid)(await created.Content.ReadFromJsonAsync<JsonNode>())!["id"]!;
        await Problem.IsAsync(await client.PostAsJsonAsync($"/api/experiments/{id}/effects", new { }), HttpStatusCode.Conflict, "experiment.not-started");
        using var started = await client.PostAsJsonAsync($"/api/experiments/{id}/start", new { reason = "agreed" });
        Assert.Equal(HttpStatusCode.NoContent, started.StatusCode);

        var (past, journal, random) = (looper.Get<TimeProvider>().GetUtcNow().AddHours(-1), looper.Get<Journal>(), new Random(5));
        List<ObservationRecord> bought = [];
        for (var i = 0; i < Units; i++)
        {
            var (arm, visits, at) = (i % 2, random.Next(10), past.AddSeconds(i * 0.01));
            var served = new byte[2 * ServedRow.MaxNumberBytes];
            var length = ServedRow.WriteNumber(served, visits);
            length += ServedRow.WriteNumber(served.AsSpan(length), random.NextDouble());
            await journal.AppendAsync(new DecisionRecord
            {
                Id = $"d{i}", DecisionPointId = point, Unit = $"u{i}", Time = at, BlueprintVersion = 1, Option = arm, Propensity = 0.5,
                Reason = Reason.Experiment, ExperimentId = id, Arm = arm, Served = served.AsMemory(0, length),
            }, false, default);
            bought.Add(new() { Id = $"r{i}", DecisionId = $"d{i}", Outcome = "refunds", Value = 1 + i % 5 * 0.2 + (arm == 1 && visits >= 5 ? 1 : 0), Time = at.AddSeconds(1), ReceivedAt = at.AddSeconds(1) });
            if (random.NextDouble() < (arm == 0 ? 0.3 : visits >= 5 ? 0.7 : 0.1))
                bought.Add(new() { Id = $"o{i}", DecisionId = $"d{i}", Outcome = "purchase", Value = 1, Time = at.AddSeconds(1), ReceivedAt = at.AddSeconds(1) });
        }
        await journal.AppendAsync([.. bought], default);
        return id;
    }

    private static async Task<Guid> JobAsync(HttpResponseMessage asked)
    {
        Assert.Equal(HttpStatusCode.Accepted, asked.StatusCode);
        return (Guid)(await asked.Content.ReadFromJsonAsync<JsonNode>())!["jobId"]!;
    }

    private static async Task<JsonNode> EndedAsync(HttpClient client, Guid job)
    {
        for (var deadline = Environment.TickCount64 + 600_000; Environment.TickCount64 < deadline; await Task.Delay(100))
        {
            var run = (await client.GetFromJsonAsync<JsonNode>($"/api/jobs/{job}"))!["run"]!;
            if ((string)run["state"]! is "done" or "failed" or "cancelled") return run;
        }
        throw new TimeoutException("The run did not end.");
    }

    [Fact]
    public async Task Effects_are_estimated_in_the_background_and_turned_into_a_draft_with_its_value()
    {
        await using var looper = new LooperApp(services: services => services.AddSingleton(s_quick));
        using var engineer = await looper.SignedInAsync(Role.Engineer);
        var id = await ExperimentAsync(looper, engineer, Level);
        using var analyst = await looper.SignedInAsync(Role.Analyst);
        await Problem.IsAsync(await analyst.PostAsJsonAsync($"/api/experiments/{id}/effects", new { metric = "absent" }), HttpStatusCode.UnprocessableEntity, "effects.invalid");
        await Problem.IsAsync(await analyst.PostAsJsonAsync($"/api/experiments/{id}/effects", new { learner = "magic" }), HttpStatusCode.UnprocessableEntity, "effects.invalid");
        Assert.Empty((await analyst.GetFromJsonAsync<JsonNode>($"/api/experiments/{id}/effects"))!.AsArray());

        var run = await EndedAsync(analyst, await JobAsync(await analyst.PostAsJsonAsync($"/api/experiments/{id}/effects", new { learner = "s" })));
        Assert.Equal(("done", "The effect differs, mostly by visits."), ((string)run["state"]!, (string)run["result"]!));
        var listed = Assert.Single((await analyst.GetFromJsonAsync<JsonNode>($"/api/experiments/{id}/effects"))!.AsArray())!;
        var content = (await analyst.GetFromJsonAsync<JsonNode>($"/api/effects/{listed["id"]}"))!["content"]!;
        Assert.Equal(("s", "purchase"), ((string)content["settings"]!["input"]!["learner"]!, (string)content["settings"]!["input"]!["metric"]!));
        Assert.True((double)content["effects"]![0]!["rate"]!["low"]! > 0);
        var refunds = Assert.Single(content["effects"]![0]!["others"]!.AsArray())!;
        Assert.Equal(("refunds", "harmed"), ((string)refunds["outcome"]!, (string)refunds["overall"]!["guardrail"]!));
        var segments = content["effects"]![0]!["segments"]!.AsArray().Select((segment, k) => ((string)segment!["rule"]!, (string)refunds["segments"]![k]!["guardrail"]!)).ToArray();
        Assert.Contains(segments, s => s.Item1.Contains("visits is above 4", StringComparison.Ordinal));
        Assert.All(segments, s => Assert.Equal(s.Item1.Contains("visits is above 4", StringComparison.Ordinal) ? "harmed" : "safe", s.Item2));

        var policy = $"/api/effects/{listed["id"]}/policy";
        await Problem.IsAsync(await analyst.PostAsJsonAsync(policy, new { depth = 9 }), HttpStatusCode.UnprocessableEntity, "rule-question.invalid");
        await Problem.IsAsync(await analyst.PostAsJsonAsync(policy, new { costs = new { absent = 1 } }), HttpStatusCode.UnprocessableEntity, "rule-question.invalid");
        await Problem.IsAsync(await analyst.PostAsJsonAsync(policy, new { budget = 0 }), HttpStatusCode.UnprocessableEntity, "rule-question.invalid");
        using var asked = await analyst.PostAsJsonAsync(policy, new { explore = 0.1, depth = 1 });
        var proposal = (await asked.Content.ReadFromJsonAsync<JsonNode>())!;
        Assert.StartsWith("if visits is at most 4 then a else b", (string)proposal["rule"]!, StringComparison.Ordinal);
        Assert.Equal("tree", (string)proposal["policy"]!["kind"]!); // as a blueprint takes it
        Assert.True((double)proposal["against"]!.AsArray().Single(a => (bool)a!["isBest"]!)!["gain"]!["low"]! > 0); // the truth: 0.5 against 0.4 and 0.3
        var (low, high) = ((double)proposal["value"]!["low"]!, (double)proposal["value"]!["high"]!);
        Assert.InRange(0.5, low - (high - low) / 2, high + (high - low) / 2); // a 95 % interval misses once in twenty, one twice as wide once in ten thousand

        Assert.Equal(["purchase", "refunds"], proposal["outcomes"]!.AsArray().Select(o => (string)o!["outcome"]!));
        Assert.Equal("harmed", (string)proposal["outcomes"]![1]!["guardrail"]!);
        await Problem.IsAsync(await analyst.PostAsJsonAsync(policy, new { weights = new { absent = 1 } }), HttpStatusCode.UnprocessableEntity, "rule-question.invalid");
        using var weighed = await analyst.PostAsJsonAsync(policy, new { depth = 1, weights = new { refunds = 2 } }); // a parcel sent back is worth two purchases
        var dear = (await weighed.Content.ReadFromJsonAsync<JsonNode>())!;
        Assert.Equal(("a", "safe"), ((string)dear["policy"]!["root"]!["option"]!, (string)dear["outcomes"]![1]!["guardrail"]!));
        Assert.Contains("purchase − 2 × refunds −", (string)dear["note"]!, StringComparison.Ordinal);
        Assert.DoesNotContain("%", (string)dear["note"]!, StringComparison.Ordinal); // no share any more

        await ChangedSinceAsync(looper, engineer, policy);
        await Problem.IsAsync(await analyst.PostAsJsonAsync(policy + "-draft", new { explore = 0.1 }), HttpStatusCode.Forbidden, "access.denied");
        using var drafted = await engineer.PostAsJsonAsync(policy + "-draft", new { explore = 0.1, depth = 1 });
        Assert.Equal(HttpStatusCode.Created, drafted.StatusCode);
        var draft = (await drafted.Content.ReadFromJsonAsync<JsonNode>())!;
        Assert.Equal(("tree", 0.1, 4.0), ((string)draft["content"]!["policy"]!["kind"]!, (double)draft["content"]!["policy"]!["explore"]!, (double)draft["content"]!["policy"]!["root"]!["atMost"]!));
        Assert.NotNull(draft["content"]!["policy"]!["madeFrom"]!["until"]); // so that its value on these decisions is not taken at its word
        Assert.Matches(@"held-out units; gain \+[\d.]+ pp \[\+[\d.]+ pp, \+[\d.]+ pp\] over ", (string)draft["note"]!); // as the page writes it
        Assert.Empty(draft["faults"]!.AsArray());
        await Problem.IsAsync(await engineer.PostAsJsonAsync(policy + "-draft", new { }), HttpStatusCode.Conflict, "draft.already-open");

        // the experiment still runs, so the rule waits; afterwards its note becomes the version's
        using var stopped = await engineer.PostAsJsonAsync($"/api/experiments/{id}/stop", new { conclusion = "won" });
        using var published = await engineer.PostAsJsonAsync($"/api/drafts/{draft["id"]}/publish", new { });
        Assert.Equal(HttpStatusCode.Created, published.StatusCode);
        Assert.Equal((string)draft["note"]!, (string)(await published.Content.ReadFromJsonAsync<JsonNode>())!["note"]!);

        var page = WebUtility.HtmlDecode(await engineer.GetStringAsync($"/experiments/{id}/effects"));
        Assert.Contains("new harms refunds where visits is above 4", page, StringComparison.Ordinal);
        Assert.Contains("Weight of refunds", page, StringComparison.Ordinal);
        await OneArmForAllAsync(looper, engineer, id, policy);
    }

    // a later version makes visits of something else: "at most 4" of the rule would ask another thing
    private static async Task ChangedSinceAsync(LooperApp looper, HttpClient engineer, string policy)
    {
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        var first = await db.Set<Blueprint>().SingleAsync();
        var content = BlueprintJson.Served(first.Content);
        content = content with { Features = [.. content.Features.Select(f => f.Name == "visits" ? f with { Derived = new LogDerivation("noise") } : f)] };
        var second = new Blueprint { Id = Guid.CreateVersion7(), DecisionPointId = first.DecisionPointId, Version = 2, Content = BlueprintJson.Write(content), Hash = "h2" };
        db.Add(second);
        await db.SaveChangesAsync();
        await db.Set<DecisionPoint>().ExecuteUpdateAsync(p => p.SetProperty(x => x.CurrentVersion, 2));
        using var asked = await engineer.PostAsJsonAsync(policy, new { depth = 1 });
        var blocked = (await asked.Content.ReadFromJsonAsync<JsonNode>())!["blocked"]!;
        Assert.Equal("effects.features-changed", (string)blocked["code"]!);
        Assert.StartsWith("'visits' is made otherwise now than in version 1", (string)blocked["reason"]!, StringComparison.Ordinal);
        await Problem.IsAsync(await engineer.PostAsJsonAsync(policy + "-draft", new { depth = 1 }), HttpStatusCode.Conflict, "effects.features-changed");
        db.Remove(second);
        await db.SaveChangesAsync();
        await db.Set<DecisionPoint>().ExecuteUpdateAsync(p => p.SetProperty(x => x.CurrentVersion, 1));
    }

    // the units would give a deeper rule, but the verdict says that it would follow chance
    private static async Task OneArmForAllAsync(LooperApp looper, HttpClient engineer, Guid experiment, string policy)
    {
        await using (var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync())
        {
            var report = await db.Set<EffectReport>().AsNoTracking().SingleAsync();
            Assert.Contains("\"differs\":true", report.Content, StringComparison.Ordinal);
            Assert.Equal(Level, EffectContent.Read(report.Content).Settings.Level); // the plan's
            var told = report.Content.Replace("\"differs\":true", "\"differs\":false", StringComparison.Ordinal);
            await db.Set<EffectReport>().ExecuteUpdateAsync(r => r.SetProperty(x => x.Content, told));
        }
        using var asked = await engineer.PostAsJsonAsync(policy, new { depth = 3 });
        var proposal = (await asked.Content.ReadFromJsonAsync<JsonNode>())!;
        Assert.Equal(("b", 1.0), ((string)proposal["policy"]!["root"]!["option"]!, (double)proposal["shares"]!["new"]!));
        Assert.Null(proposal["policy"]!["root"]!["then"]);
        var page = WebUtility.HtmlDecode(await engineer.GetStringAsync($"/experiments/{experiment}/effects"));
        Assert.Contains("There is no sign that effects differ, so the rule is one arm for everybody.", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_draft_of_a_yes_or_no_changes_the_policy_alone()
    {
        await using var looper = new LooperApp(services: services => services.AddSingleton(s_quick));
        using var engineer = await looper.SignedInAsync(Role.Engineer);
        var id = await ExperimentAsync(looper, engineer, isYesNo: true);
        var run = await EndedAsync(engineer, await JobAsync(await engineer.PostAsJsonAsync($"/api/experiments/{id}/effects", new { learner = "s" })));
        Assert.Equal("done", (string)run["state"]!);
        var listed = Assert.Single((await engineer.GetFromJsonAsync<JsonNode>($"/api/experiments/{id}/effects"))!.AsArray())!;
        using var drafted = await engineer.PostAsJsonAsync($"/api/effects/{listed["id"]}/policy-draft", new { depth = 1 });
        Assert.Equal(HttpStatusCode.Created, drafted.StatusCode);
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        static string WithoutPolicy(string content)
        {
            var node = JsonNode.Parse(content)!.AsObject();
            Assert.True(node.Remove("policy"));
            return node.ToJsonString();
        }
        Assert.Equal(WithoutPolicy((await db.Set<Blueprint>().SingleAsync()).Content), WithoutPolicy((await db.Set<Draft>().SingleAsync()).Content));
    }

    [Fact]
    public async Task A_run_can_be_cancelled_by_who_may_ask_for_it_and_stores_nothing()
    {
        await using var looper = new LooperApp();
        var how = looper.Get<EffectPlan>(); // with all it has, on half of the machine
        Assert.Equal((new EffectPlan().MostBayesian, Math.Max(1, Environment.ProcessorCount / 2)), (how.MostBayesian, how.Threads));
        using var engineer = await looper.SignedInAsync(Role.Engineer);
        var id = await ExperimentAsync(looper, engineer);
        using var analyst = await looper.SignedInAsync(Role.Analyst);
        using var viewer = await looper.SignedInAsync(Role.Viewer);
        using var asked = await analyst.PostAsJsonAsync($"/api/experiments/{id}/effects", new { });
        var job = await JobAsync(asked);
        await Problem.IsAsync(await viewer.PostAsync($"/api/jobs/{job}/cancel", null), HttpStatusCode.Forbidden, "access.denied");
        await Problem.IsAsync(await analyst.PostAsJsonAsync($"/api/experiments/{id}/effects", new { }), HttpStatusCode.Conflict, "job.already-open");
        using var cancelled = await analyst.PostAsync($"/api/jobs/{job}/cancel", null);
        Assert.Equal(HttpStatusCode.NoContent, cancelled.StatusCode);
        Assert.Equal("cancelled", (string)(await EndedAsync(analyst, job))["state"]!);
        Assert.Empty((await analyst.GetFromJsonAsync<JsonNode>($"/api/experiments/{id}/effects"))!.AsArray());
    }
}
