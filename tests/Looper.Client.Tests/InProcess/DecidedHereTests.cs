using System.Text.Json.Nodes;
using Looper.Core.Blueprints;
using Looper.Core.Serving;
using Looper.InProcess;
using Looper.Testing;

namespace Looper.Client.Tests.InProcess;

public sealed class DecidedHereTests
{
    private static readonly ConfigurationParameter s_max = new("maxItems", ConfigurationKind.Whole) { Low = 1, High = 9 };

    [Fact]
    public async Task R19_a_decision_is_made_at_once_without_a_call_to_Looper()
    {
        await using var deciding = new Deciding(Points.Bytes(Points.Of(Points.Choice, version: 7, experiments: Points.Experiment())));
        await using var looper = new InProcessLooper(deciding.Options(flushEvery: TimeSpan.FromHours(1)));
        Assert.True(await looper.IsReadyAsync());
        var made = new List<Decision<string>>();
        for (var i = 0; i < 500; i++)
        {
            var decision = looper.BannerAsync($"user-{i}");
            Assert.True(decision.IsCompletedSuccessfully);
            made.Add(await decision);
        }
        Assert.All(deciding.Looper.Calls, c => Assert.True(c.IsSnapshot));
        Assert.All(made, d => Assert.Equal(("experiment", 0.5, "banner-q4", 7, false, true, null), (d.Reason, d.Propensity, d.Experiment, d.BlueprintVersion, d.IsFallback, d.Recorded, d.Problem)));
        Assert.All(made, d => Assert.Equal(d.Arm == "control" ? "a" : "b", d.Value));
        Assert.InRange(made.Count(d => d.Arm == "control"), 200, 300);
        Assert.Equal(500, made.Select(d => d.DecisionId).Distinct().Count());
    }

    [Fact]
    public async Task Looper_is_told_what_the_call_and_the_answer_would_have_been()
    {
        var clock = new ManualClock();
        await using var deciding = new Deciding(Points.Bytes(Points.Of(Points.Choice, version: 7, experiments: Points.Experiment())));
        await using var looper = new InProcessLooper(deciding.Options(clock: clock));
        Assert.True(await looper.IsReadyAsync());
        var decision = await looper.DecideAsync(Points.Banner, "user-\"42\"\u00e9", "fallback", new { country = "NL", cartValue = double.NaN, other = new[] { 1, 2 } }, decisionId: "d-1");
        Assert.True(await looper.DeliversAsync());
        var sent = Assert.Single(deciding.Delivered);
        Assert.True(sent.IsMade);
        Assert.Equal(Clients.Key, sent.Header("X-Api-Key"));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse($$"""
            {
              "decisionPoint": "checkout-banner", "decisionId": "d-1", "unit": "user-\"42\"é", "time": "2026-11-22T12:00:00Z", "context": { "country": "NL", "cartValue": null, "other": [1, 2] },
              "blueprintVersion": 7, "decision": "{{decision.Value}}", "propensity": 0.5, "reason": "experiment", "experiment": "banner-q4", "arm": "{{decision.Arm}}", "modelVersion": null
            }
            """), Assert.Single(sent.Items)), sent.Body);
        Assert.Equal(new LooperCounters(1, 1, 0, new(0, 0, 0, 0, 0)), looper.DecisionCounters);
        Assert.Equal(new LooperCounters(0, 0, 0, new(0, 0, 0, 0, 0)), looper.Counters);
    }

    [Fact]
    public async Task A_decision_without_a_context_is_reported_without_one()
    {
        await using var deciding = new Deciding(Points.Bytes(Points.Choice));
        await using var looper = new InProcessLooper(deciding.Options());
        Assert.True(await looper.IsReadyAsync());
        var decision = await looper.DecideAsync(Points.Banner, "user-42", "fallback");
        Assert.True(await looper.DeliversAsync());
        var item = Assert.Single(Assert.Single(deciding.Delivered).Items).AsObject();
        Assert.False(item.ContainsKey("context"));
        Assert.Equal((decision.DecisionId, decision.Value, "explore"), (item["decisionId"]!.GetValue<string>(), item["decision"]!.GetValue<string>(), item["reason"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Every_shape_without_candidates_comes_as_its_own_type()
    {
        Assert.True(await ValueAsync(Points.Choice with { Shape = DecisionShape.Binary, Options = [], Default = "true", Policy = new FixedPolicy("true") }, false));
        Assert.Equal(2.5, await ValueAsync(Points.Choice with { Shape = DecisionShape.Value, Options = [], Default = "2.5", Policy = new FixedPolicy("2.5") }, 0.0));
        Assert.Equal(new Settings(5), await ValueAsync(Points.Choice with { Shape = DecisionShape.Configuration, Options = [], Parameters = [s_max], Default = """{"maxItems":5}""", Policy = new FixedPolicy("""{"maxItems":5}""") }, new Settings(1)));
    }

    [Fact]
    public async Task A_decision_that_is_not_of_the_type_asked_for_is_the_fallback_and_is_not_reported()
    {
        await using var deciding = new Deciding(Points.Bytes(Points.Choice));
        await using var looper = new InProcessLooper(deciding.Options());
        Assert.True(await looper.IsReadyAsync());
        var decision = await looper.DecideAsync(Points.Banner, "user-42", fallback: 3);
        Assert.Equal((3, true, FallbackReason.Unreadable, null), (decision.Value, decision.IsFallback, decision.Reason, decision.DecisionId));
        Assert.EndsWith("which is no Int32. Ask for the type that the decision point answers with.", decision.Problem, StringComparison.Ordinal);
        Assert.Equal(0, looper.DecisionCounters.Taken);
    }

    [Fact]
    public async Task The_same_id_draws_the_same_answer()
    {
        await using var deciding = new Deciding(Points.Bytes(Points.Choice));
        await using var looper = new InProcessLooper(deciding.Options());
        Assert.True(await looper.IsReadyAsync());
        var values = new List<string>();
        for (var i = 0; i < 60; i++)
        {
            var first = await looper.BannerAsync("user-42", $"d-{i}");
            Assert.Equal(first.Value, (await looper.BannerAsync("user-43", $"d-{i}")).Value);
            values.Add(first.Value);
        }
        Assert.Equal(["a", "b", "none"], values.Distinct().Order());
    }

    [Fact]
    public async Task A_paused_decision_point_answers_its_default_and_a_context_that_is_no_object_too()
    {
        await using var deciding = new Deciding(Points.Bytes(Points.Of(Points.Choice, isPaused: true)));
        await using var looper = new InProcessLooper(deciding.Options());
        Assert.True(await looper.IsReadyAsync());
        var paused = await looper.BannerAsync();
        Assert.Equal(("none", "default-paused", true, false, 1.0), (paused.Value, paused.Reason, paused.IsDefault, paused.IsFallback, paused.Propensity!.Value));
        deciding.Bytes = Points.Bytes(Points.Choice, version: 2);
        await Eventually.IsTrueAsync(() => Task.FromResult(looper.State().BlueprintVersion == 2));
        var unfit = await looper.DecideAsync(Points.Banner, "user-42", "fallback", new[] { 1 });
        Assert.Equal(("none", "default-invalid-context", true), (unfit.Value, unfit.Reason, unfit.IsDefault));
        Assert.True(await looper.DeliversAsync());
        Assert.Equal(["default-paused", "default-invalid-context"], deciding.Delivered.SelectMany(c => c.Items).Select(i => i["reason"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_call_beyond_the_limits_of_Looper_is_the_fallback_with_the_reason()
    {
        await using var deciding = new Deciding(Points.Bytes(Points.Choice));
        await using var looper = new InProcessLooper(deciding.Options());
        Assert.True(await looper.IsReadyAsync());
        await InvalidAsync("unit: this is longer than 256 characters.", new string('u', 257));
        await InvalidAsync("unit: this holds control characters.", "user\n42");
        await InvalidAsync("unit: this is missing. Give whom to decide for.", "");
        await InvalidAsync("decisionId: this is longer than 128 characters.", id: new string('d', 129));
        await InvalidAsync("decisionId: this is empty.", id: "");
        await InvalidAsync("context: it holds a text longer than 1024 characters.", context: new { country = new string('c', 1_025) });
        await InvalidAsync("context: it holds more than 200 values.", context: Enumerable.Range(0, 201).ToDictionary(i => $"f{i}", i => i));
        await InvalidAsync("context: the call is nested deeper than 16 levels.", context: Nested(16));
        await InvalidAsync("The call cannot be written as JSON: it is larger than 512 KB.", context: new { a = Enumerable.Repeat(new string('c', 1_000), 600) });
        await InvalidAsync("budget: this must be from 1 ms to 60 s. Leave it out for the client's.", budget: TimeSpan.Zero);
        var within = await looper.DecideAsync(Points.Banner, new string('é', 256), "fallback", Nested(15), decisionId: new string('d', 128));
        Assert.False(within.IsFallback, within.Problem);
        Assert.Equal(1, looper.DecisionCounters.Taken);

        async Task InvalidAsync(string problem, string unit = "user-42", string? id = null, object? context = null, TimeSpan? budget = null)
        {
            var decision = await looper.DecideAsync(Points.Banner, unit, "fallback", context, decisionId: id, budget: budget);
            Assert.Equal(("fallback", FallbackReason.Invalid, problem), (decision.Value, decision.Reason, decision.Problem));
        }
    }

    [Fact]
    public async Task A_context_that_throws_when_it_is_written_costs_the_product_nothing()
    {
        await using var deciding = new Deciding(Points.Bytes(Points.Choice));
        await using var looper = new InProcessLooper(deciding.Options());
        Assert.True(await looper.IsReadyAsync());
        var decision = await looper.DecideAsync(Points.Banner, "user-42", "fallback", new Thrower("No value today."));
        Assert.Equal(("fallback", FallbackReason.Invalid, "The call cannot be written as JSON: No value today."), (decision.Value, decision.Reason, decision.Problem));
    }

    [Fact]
    public async Task Candidates_and_explanations_are_asked_of_Looper()
    {
        await using var deciding = new Deciding(Points.Bytes(Points.Choice));
        await using var looper = new InProcessLooper(deciding.Options());
        Assert.True(await looper.IsReadyAsync());
        Assert.Equal("d-1", (await looper.DecideAsync(Points.Banner, "user-42", "fallback", explain: true)).DecisionId);
        Assert.Equal("d-1", (await looper.DecideAsync(Points.Banner, "user-42", "fallback", candidates: [new("a")])).DecisionId);
        Assert.Equal("d-1", (await looper.DecideAsync("another", "user-42", "fallback")).DecisionId);
        Assert.Equal(3, deciding.Looper.Calls.Count(c => c.IsDecide));
        Assert.Equal(FallbackReason.Invalid, (await looper.DecideAsync(null!, "user-42", "fallback")).Reason);
    }

    [Fact]
    public async Task A_tester_has_its_arm()
    {
        await using var deciding = new Deciding(Points.Bytes(Points.Of(Points.Choice, experiments: Points.Experiment(testers: new TesterSource("tester-1", 1)))));
        await using var looper = new InProcessLooper(deciding.Options());
        Assert.True(await looper.IsReadyAsync());
        var decision = await looper.BannerAsync("tester-1");
        Assert.Equal(("b", "override", "treatment", 1.0), (decision.Value, decision.Reason, decision.Arm, decision.Propensity!.Value));
    }

    private static async Task<T> ValueAsync<T>(BlueprintContent content, T fallback)
    {
        await using var deciding = new Deciding(Points.Bytes(content));
        await using var looper = new InProcessLooper(deciding.Options());
        Assert.True(await looper.IsReadyAsync(), looper.State().Problem);
        var decision = await looper.DecideAsync(Points.Banner, "user-42", fallback);
        Assert.Null(decision.Problem);
        Assert.True(await looper.DeliversAsync());
        var item = Assert.Single(Assert.Single(deciding.Delivered).Items);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(content.Default), item["decision"]), item.ToJsonString());
        return decision.Value;
    }

    private static object Nested(int levels) => levels == 1 ? new { a = 1 } : new { a = Nested(levels - 1) };

    private sealed record Settings(int MaxItems);

    private sealed class Thrower(string why)
    {
        public int Value => throw new InvalidOperationException(why);
    }
}
