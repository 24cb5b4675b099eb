using System.Net;
using System.Text.Json.Nodes;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Api;

public sealed class ReplayedCallsTests
{
    [Fact]
    public async Task R7_a_replayed_decision_is_the_stored_one_even_after_a_new_version_and_a_changed_body_is_refused()
    {
        await using var app = new LooperApp();
        await app.PublishAsync("banner", ServedApp.Banner with { Policy = new FixedPolicy("free-shipping") });
        var client = await app.WithKeyAsync();
        const string call = """{"decisionPoint":"banner","unit":"u","decisionId":"d-1","context":{"country":"NL","cartValue":5}}""";
        var first = await client.SendAsync("/v1/decisions", call);
        Assert.False(first.Headers.Contains("Idempotent-Replayed"));
        await app.PublishAsync("banner", ServedApp.Banner with { Options = [new("other"), new("none")], Features = [], Policy = new FixedPolicy("other") });
        var again = await client.SendAsync("/v1/decisions", """{ "unit":"u", "context":{"cartValue":5.0,"country":"\u004eL"}, "decisionId":"d-1", "decisionPoint":"banner" }""");
        Assert.Equal("true", Assert.Single(again.Headers.GetValues("Idempotent-Replayed")));
        Assert.Equal(await first.Content.ReadAsStringAsync(), await again.Content.ReadAsStringAsync());
        foreach (var changed in new[] { call.Replace("\"u\"", "\"v\""), call.Replace("NL", "DE"), call.Replace(",\"context\":{\"country\":\"NL\",\"cartValue\":5}", "") })
            await Problem.IsAsync(await client.SendAsync("/v1/decisions", changed), HttpStatusCode.Conflict, "idempotency.conflict");
    }

    [Fact]
    public async Task R7_ten_concurrent_senders_of_every_id_single_and_batch_have_one_effect()
    {
        await using var app = new LooperApp();
        var point = await app.PublishAsync("banner", ServedApp.Banner);
        var client = await app.WithKeyAsync();
        const int ids = 50;
        static string Call(int i, string changed = "") => $$"""{"decisionPoint":"banner","unit":"u-{{i}}{{changed}}","decisionId":"d-{{i}}","context":{"cartValue":{{i}} } }""";
        var answers = new System.Collections.Concurrent.ConcurrentDictionary<int, System.Collections.Concurrent.ConcurrentBag<string>>();
        await Parallel.ForAsync(0, 10, new ParallelOptions { MaxDegreeOfParallelism = 10 }, async (sender, _) =>
        {
            if (sender % 2 == 0)
            {
                for (var i = 0; i < ids; i++) answers.GetOrAdd(i, _ => []).Add((await client.OkAsync("/v1/decisions", Call(i))).ToJsonString());
                return;
            }
            var batch = await client.OkAsync("/v1/decisions/batch", $$"""{"items":[{{string.Join(',', Enumerable.Range(0, ids).Select(i => Call(i)))}}]}""");
            for (var i = 0; i < ids; i++) answers.GetOrAdd(i, _ => []).Add(batch["items"]![i]!["result"]!.ToJsonString());
        });
        Assert.All(Enumerable.Range(0, ids), i => Assert.Single(answers[i].Distinct()));
        var conflicts = await client.OkAsync("/v1/decisions/batch", $$"""{"items":[{{string.Join(',', Enumerable.Range(0, ids).Select(i => Call(i, "x")))}}]}""");
        Assert.All(conflicts["items"]!.AsArray(), item => Assert.Equal("idempotency.conflict", item!["problem"]!["code"]!.GetValue<string>()));
        Assert.Equal(ids, (await app.Get<EventReader>().DecisionsAsync(new(point), null, 500, default)).Items.Count);
    }

    [Fact]
    public async Task R7_an_observation_sent_twice_counts_once_and_a_changed_one_is_refused()
    {
        await using var app = new LooperApp();
        await app.PublishAsync("banner", ServedApp.Banner);
        var client = await app.WithKeyAsync();
        await client.OkAsync("/v1/decisions", """{"decisionPoint":"banner","unit":"u","decisionId":"d-1"}""");
        foreach (var call in new[]
        {
            """{"decisionId":"d-1","outcomes":{"purchase":1,"revenue":24.9}}""",
            """{"decisionId":"d-1","observationId":"o-1","outcomes":{"clicks":1}}""",
            """{"unit":"u","time":"2026-01-01T00:00:00Z","outcomes":{"purchase":true}}""",
        })
        {
            Assert.False((await client.SendAsync("/v1/observations", call)).Headers.Contains("Idempotent-Replayed"));
            var again = await client.SendAsync("/v1/observations", call);
            Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
            Assert.True(again.Headers.Contains("Idempotent-Replayed"));
        }
        await Problem.IsAsync(await client.SendAsync("/v1/observations", """{"decisionId":"d-1","observationId":"o-1","outcomes":{"clicks":2}}"""), HttpStatusCode.Conflict, "idempotency.conflict");
        var batch = await client.OkAsync("/v1/observations/batch", """{"items":[{"decisionId":"d-1","observationId":"o-1","outcomes":{"clicks":1}},{"decisionId":"d-1","observationId":"o-1","outcomes":{"clicks":3}}]}""");
        Assert.True(batch["items"]![0]!["replayed"]!.GetValue<bool>());
        Assert.Equal(409, batch["items"]![1]!["status"]!.GetValue<int>());
        Assert.Equal(4, (await app.Get<EventReader>().ObservationsAsync(new(), null, 100, default)).Items.Count);
    }

    [Fact]
    public async Task R7_an_observation_id_belongs_to_one_body_whatever_outcomes_another_names_across_a_restart()
    {
        await using var app = new LooperApp();
        await app.PublishAsync("banner", ServedApp.Banner);
        const string first = """{"unit":"u","observationId":"receipt/7","outcomes":{"revenue":24.9,"purchase":true}}""";
        string[] others =
        [
            """{"unit":"u","observationId":"receipt/7","outcomes":{"clicks":1}}""", """{"unit":"u","observationId":"receipt/7","outcomes":{"seconds":1}}""",
            """{"unit":"u","observationId":"receipt/7","outcomes":{"purchase":true}}""", """{"unit":"u","observationId":"receipt/7","outcomes":{"revenue":24.9,"purchase":true,"clicks":1}}""",
            """{"decisionId":"u","observationId":"receipt/7","outcomes":{"revenue":24.9,"purchase":true}}""",
        ];
        var client = await app.WithKeyAsync();
        await client.OkAsync("/v1/observations", first);
        for (var start = 0; start < 2; start++)
        {
            foreach (var other in others)
            {
                var problem = await Problem.IsAsync(await client.SendAsync("/v1/observations", other), HttpStatusCode.Conflict, "idempotency.conflict");
                Assert.Contains("'receipt/7'", problem["detail"]!.GetValue<string>());
            }
            var batch = await client.OkAsync("/v1/observations/batch", $$"""{"items":[{{string.Join(',', others)}},{"unit":"u","observationId":"receipt/7","outcomes":{"purchase":1,"revenue":24.90} }]}""");
            Assert.All(batch["items"]!.AsArray().SkipLast(1), item => Assert.Equal("idempotency.conflict", item!["problem"]!["code"]!.GetValue<string>()));
            Assert.True(batch["items"]!.AsArray()[^1]!["replayed"]!.GetValue<bool>());
            await app.RestartAsync();
            client = await app.WithKeyAsync();
        }
        Assert.Equal(["purchase", "revenue"], (await app.Get<EventReader>().ObservationsAsync(new(), null, 100, default)).Items.Select(o => o.Outcome).Order());
    }

    [Fact]
    public async Task The_same_amount_for_a_unit_without_id_or_time_is_another_event()
    {
        await using var app = new LooperApp();
        await app.PublishAsync("banner", ServedApp.Banner);
        var client = await app.WithKeyAsync();
        for (var i = 0; i < 3; i++) await client.OkAsync("/v1/observations", """{"unit":"u","outcomes":{"revenue":24.9}}""");
        Assert.Equal(3, (await app.Get<EventReader>().ObservationsAsync(new(), null, 100, default)).Items.Count);
    }
}
