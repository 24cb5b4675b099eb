using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Persistence;
using Looper.Core.Policies;
using Looper.Core.Serving;
using Looper.Core.Studies;
using Looper.Testing;
using Looper.Web.Tests.Api;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace Looper.Web.Tests;

/// <summary>Studies whose trials are judged on logged decisions, over HTTP and on the real journal.</summary>
public sealed class LoggedStudiesTests
{
    private static readonly BlueprintContent s_banner = new()
    {
        Shape = DecisionShape.Choice, Options = [new("a"), new("b")], Default = "a", Policy = new RandomPolicy(),
        Outcomes = [new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(1) }, new("refund", OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(1), Better = Direction.Lower }],
        Goal = new() { Terms = [new("purchase")], Guardrails = [new("refund", 0.3)] },
    };

    /// <summary>Option b is bought one time in five and refunded one in five, a one in ten: from half and half, all b brings +1/3 and costs +1/3.</summary>
    private static async Task LogAsync(LooperApp looper, Guid point, int count, double shareOfB)
    {
        var random = new Core.Numerics.Philox(1, "log of a study");
        var journal = looper.Get<Journal>();
        var from = looper.Get<TimeProvider>().GetUtcNow().AddHours(-2);
        var pending = new List<Task>();
        for (var i = 0; i < count; i++)
        {
            var b = random.Uniform() < shareOfB;
            var at = from.AddMilliseconds(i);
            pending.Add(journal.AppendAsync(new DecisionRecord
            {
                Id = $"d{i}", DecisionPointId = point, Unit = $"u{i}", Time = at, BlueprintVersion = 1, Option = b ? 1 : 0, Propensity = b ? shareOfB : 1 - shareOfB, Reason = Reason.Explore,
                Served = Array.Empty<byte>(),
            }, false, default).AsTask());
            foreach (var outcome in (string[])["purchase", "refund"])
                if (random.Uniform() < (b ? 0.2 : 0.1))
                    pending.Add(journal.AppendAsync([new ObservationRecord { Id = $"{outcome}{i}", DecisionId = $"d{i}", Outcome = outcome, Value = 1, Time = at.AddMilliseconds(1), ReceivedAt = at.AddMilliseconds(1) }], default).AsTask());
        }
        await Task.WhenAll(pending);
    }

    private static async Task<Guid> StartedAsync(HttpClient client, object request)
    {
        using var created = await client.PostAsJsonAsync("/api/studies", request);
        Assert.True(created.StatusCode == HttpStatusCode.Created, await created.Content.ReadAsStringAsync());
        var id = (Guid)(await created.JsonAsync())["id"]!;
        using var started = await client.PostAsync($"/api/studies/{id}/start", null);
        Assert.True(started.StatusCode == HttpStatusCode.NoContent, await started.Content.ReadAsStringAsync());
        return id;
    }

    private static async Task<JsonNode> UntilAsync(LooperApp looper, HttpClient client, Guid id, Predicate<JsonNode> reached)
    {
        JsonNode? study = null;
        await Eventually.IsTrueAsync(async () =>
        {
            await looper.Get<StudyLoop>().AdvanceAllAsync(default);
            return reached(study = (await client.GetFromJsonAsync<JsonNode>($"/api/studies/{id}"))!);
        }, TimeSpan.FromMinutes(3)); // nine estimates, each of them work
        return study!;
    }

    private static object Plan(string source, int trials, int loggedTrials = 0, object[]? guardrails = null) => new
    {
        source, trials, loggedTrials, batch = 2, unitsPerArm = 100, readMinutes = 0, seed = 5, parameters = new[] { new { name = "share:b", low = 0, high = 1 } },
        goals = new[] { new { metric = "purchase" } }, guardrails = guardrails ?? [], statusQuo = new Dictionary<string, double> { ["share:b"] = 0.5 },
    };

    [Fact]
    public async Task A_study_on_logged_decisions_finds_the_best_policy_that_keeps_the_guardrail()
    {
        await using var looper = new LooperApp();
        await LogAsync(looper, await looper.PublishAsync("banner", s_banner), 6_000, 0.5);
        using var client = await looper.SignedInAsync(Role.Analyst);
        using var engineer = await looper.SignedInAsync(Role.Engineer);
        var id = await StartedAsync(engineer, new { name = "Share of b", decisionPoint = "banner", source = "logged" });
        using var paused = await engineer.PostAsJsonAsync($"/api/studies/{id}/pause", new { });
        Assert.Equal("logged", (string)(await client.GetFromJsonAsync<JsonNode>($"/api/studies/{id}"))!["study"]!["plan"]!["source"]!); // the defaults
        id = await StartedAsync(engineer, new { name = "Share of b", decisionPoint = "banner", plan = Plan("logged", 9, guardrails: [new { metric = "refund", atMost = 0.2 }]) });
        var study = await UntilAsync(looper, client, id, s => (string)s["study"]!["state"]! == "finished");
        var trials = study["trials"]!.AsArray();
        Assert.Equal((9, 9), (trials.Count, (int)study["study"]!["trialsDone"]!));
        Assert.All(trials, t => Assert.True((bool)t!["isLogged"]! && (string)t["state"]! == "measured"));
        var today = trials[0]!["metrics"]!["purchase"]!;
        Assert.InRange(Math.Abs((double)today["mean"]!), 0, 0.01); // what served is what is judged
        Assert.All(trials.Skip(1), t => Assert.InRange((double)t!["metrics"]!["purchase"]!["standardError"]!, 0, 0.06));
        foreach (var trial in trials)
            Assert.Equal(((double)trial!["parameters"]!["share:b"]! - 0.5) * 2 / 3, (double)trial["metrics"]!["purchase"]!["mean"]!, 0.12); // the truth: +1/3 for all b
        Assert.InRange((double)study["best"]!["parameters"]!["share:b"]!, 0.55, 0.85); // refunds of all b are up by a third, a fifth is allowed
        Assert.True((bool)study["isFromLog"]!);
        var page = WebUtility.HtmlDecode(await client.GetStringAsync($"/studies/{id}"));
        foreach (var part in (string[])["measured by logged decisions", "nobody has met these values yet", "change against what was served", "Guardrails: change of refund at most +20%."]) Assert.Contains(part, page, StringComparison.Ordinal);
        Assert.DoesNotContain("data-label=\"Source\"", page, StringComparison.Ordinal); // all alike
        using var drafted = await engineer.PostAsync($"/api/studies/{id}/trials/{study["best"]!["trial"]}/draft", null);
        Assert.Equal(HttpStatusCode.OK, drafted.StatusCode);
    }

    [Fact] // bar: the trials of the uninterrupted run, wherever it falls
    public async Task A_fall_at_any_point_gives_the_same_trials()
    {
        await using var looper = new LooperApp();
        await LogAsync(looper, await looper.PublishAsync("banner", s_banner), 600, 0.5);
        var databases = looper.Get<IDbContextFactory<LooperDb>>();
        var (clock, ids, changes, caller) = (looper.Get<TimeProvider>(), looper.Get<Ids>(), looper.Get<ChangeFeed>(), Caller.System);
        StudyLoop Loop(IDbContextFactory<LooperDb> over) => new(over, null!, null!, new(over, looper.Get<PolicyValuation>(), clock, changes), clock, ids, changes, NullLogger<StudyLoop>.Instance);
        var plan = new StudyPlan { Source = TrialSource.Logged, Trials = 7, Seed = 4, Parameters = [new("share:b") { Low = 0, High = 1 }], Goals = [new("purchase")] };
        string[]? undisturbed = null;
        for (var at = 0; at <= 14; at += 2) // a study saves 15 times: before each save, or after it
        {
            var actions = looper.Get<StudyActions>();
            var id = (await actions.CreateAsync(caller, new("Falls", "banner", plan), default)).Value;
            Assert.Null(await actions.StartAsync(caller, id, default));
            try
            {
                await RunAsync(Loop(new FallingDatabases(databases, at, after: at % 4 == 0)), id);
            }
            catch (FallingDatabases.FallException)
            {
            }
            await RunAsync(Loop(databases), id);
            await using var stored = await databases.CreateDbContextAsync();
            var trials = await stored.Set<StudyTrial>().Where(t => t.StudyId == id).OrderBy(t => t.Number).ToListAsync();
            string[] text = [.. trials.Select(t => $"{t.Number} {t.State} {t.Parameters} {t.Metrics} {t.Why}")];
            undisturbed ??= text;
            Assert.Equal(7, text.Length);
            Assert.Equal(undisturbed, text);
        }
    }

    // The job of the program may take a step meanwhile.
    private static async Task RunAsync(StudyLoop loop, Guid id)
    {
        for (var goesOn = true; goesOn;)
        {
            try
            {
                goesOn = await loop.StepAsync(id, default);
            }
            catch (DbUpdateException)
            {
            }
        }
    }

    [Fact]
    public async Task What_the_log_cannot_say_is_said_and_leaves_a_safe_state()
    {
        await using var looper = new LooperApp();
        var point = await looper.PublishAsync("banner", s_banner);
        using var client = await looper.SignedInAsync(Role.Engineer);
        var empty = await StartedAsync(client, new { name = "Nothing", decisionPoint = "banner", plan = Plan("logged", 9) });
        var study = await UntilAsync(looper, client, empty, s => (string)s["study"]!["state"]! == "paused");
        Assert.StartsWith("No decision of this period can be used.", (string)study["study"]!["reason"]!, StringComparison.Ordinal);
        Assert.EndsWith("make another when there is more.", (string)study["study"]!["reason"]!, StringComparison.Ordinal);
        await LogAsync(looper, point, 400, 0); // nobody ever got b
        var never = await StartedAsync(client, new { name = "Never", decisionPoint = "banner", plan = Plan("logged", 9) });
        study = await UntilAsync(looper, client, never, s => (string)s["study"]!["state"]! == "paused");
        Assert.Contains("`b`, which was never tried in this period", (string)study["study"]!["reason"]!, StringComparison.Ordinal);
        Assert.All(study["trials"]!.AsArray(), t => Assert.Equal("failed", (string)t!["state"]!));

        // before live arms such a log is left alone
        var both = await StartedAsync(client, new { name = "Both", decisionPoint = "banner", plan = Plan("live", 4, loggedTrials: 8) });
        study = await UntilAsync(looper, client, both, s => s["trials"]!.AsArray().Count == 7);
        Assert.Equal(5, study["trials"]!.AsArray().Count(t => (bool)t!["isLogged"]!));
        Assert.Equal(("running", 0), ((string)study["study"]!["state"]!, (int)study["study"]!["trialsDone"]!));
        foreach (var (plan, field) in new (object, string)[]
        {
            (Plan("external", 4, loggedTrials: 3), "loggedTrials"), (Plan("live", 4, loggedTrials: -1), "loggedTrials"),
            (new { source = "logged", loggedDays = 0, parameters = new[] { new { name = "share:b", low = 0, high = 1 } }, goals = new[] { new { metric = "purchase" } } }, "loggedDays"),
            (new { source = "logged", parameters = new[] { new { name = "epsilon", low = 0, high = 1 } }, goals = new[] { new { metric = "purchase" } } }, "parameters[0].name"),
        })
        {
            using var refused = await client.PostAsJsonAsync("/api/studies", new { name = "Bad", decisionPoint = "banner", plan });
            Assert.Equal((HttpStatusCode.UnprocessableEntity, field), (refused.StatusCode, (string)(await refused.JsonAsync())["field"]!));
        }
    }

    [Fact]
    public async Task Live_arms_begin_with_the_best_setting_of_the_log_and_the_model_learns_from_both()
    {
        await using var looper = new LooperApp();
        await LogAsync(looper, await looper.PublishAsync("banner", s_banner), 3_000, 0.5);
        using var client = await looper.SignedInAsync(Role.Engineer);
        var id = await StartedAsync(client, new { name = "Both", decisionPoint = "banner", plan = Plan("live", 4, loggedTrials: 6) });
        var study = await UntilAsync(looper, client, id, s => s["trials"]!.AsArray().Count == 8);
        var trials = study["trials"]!.AsArray();
        Assert.Equal([true, true, true, true, true, true, false, false], trials.Select(t => (bool)t!["isLogged"]!));
        var first = trials[6]!;
        Assert.Equal("exploit", (string)first["why"]!);
        Assert.Contains(trials.Take(6), t => (double)t!["parameters"]!["share:b"]! == (double)first["parameters"]!["share:b"]!);
        Assert.True((double)first["predicted"]!["purchase"]!["mean"]! > 0.1);
        Assert.Equal(0, (int)study["study"]!["trialsDone"]!);
        Assert.Contains("measured by live arms, after 6 settings on logged decisions", WebUtility.HtmlDecode(await client.GetStringAsync($"/studies/{id}")), StringComparison.Ordinal);
    }
}
