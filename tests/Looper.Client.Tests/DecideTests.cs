using System.Text.Json;
using System.Text.Json.Nodes;

namespace Looper.Client.Tests;

public sealed class DecideTests
{
    private const string Ranked = """
        {"decisionId":"d-2","decision":"b","ranking":[{"id":"b","score":0.5,"propensity":0.25},{"id":"a","score":null,"propensity":null}],"propensity":0.25,"reason":"explore",
         "arm":null,"experiment":null,"blueprintVersion":1,"modelVersion":null,"isDefault":false,"recorded":false,"explanation":{"rule":"x"},"new":1}
        """;

    private sealed record Settings(int MaxItems, string Layout);

    [Fact]
    public async Task The_call_is_sent_as_Looper_reads_it()
    {
        await using var looper = new FaultyLooper();
        await using var client = Clients.Of(looper.Url + "/under/");
        await client.DecideAsync("offers", "user-42", "none", new { country = "NL", cartValue = 83.5, ratio = double.NaN, part = float.PositiveInfinity }, [new("a", new { price = 3 }), new("b")], "order-981", explain: true);
        var call = Assert.Single(looper.Calls);
        Assert.Equal(("/under/v1/decisions", Clients.Key, "application/json"), (call.Path, call.Header("X-Api-Key"), call.Header("Content-Type")));
        var expected = """
            {"decisionPoint":"offers","unit":"user-42","decisionId":"order-981","context":{"country":"NL","cartValue":83.5,"ratio":null,"part":null},
             "candidates":[{"id":"a","features":{"price":3}},{"id":"b"}],"explain":true}
            """;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), call.Json), call.Body);
    }

    [Fact]
    public async Task What_is_not_given_is_not_sent()
    {
        await using var looper = new FaultyLooper();
        await using var client = Clients.Of(looper.Url);
        await client.DecideAsync("banner", "u", "none");
        Assert.Equal("""{"decisionPoint":"banner","unit":"u"}""", Assert.Single(looper.Calls).Body);
    }

    [Fact]
    public async Task Context_may_be_an_object_a_dictionary_or_JSON()
    {
        await using var looper = new FaultyLooper();
        await using var client = Clients.Of(looper.Url);
        foreach (var context in new object[] { new { a = 1 }, new Dictionary<string, object> { ["a"] = 1 }, JsonNode.Parse("""{"a":1}""")!, JsonDocument.Parse("""{"a":1}""").RootElement })
            await client.DecideAsync("p", "u", "none", context);
        Assert.All(looper.Calls, c => Assert.Equal("""{"a":1}""", c.Json["context"]!.ToJsonString()));
        Assert.Equal(4, looper.Calls.Count);
    }

    [Fact]
    public async Task The_answer_is_given_whole()
    {
        await using var looper = new FaultyLooper();
        await using var client = Clients.Of(looper.Url);
        var plain = await client.DecideAsync("banner", "u", "none");
        Assert.Equal(("d-1", "free-shipping", 0.62, "policy"), (plain.DecisionId, plain.Value, plain.Propensity, plain.Reason));
        Assert.Equal(("treatment", "banner-q4", 7, 31), (plain.Arm, plain.Experiment, plain.BlueprintVersion, plain.ModelVersion));
        Assert.Equal((false, true, false, null), (plain.IsDefault, plain.Recorded, plain.IsFallback, plain.Problem));
        looper.Answers = _ => new(200, Ranked);
        var ranked = await client.DecideAsync("feed", "u", "none");
        Assert.Equal([new("b", 0.5, 0.25), new("a", null, null)], ranked.Ranking!);
        Assert.Equal((null, null, null, false), (ranked.Arm, ranked.Experiment, ranked.ModelVersion, ranked.Recorded));
        Assert.Equal("x", ranked.Explanation!.Value.GetProperty("rule").GetString());
    }

    [Fact]
    public async Task A_decision_is_text_yes_or_no_a_number_or_a_type_of_the_product()
    {
        await using var looper = new FaultyLooper();
        await using var client = Clients.Of(looper.Url);
        void Decide(string json) => looper.Answers = _ => new(200, Answer.Decided.Replace("\"free-shipping\"", json, StringComparison.Ordinal));
        Decide("true");
        Assert.True((await client.DecideAsync("p", "u", false)).Value);
        Decide("2.5");
        Assert.Equal(2.5, (await client.DecideAsync("p", "u", 0.0)).Value);
        Decide("""{"maxItems":7,"layout":"grid"}""");
        Assert.Equal(new Settings(7, "grid"), (await client.DecideAsync("p", "u", new Settings(1, "list"))).Value);
        Assert.Equal(7, (await client.DecideAsync("p", "u", default(JsonElement))).Value.GetProperty("maxItems").GetInt32());
    }

    [Theory]
    [InlineData("5")]
    [InlineData("null")]
    [InlineData("""{"layout":"grid"}""")] // the number it lacks is not taken for 0
    [InlineData("""{"maxItems":1,"layout":null}""")]
    public async Task A_decision_of_another_type_is_the_fallback_and_is_held_against_the_call_alone(string decision)
    {
        await using var looper = new FaultyLooper { Answers = _ => new(200, Answer.Decided.Replace("\"free-shipping\"", decision, StringComparison.Ordinal)) };
        await using var client = Clients.Of(looper.Url);
        for (var i = 0; i < 6; i++)
        {
            var given = await client.DecideAsync("p", "u", new Settings(1, "list"));
            Assert.Equal((true, FallbackReason.Unreadable, new Settings(1, "list")), (given.IsFallback, given.Reason, given.Value));
            Assert.Contains("Settings", given.Problem, StringComparison.Ordinal);
        }
        Assert.Equal(6, looper.Calls.Count); // no pause: other decision points are well
    }

    [Fact]
    public async Task A_call_that_cannot_be_sent_gets_the_fallback_and_no_call_is_made()
    {
        await using var looper = new FaultyLooper();
        await using var client = Clients.Of(looper.Url);
        var loop = new Dictionary<string, object>();
        loop["self"] = loop;
        static IEnumerable<int> Endless()
        {
            while (true) yield return 1;
        }

        Decision<string>[] given =
        [
            await client.DecideAsync("", "u", "none"), await client.DecideAsync(null!, "u", "none"), await client.DecideAsync("p", "", "none"), await client.DecideAsync("p", null!, "none"),
            await client.DecideAsync("p", "u", "none", loop), await client.DecideAsync("p", "u", "none", new { endless = Endless() }), await client.DecideAsync("p", "u", "none", new { action = new Action(() => { }) }),
            await client.DecideAsync("p", "u", "none", candidates: [null!]), await client.DecideAsync("p", "u", "none", new { text = new string('x', 600_000) }), await client.DecideAsync("p", "u", "none", new Throwing()),
            await client.DecideAsync("p", "u", "none", budget: TimeSpan.Zero), await client.DecideAsync("p", "u", "none", budget: TimeSpan.MaxValue),
        ];
        Assert.All(given, g => Assert.Equal(("none", FallbackReason.Invalid, true), (g.Value, g.Reason, g.IsFallback)));
        Assert.All(given, g => Assert.EndsWith(".", g.Problem, StringComparison.Ordinal));
        Assert.Empty(looper.Calls);
    }

    [Fact]
    public async Task A_closed_client_goes_on_giving_the_fallback()
    {
        await using var looper = new FaultyLooper();
        var client = Clients.Of(looper.Url);
        await client.CloseAsync();
        Assert.Equal(("none", FallbackReason.Invalid), (await client.DecideAsync("p", "u", "none") is var given ? given.Value : null, given.Reason));
        Assert.Empty(looper.Calls);
    }

    [Fact] // five of them would keep everybody else's calls from a Looper that is well
    public async Task A_context_that_is_slow_to_write_says_nothing_of_Looper()
    {
        await using var looper = new FaultyLooper();
        await using var client = Clients.Of(looper.Url);
        using var end = new ManualResetEventSlim();
        for (var i = 0; i < 6; i++)
        {
            var slow = await client.DecideAsync("p", "u", "none", new Slow(end), budget: TimeSpan.FromMilliseconds(5));
            Assert.Equal(FallbackReason.Timeout, slow.Reason);
        }
        end.Set();
        Assert.False((await client.DecideAsync("p", "u", "none")).IsFallback);
    }

    [Fact]
    public async Task Who_blocks_a_thread_with_a_context_of_its_own_gets_an_answer_all_the_same()
    {
        await using var looper = new FaultyLooper();
        var answered = await Task.Factory.StartNew(() =>
        {
            SynchronizationContext.SetSynchronizationContext(new Blocked());
            var client = Clients.Of(looper.Url);
            return client.DecideAsync("p", "u", "none").Wait(TimeSpan.FromSeconds(30)) && client.CloseAsync().Wait(TimeSpan.FromSeconds(30));
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.True(answered);
    }

    private sealed class Slow(ManualResetEventSlim end)
    {
        public int Value
        {
            get
            {
                end.Wait();
                return 1;
            }
        }
    }

    /// <summary>Its thread waits, so nothing that is posted to it ever runs.</summary>
    private sealed class Blocked : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }
    }

    private sealed class Throwing
    {
        private readonly string _why = "it throws";

        public int Value => throw new InvalidTimeZoneException(_why);
    }
}
