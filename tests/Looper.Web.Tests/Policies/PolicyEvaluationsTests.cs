using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Learning;
using Looper.Core.Models;
using Looper.Core.Policies;
using Looper.Core.Runs;
using Looper.Core.Serving;
using Looper.Testing;
using Looper.Web.Tests.Api;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Policies;

/// <summary>From a draft to what it would have earned, to its launch, to what came of it; over HTTP, on the real journal.</summary>
public sealed class PolicyEvaluationsTests
{
    private static readonly BlueprintContent s_banner = new()
    {
        Shape = DecisionShape.Choice, Options = [new("a"), new("b")], Default = "a", Features = [new("isVip", FeatureKind.Boolean)],
        Outcomes = [new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(1) }, new("refund", OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(1), Better = Direction.Lower }],
        Goal = new() { Terms = [new("purchase")], Guardrails = [new("refund", 0.5)] },
        Rollout = new() { Holdout = 0.05 },
    };

    /// <summary>Option b is bought one time in five, a one in ten.</summary>
    private static async Task LogAsync(LooperApp looper, Guid point, int version, int count, DateTimeOffset from, double shareOfB, string prefix)
    {
        var random = new Core.Numerics.Philox(version, "web-log");
        var journal = looper.Get<Journal>();
        var served = new byte[1];
        ServedRow.WriteBoolean(served, true);
        var pending = new List<Task>();
        for (var i = 0; i < count; i++)
        {
            var b = random.Uniform() < shareOfB;
            pending.Add(journal.AppendAsync(new DecisionRecord
            {
                Id = $"{prefix}{i}", DecisionPointId = point, Unit = $"{prefix}u{i}", Time = from.AddMilliseconds(i), BlueprintVersion = version, Option = b ? 1 : 0,
                Propensity = b ? shareOfB : 1 - shareOfB, Reason = Reason.Explore, Served = served,
            }, false, default).AsTask());
            if (random.Uniform() >= (b ? 0.2 : 0.1)) continue;
            pending.Add(journal.AppendAsync([new ObservationRecord { Id = $"{prefix}o{i}", DecisionId = $"{prefix}{i}", Outcome = "purchase", Value = 1, Time = from.AddMilliseconds(i + 1), ReceivedAt = from.AddMilliseconds(i + 1) }], default).AsTask());
        }
        await Task.WhenAll(pending);
    }

    private static async Task<JsonNode> DoneAsync(HttpClient client, HttpResponseMessage asked)
    {
        Assert.Equal(HttpStatusCode.Accepted, asked.StatusCode);
        JsonNode? view = null;
        await Eventually.IsTrueAsync(async () => (view = await client.GetFromJsonAsync<JsonNode>(asked.Headers.Location!.OriginalString))!["state"]!.ToString() is "done" or "failed");
        return view!;
    }

    [Theory, InlineData(false), InlineData(true)] // a yes-or-no decision point is stored without its two options
    public async Task A_draft_is_judged_published_and_held_against_what_came(bool isBinary)
    {
        await using var looper = new LooperApp();
        var banner = isBinary ? s_banner with { Shape = DecisionShape.Binary, Options = [], Default = "false" } : s_banner;
        var point = await looper.PublishAsync("banner", banner);
        using var client = await looper.SignedInAsync(Role.Engineer);
        await LogAsync(looper, point, 1, 3_000, looper.Get<TimeProvider>().GetUtcNow().AddHours(-2), 0.5, "x");
        var content = BlueprintJson.Write(banner with { Policy = new RandomPolicy { Weights = [0.2, 0.8] } });
        using var made = await client.PostAsJsonAsync("/api/drafts", new { decisionPoint = "banner", content = JsonNode.Parse(content) });
        var draft = (await made.JsonAsync())["id"]!.ToString();

        using var asked = await client.PostAsJsonAsync($"/api/drafts/{draft}/value", new { });
        var view = await DoneAsync(client, asked);
        Assert.Equal("done", view["state"]!.ToString());
        var result = view["result"]!;
        Assert.Null(result["refused"]);
        Assert.Equal(3_000, (int)result["decisions"]!);
        Assert.Equal(0.18, (double)result["value"]!["value"]!, 0.02);
        Assert.Equal(0.2, (double)result["relative"]!["value"]!, 0.1); // 0.18 against 0.15
        Assert.Equal(11, result["estimators"]!.AsArray().Count);
        Assert.NotNull(result["estimators"]![0]!["bernsteinLow"]);
        Assert.Matches(@"^Predicted \+\d+\.\d% purchase a decision \([+−]?\d+\.\d% to \+\d+\.\d%\), from 3,000 decisions", result["sentence"]!.ToString()); // as many digits as on the page
        Assert.Equal(0.8, (double)result["options"]![1]!["policy"]!, 1e-9);
        Assert.Equal(view["id"]!.ToString(), (await looper.Get<PolicyEvaluationQueries>().OfContentAsync(Caller.System, "banner", BlueprintJson.Hash(content), default))?.Id.ToString()); // shown on its review step

        using var published = await client.PostAsJsonAsync($"/api/drafts/{draft}/publish", new { });
        Assert.Equal(HttpStatusCode.Created, published.StatusCode);
        Assert.Null(await looper.Get<PolicyEvaluationQueries>().OfContentAsync(Caller.System, "banner", BlueprintJson.Hash(content), default)); // it goes with version 2, and with no other
        var launched = (await client.GetFromJsonAsync<JsonNode>("/api/decision-points/banner/track-record"))!;
        Assert.Equal((2, 0), ((int)launched["launches"]![0]!["version"]!, (int)launched["compared"]!));

        await LogAsync(looper, point, 2, 3_000, looper.Get<TimeProvider>().GetUtcNow().AddMilliseconds(50), 0.8, "y");
        await looper.Get<LaunchFollowing>().CheckAsync(default); // every window is open yet
        var open = (await client.GetFromJsonAsync<JsonNode>("/api/track-record"))!["launches"]![0]!["observed"]!;
        Assert.Contains("0 of 50 decisions", open["note"]!.ToString(), StringComparison.Ordinal);
    }

    [Theory] // decisions a millisecond apart
    [InlineData(1_500, 1_500, "decisions made after its rule was made.")]
    [InlineData(2_500, 3_000, "of which its rule was made from.")] // too few are left
    public async Task A_rule_is_judged_on_what_came_after_it_was_made_where_that_is_enough(int made, int judged, string said)
    {
        await using var looper = new LooperApp();
        var point = await looper.PublishAsync("banner", s_banner);
        using var client = await looper.SignedInAsync(Role.Analyst);
        var from = looper.Get<TimeProvider>().GetUtcNow().AddHours(-2);
        await LogAsync(looper, point, 1, 3_000, from, 0.5, "x");
        object policy = new { kind = "tree", explore = 0.1, root = new { feature = "isVip", @is = "true", then = new { option = "b" }, @else = new { option = "a" } }, madeFrom = new { from, until = from.AddMilliseconds(made) } };
        using var asked = await client.PostAsJsonAsync("/api/decision-points/banner/policy-evaluations", new { policy });
        var result = (await DoneAsync(client, asked))["result"]!;
        Assert.Equal((judged, said), ((int)result["decisions"]!, result["sentence"]!.ToString()[^said.Length..]));
    }

    [Theory] // decisions a millisecond apart
    [InlineData("epsilon-greedy", 1_500, 1_500, "1,500 decisions made after those its model has learned from.")]
    [InlineData("epsilon-greedy", 2_500, 3_000, "3,000 decisions, 83% of which its model has learned from.")] // too few are left
    [InlineData("random", 1_500, 3_000, "3,000 decisions.")] // follows no model
    public async Task What_follows_a_model_is_judged_on_what_came_after_its_data_where_that_is_enough(string kind, int learned, int judged, string said)
    {
        await using var looper = new LooperApp();
        var point = await looper.PublishAsync("banner", s_banner);
        using var client = await looper.SignedInAsync(Role.Analyst);
        var from = looper.Get<TimeProvider>().GetUtcNow().AddHours(-2);
        await LogAsync(looper, point, 1, 3_000, from, 0.5, "x");
        await using (var db = await looper.Get<Microsoft.EntityFrameworkCore.IDbContextFactory<Core.Persistence.LooperDb>>().CreateDbContextAsync())
        {
            db.Add(new Model
            {
                Id = Guid.CreateVersion7(), DecisionPointId = point, Number = 1, Outcome = "purchase", State = ModelState.Live, Family = "trees", BlueprintVersion = 1, DataFrom = from, DataUntil = from.AddMilliseconds(learned - 0.5),
                Artefact = Artefact.Write(new([new("@option", ColumnKind.Category, ["a", "b"])], new TreeEnsemble(Objective.Squared, [0.5], [], [[0, 1]]))),
            });
            await db.SaveChangesAsync();
        }
        object policy = kind == "random" ? new { kind } : new { kind, epsilon = 0.5 };
        using var asked = await client.PostAsJsonAsync("/api/decision-points/banner/policy-evaluations", new { policy });
        var result = (await DoneAsync(client, asked))["result"]!;
        Assert.Equal((judged, said), ((int)result["decisions"]!, result["sentence"]!.ToString()[^said.Length..]));
    }

    [Fact]
    public async Task What_the_log_cannot_say_is_refused_with_a_reason()
    {
        await using var looper = new LooperApp();
        var point = await looper.PublishAsync("banner", s_banner with { Policy = new FixedPolicy("a") });
        using var client = await looper.SignedInAsync(Role.Analyst);
        using (var none = await client.PostAsJsonAsync("/api/decision-points/banner/policy-evaluations", new { policy = new { kind = "random" } }))
            Assert.Equal("too-few-decisions", (await DoneAsync(client, none))["result"]!["refusedCode"]!.ToString());
        await LogAsync(looper, point, 1, 300, looper.Get<TimeProvider>().GetUtcNow().AddHours(-2), 0, "x");
        using (var never = await client.PostAsJsonAsync("/api/decision-points/banner/policy-evaluations", new { policy = new { kind = "random" } }))
        {
            var result = (await DoneAsync(client, never))["result"]!;
            Assert.Equal("never-tried", result["refusedCode"]!.ToString());
            Assert.Contains("`b`, which was never tried", result["refused"]!.ToString(), StringComparison.Ordinal);
            Assert.Null(result["value"]!["value"]);
        }
        await Problem.IsAsync(await client.PostAsJsonAsync("/api/decision-points/banner/policy-evaluations", new { version = 1, policy = new { kind = "best" } }), HttpStatusCode.UnprocessableEntity, "policy-question.invalid");
        await Problem.IsAsync(await client.PostAsJsonAsync("/api/decision-points/banner/policy-evaluations", new { version = 9 }), HttpStatusCode.UnprocessableEntity, "policy-question.invalid");
        await Problem.IsAsync(await client.PostAsJsonAsync("/api/decision-points/nowhere/policy-evaluations", new { }), HttpStatusCode.NotFound, "decision-point.unknown");
        using var viewer = await looper.SignedInAsync(Role.Viewer);
        await Problem.IsAsync(await viewer.PostAsJsonAsync("/api/decision-points/banner/policy-evaluations", new { }), HttpStatusCode.Forbidden, "access.denied");
    }

    [Fact]
    public async Task A_launch_is_compared_with_what_the_version_before_would_have_earned()
    {
        await using var looper = new LooperApp();
        var point = await looper.PublishAsync("banner", s_banner);
        var now = looper.Get<TimeProvider>().GetUtcNow();
        await looper.PublishAsync("banner", s_banner with { Policy = new RandomPolicy { Weights = [0.2, 0.8] } });
        await LogAsync(looper, point, 2, 4_000, now.AddHours(-2), 0.8, "y");
        await using (var db = await looper.Get<Microsoft.EntityFrameworkCore.IDbContextFactory<Core.Persistence.LooperDb>>().CreateDbContextAsync())
        {
            var foretold = new PolicyEvaluationResult { DecisionPoint = "banner", Title = "Draft", Policy = "random", Reward = "purchase", NotUsed = new(0, 0, 0, 0), Relative = new(0.2, 0.04, 0.12, 0.28), Current = 1, Decisions = 3_000 };
            var evaluation = new PolicyEvaluation { Id = Guid.CreateVersion7(), DecisionPointId = point, MadeAt = now.AddHours(-3), Result = PolicyJson.Write(foretold) };
            evaluation.Launch(2, now.AddHours(-3));
            db.Add(evaluation);
            await db.SaveChangesAsync();
        }
        Assert.Equal(1, await looper.Get<LaunchFollowing>().CheckAsync(default));
        using var client = await looper.SignedInAsync(Role.Viewer);
        var record = (await client.GetFromJsonAsync<JsonNode>("/api/track-record"))!;
        var observed = record["launches"]![0]!["observed"]!;
        Assert.Equal(("version 1 on the same decisions", true), (observed["against"]!.ToString(), (bool)observed["isAsPredicted"]!));
        Assert.Equal(0.2, (double)observed["relative"]!["value"]!, 0.1);
        Assert.Equal((1, 1), ((int)record["compared"]!, (int)record["asPredicted"]!));
    }

    [Fact]
    public async Task The_newest_hundred_are_those_of_people_whatever_apprentices_asked_since()
    {
        await using var looper = new LooperApp();
        await JudgedAsync(looper, 101, 101);
        using var viewer = await looper.SignedInAsync(Role.Viewer);
        var all = (await viewer.GetFromJsonAsync<JsonArray>("/api/decision-points/banner/policy-evaluations"))!.Select(e => e!["title"]!.ToString()).ToList();
        Assert.Equal(Enumerable.Range(1, 100).Reverse().Select(i => $"beside {i:000}"), all[..100]);
        Assert.Equal(Enumerable.Range(1, 100).Reverse().Select(i => $"asked {i:000}"), all[100..]);
    }

    [Fact]
    public async Task A_judgement_older_than_the_newest_hundred_has_its_address_and_an_unknown_one_is_told()
    {
        await using var looper = new LooperApp();
        var asked = await JudgedAsync(looper, 101, 0);
        using var viewer = await looper.SignedInAsync(Role.Viewer);
        const string page = "/decision-points/banner/policy", article = "<article class=\"card stack\"><h3>";
        Assert.Contains(article + "asked 100: ", await viewer.GetStringAsync(page), StringComparison.Ordinal);
        Assert.Contains(article + "asked 000: ", await viewer.GetStringAsync($"{page}?evaluation={asked[0].Id}"), StringComparison.Ordinal);
        var nothing = Guid.CreateVersion7();
        var unknown = await viewer.GetStringAsync($"{page}?evaluation={nothing}");
        Assert.Contains($"There is no evaluation {nothing} of", unknown, StringComparison.Ordinal);
        Assert.DoesNotContain(article, unknown, StringComparison.Ordinal);
    }

    // one a minute: what people asked for, oldest first, then what apprentices did
    private static async Task<IReadOnlyList<PolicyEvaluation>> JudgedAsync(LooperApp looper, int asked, int ofApprentices)
    {
        var point = await looper.PublishAsync("banner", s_banner);
        var from = looper.Get<TimeProvider>().GetUtcNow().AddDays(-1);
        var evaluations = Enumerable.Range(0, asked + ofApprentices).Select(i => Of(i < asked ? $"asked {i:000}" : $"beside {i - asked:000}", from.AddMinutes(i))).ToList();
        await using var db = await looper.Get<Microsoft.EntityFrameworkCore.IDbContextFactory<Core.Persistence.LooperDb>>().CreateDbContextAsync();
        db.AddRange(evaluations);
        db.AddRange(evaluations.Select((of, i) => new JobRun
        {
            Id = of.Id, Kind = JobKinds.ValuePolicy, DecisionPointId = point, Subject = "banner", State = JobState.Done, RequestedAt = of.MadeAt,
            Input = new ValueInput(of.Title, "{\"isWindow\":true}", null, null, null) { IsWindow = i >= asked }.Write(),
        }));
        await db.SaveChangesAsync();
        return evaluations;

        PolicyEvaluation Of(string title, DateTimeOffset at) => new()
        {
            Id = Guid.CreateVersion7(), DecisionPointId = point, Title = title, RequestedBy = "somebody", MadeAt = at,
            Result = PolicyJson.Write(new PolicyEvaluationResult { DecisionPoint = "banner", Title = title, Policy = "random", Reward = "purchase", NotUsed = new(0, 0, 0, 0) }),
        };
    }
}
