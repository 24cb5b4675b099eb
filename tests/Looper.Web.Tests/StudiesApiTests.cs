using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Looper.Core.Serving;
using Looper.Core.Studies;
using Looper.Testing;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Tests;

/// <summary>Studies over HTTP: asked and told by an application, and on live arms through the real journal.</summary>
public class StudiesApiTests
{
    private static async Task<Guid> PointAsync(LooperApp looper)
    {
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        var point = new DecisionPoint { Id = Guid.CreateVersion7(), Key = "banner", Name = "Banner", CurrentVersion = 1, Salt = 7 };
        var content = new BlueprintContent
        {
            Shape = DecisionShape.Choice, Options = [new("a"), new("b")], Default = "a", Policy = new RandomPolicy(),
            Outcomes = [new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(1) }], Goal = new() { Terms = [new("purchase")] },
        };
        db.Add(point);
        db.Add(new Blueprint { Id = Guid.CreateVersion7(), DecisionPointId = point.Id, Version = 1, Content = BlueprintJson.Write(content), Hash = "h" });
        await db.SaveChangesAsync();
        return point.Id;
    }

    private static async Task<Guid> CreatedAsync(HttpClient client, object request)
    {
        using var created = await client.PostAsJsonAsync("/api/studies", request);
        Assert.True(created.StatusCode == HttpStatusCode.Created, await created.Content.ReadAsStringAsync());
        var id = (Guid)(await created.Content.ReadFromJsonAsync<JsonNode>())!["id"]!;
        using var started = await client.PostAsync($"/api/studies/{id}/start", null);
        Assert.Equal(HttpStatusCode.NoContent, started.StatusCode);
        return id;
    }

    [Fact]
    public async Task An_application_asks_and_tells_and_reads_what_was_learned()
    {
        await using var looper = new LooperApp();
        using var client = await looper.SignedInAsync(Role.Engineer);
        var id = await CreatedAsync(client, new
        {
            name = "Cache", plan = new
            {
                trials = 9, parameters = new object[] { new { name = "size", kind = "real", low = 1, high = 1000, log = true }, new { name = "mode", kind = "category", values = new[] { "lru", "lfu" } } },
                goals = new[] { new { metric = "latency", direction = "minimize" } },
            },
        });
        for (var n = 1; n <= 9; n++)
        {
            var asked = await AskAsync(client, id);
            Assert.Equal(asked.ToJsonString(), (await AskAsync(client, id)).ToJsonString()); // forgotten by the asker, not by Looper
            Assert.Equal(n, (int)asked["trial"]!);
            var latency = Math.Abs(Math.Log10((double)asked["parameters"]!["size"]!) - 2) + ((string)asked["parameters"]!["mode"]! == "lfu" ? 0 : 0.5);
            var tell = new { trial = n, metrics = new { latency = new { mean = latency, standardError = 0.01 } } };
            for (var twice = 0; twice < 2; twice++)
            {
                using var told = await client.PostAsJsonAsync($"/api/studies/{id}/tell", tell);
                Assert.True(told.StatusCode == HttpStatusCode.NoContent, await told.Content.ReadAsStringAsync());
            }
        }
        await Problem.IsAsync(await client.PostAsJsonAsync($"/api/studies/{id}/tell", new { trial = 3, failed = true }), HttpStatusCode.Conflict, "trial.already-told");
        await Problem.IsAsync(await client.PostAsJsonAsync($"/api/studies/{id}/ask", new { count = 1 }), HttpStatusCode.Conflict, "study.finished");
        var study = (await client.GetFromJsonAsync<JsonNode>($"/api/studies/{id}"))!;
        Assert.Equal("finished", (string)study["study"]!["state"]!);
        Assert.Equal("lfu", (string)study["best"]!["parameters"]!["mode"]!);
        Assert.Equal(2, study["importance"]!.AsArray().Count);
        Assert.Equal(9, study["bestSoFar"]!.AsArray().Count);
        Assert.Equal((int)study["best"]!["trial"]!, (int)study["bestSoFar"]![8]!["trial"]!);
        Assert.All(study["trials"]!.AsArray(), t => Assert.True((double)t!["leftOut"]!["latency"]!["standardError"]! > 0));
        Assert.Equal(41, (await client.GetFromJsonAsync<JsonNode>($"/api/studies/{id}/surface?x=size"))!["mean"]!.AsArray().Count);
        Assert.Equal(2, (await client.GetFromJsonAsync<JsonNode>($"/api/studies/{id}/surface?x=size&y=mode"))!["mean"]!.AsArray().Count);
        Assert.Equal(9, (await client.GetFromJsonAsync<JsonNode>($"/api/studies/{id}/surface?x=size&y=mode"))!["trials"]!.AsArray().Count);
        Assert.Contains("How does latency depend on mode and size?", WebUtility.HtmlDecode(await client.GetStringAsync($"/studies/{id}?x=mode&y=size")), StringComparison.Ordinal);
        var page = await client.GetStringAsync($"/studies/{id}");
        foreach (var heading in (string[])["Best so far", "How has the goal moved from trial to trial?", "Which parameter matters?", "How does latency depend on size?", "Is latency foretold from the other trials?"])
            Assert.Contains(heading, page, StringComparison.Ordinal);
        Assert.Contains($"/studies/{id}", await client.GetStringAsync("/studies"), StringComparison.Ordinal);
        await Problem.IsAsync(await client.GetAsync($"/api/studies/{id}/surface?x=colour"), HttpStatusCode.NotFound, "surface.unknown");
        await Problem.IsAsync(await client.PostAsync($"/api/studies/{id}/trials/1/draft", null), HttpStatusCode.Conflict, "study.no-policy");
    }

    [Fact]
    public async Task Several_goals_have_a_front_and_a_guardrail_its_chances()
    {
        await using var looper = new LooperApp();
        using var client = await looper.SignedInAsync(Role.Engineer);
        var id = await CreatedAsync(client, new
        {
            name = "Ranking", plan = new
            {
                trials = 20, parameters = new object[] { new { name = "x", low = 0, high = 1 }, new { name = "y", low = 0, high = 1 } },
                goals = new[] { new { metric = "clicks" }, new { metric = "sales" } }, guardrails = new[] { new { metric = "latency", atMost = 1.2 } },
            },
        });
        Assert.Contains("No trial has been measured yet.", await client.GetStringAsync($"/studies/{id}"), StringComparison.Ordinal);
        for (var n = 1; n <= 8; n++)
        {
            var asked = await AskAsync(client, id);
            var (x, y) = ((double)asked["parameters"]!["x"]!, (double)asked["parameters"]!["y"]!);
            var metrics = new { clicks = new { mean = 1 - (x * x), standardError = 0.01 }, sales = new { mean = x * (1 - y), standardError = 0.01 }, latency = new { mean = x + y, standardError = 0.01 } };
            using var told = await client.PostAsJsonAsync($"/api/studies/{id}/tell", new { trial = (int)asked["trial"]!, metrics });
            Assert.Equal(HttpStatusCode.NoContent, told.StatusCode);
        }
        var open = await AskAsync(client, id);
        var study = (await client.GetFromJsonAsync<JsonNode>($"/api/studies/{id}"))!;
        Assert.NotEmpty(study["front"]!.AsArray());
        Assert.All(study["front"]!.AsArray(), f => Assert.True((double)f!["feasibility"]! > 0.5));
        var proposed = study["trials"]!.AsArray().Single(t => (int)t!["number"]! == (int)open["trial"]!)!;
        Assert.InRange((double)proposed["chances"]!["latency"]!, 0, 1);
        Assert.True((double)proposed["predicted"]!["clicks"]!["standardError"]! > 0);
        var slice = (await client.GetFromJsonAsync<JsonNode>($"/api/studies/{id}/surface?x=x&metric=latency"))!;
        Assert.Equal(41, slice["feasibility"]!.AsArray().Count);
        var page = WebUtility.HtmlDecode(await client.GetStringAsync($"/studies/{id}"));
        foreach (var heading in (string[])["What does sales cost in clicks?", "What does latency cost in clicks?", "How likely does each trial keep the guardrails?", "What comes next", "How unsure is clicks there?", "May the model be believed?"])
            Assert.Contains(heading, page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Live_arms_are_launched_read_stopped_and_the_winner_is_drafted_with_its_confirmation()
    {
        await using var looper = new LooperApp();
        var point = await PointAsync(looper);
        using var client = await looper.SignedInAsync(Role.Engineer);
        var id = await CreatedAsync(client, new
        {
            name = "Banner share", decisionPoint = "banner", plan = new
            {
                source = "live", trials = 4, batch = 2, unitsPerArm = 100, readMinutes = 0, vetoHours = 0, parameters = new[] { new { name = "share:b", low = 0, high = 1 } },
                goals = new[] { new { metric = "purchase" } }, statusQuo = new Dictionary<string, double> { ["share:b"] = 0.5 },
            },
        });
        Assert.Contains("share:b", await client.GetStringAsync("/studies/new"), StringComparison.Ordinal);
        for (var batch = 1; batch <= 2; batch++)
        {
            var experiment = await RunningAsync(looper, id, batch);
            var arms = ExperimentJson.ReadPlan(experiment.Plan).Arms;
            Assert.Equal(["present", $"trial-{2 * batch - 1}", $"trial-{2 * batch}"], arms.Select(a => a.Key));
            await ServeAsync(looper, point, experiment, arms.Select(a => a.Policy is RandomPolicy { Weights: { IsEmpty: false } w } ? 0.2 + 0.5 * w[1] / w.Sum() : 0.45).ToArray());
            await Eventually.IsTrueAsync(async () =>
            {
                await looper.Get<StudyLoop>().AdvanceAllAsync(default);
                var trials = (await client.GetFromJsonAsync<JsonNode>($"/api/studies/{id}/trials"))!.AsArray();
                return trials.Count(t => (string)t!["state"]! == "measured") == 2 * batch;
            });
        }
        JsonNode study = null!;
        await Eventually.IsTrueAsync(async () => // the job carries studies on as well
        {
            await looper.Get<StudyLoop>().AdvanceAllAsync(default);
            study = (await client.GetFromJsonAsync<JsonNode>($"/api/studies/{id}"))!;
            return (string)study["study"]!["state"]! != "running";
        });
        Assert.Equal("finished", (string)study["study"]!["state"]!);
        var best = study["best"]!;
        Assert.True((double)best["parameters"]!["share:b"]! > 0.5);
        var drafted = (await (await client.PostAsync($"/api/studies/{id}/trials/{best["trial"]}/draft", null)).Content.ReadFromJsonAsync<JsonNode>())!;
        var draft = (await client.GetFromJsonAsync<JsonNode>($"/api/drafts/{drafted["id"]}"))!;
        Assert.Equal((double)best["parameters"]!["share:b"]!, (double)draft["content"]!["policy"]!["weights"]![1]!, 1e-12);
        var confirmed = (await (await client.PostAsync($"/api/studies/{id}/trials/{best["trial"]}/confirm", null)).Content.ReadFromJsonAsync<JsonNode>())!;
        var confirm = (await client.GetFromJsonAsync<JsonNode>($"/api/experiments/{confirmed["id"]}"))!;
        Assert.Equal("draft", (string)confirm["state"]!);
        await Eventually.IsTrueAsync(async () =>
            (await client.GetFromJsonAsync<JsonNode>("/api/experiments"))!.AsArray().Count(e => (string)e!["state"]! == "stopped") == 2);
    }

    [Fact]
    public async Task A_proposed_trial_can_be_struck_out_before_it_begins()
    {
        await using var looper = new LooperApp();
        await PointAsync(looper);
        using var client = await looper.SignedInAsync(Role.Engineer);
        var id = await CreatedAsync(client, new
        {
            name = "Careful", decisionPoint = "banner",
            plan = new { source = "live", trials = 4, batch = 2, unitsPerArm = 100, vetoHours = 5, parameters = new[] { new { name = "share:b", low = 0, high = 1 } }, goals = new[] { new { metric = "purchase" } } },
        });
        await Eventually.IsTrueAsync(async () =>
        {
            await looper.Get<StudyLoop>().AdvanceAllAsync(default);
            return (await client.GetFromJsonAsync<JsonNode>($"/api/studies/{id}/trials"))!.AsArray().Count == 2;
        });
        using var struck = await client.PostAsJsonAsync($"/api/studies/{id}/trials/1/strike-out", new { reason = "Too bold." });
        Assert.Equal(HttpStatusCode.NoContent, struck.StatusCode);
        await Problem.IsAsync(await client.PostAsJsonAsync($"/api/studies/{id}/trials/1/strike-out", new { }), HttpStatusCode.Conflict, "trial.already-begun");
        Assert.Empty((await client.GetFromJsonAsync<JsonNode>("/api/experiments"))!.AsArray());
    }

    [Fact]
    public async Task A_bad_plan_is_refused_with_its_field()
    {
        await using var looper = new LooperApp();
        using var client = await looper.SignedInAsync(Role.Engineer);
        using var refused = await client.PostAsJsonAsync("/api/studies", new
        {
            name = "Bad", plan = new { parameters = new[] { new { name = "x", low = 0.9, high = 0.1 } }, goals = new[] { new { metric = "y" } } },
        });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        var problem = (await refused.Content.ReadFromJsonAsync<JsonNode>())!;
        Assert.Equal(("study.invalid", "parameters[0].low"), ((string)problem["code"]!, (string)problem["field"]!));
    }

    private static async Task<JsonNode> AskAsync(HttpClient client, Guid id)
    {
        using var asked = await client.PostAsJsonAsync($"/api/studies/{id}/ask", new { count = 1 });
        Assert.True(asked.StatusCode == HttpStatusCode.OK, await asked.Content.ReadAsStringAsync());
        return (await asked.Content.ReadFromJsonAsync<JsonNode>())!.AsArray().Single()!;
    }

    private static async Task<Experiment> RunningAsync(LooperApp looper, Guid study, int batch)
    {
        Experiment? found = null;
        await Eventually.IsTrueAsync(async () =>
        {
            await looper.Get<StudyLoop>().AdvanceAllAsync(default);
            await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
            var key = $"study-{study.ToString("n")[^12..]}-{batch}";
            found = await db.Set<Experiment>().AsNoTracking().SingleOrDefaultAsync(e => e.Key == key && e.State == ExperimentState.Running);
            return found is not null;
        });
        return found!;
    }

    // 150 units an arm, decided an hour ago, that buy as often as the arm says
    private static async Task ServeAsync(LooperApp looper, Guid point, Experiment experiment, double[] rates)
    {
        var past = looper.Get<TimeProvider>().GetUtcNow().AddHours(-1);
        var journal = looper.Get<Journal>();
        for (var i = 0; i < 150 * rates.Length; i++)
        {
            var (arm, id) = (i % rates.Length, $"{experiment.Key}-{i}");
            await journal.AppendAsync(new DecisionRecord
            {
                Id = id, DecisionPointId = point, Unit = $"u-{id}", Time = past.AddSeconds(i), BlueprintVersion = 1, Option = i % 2, Propensity = 0.5,
                Reason = Reason.Experiment, ExperimentId = experiment.Id, Arm = arm, Served = Array.Empty<byte>(),
            }, false, default);
            if (i / rates.Length % 100 < 100 * rates[arm])
                await journal.AppendAsync([new ObservationRecord { Id = $"o-{id}", DecisionId = id, Outcome = "purchase", Value = 1, Time = past.AddSeconds(i + 1), ReceivedAt = past.AddSeconds(i + 1) }], default);
        }
    }
}
