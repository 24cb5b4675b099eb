using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Numerics;
using Looper.Testing;
using Looper.Testing.Servers;

namespace Looper.EndToEnd.Tests;

[Collection("processes")]
public sealed class KillTests(ITestOutputHelper output)
{
    private static readonly string[] s_options = ["a", "b", "none"];

    // Ten times the promise on a push: a slow neighbour never turns it red.
    private static readonly TimeSpan s_readyWithin = TimeSpan.FromSeconds(Sizes.IsLong ? 5 : 50);

    [Fact]
    public async Task R1_what_was_acknowledged_survives_kill_minus_nine_and_is_there_once()
    {
        await using var server = await LooperServer.StartAsync();
        using var admin = await server.SetUpAsync();
        var point = await admin.PublishAsync(Ingest.Point, Ingest.Blueprint);
        var key = await admin.CreateKeyAsync("decide", "observe");
        var random = new Philox(Sizes.Seed, "R1");
        var ingest = new Ingest();
        var slowest = TimeSpan.Zero;
        for (var kill = 0; kill < Sizes.R1Kills; kill++)
        {
            using (var client = server.WithKey(key))
            {
                var writing = ingest.RunAsync(client, writers: 8, default);
                await Task.Delay(50 + random.Below(1_950));
                await server.KillAsync();
                await writing;
            }
            await server.RestartAsync();
            slowest = server.ReadyAfter > slowest ? server.ReadyAfter : slowest;
        }
        var stored = await StoredEvents.ReadAsync(server.DataDirectory, point);
        await AssertAllThereAsync(server, key, ingest, stored);
        output.WriteLine(FaultLedger.Line("R1", Sizes.R1Kills,
            $"{ingest.Decided.Count} decisions and {ingest.Observed.Count} observations acknowledged, {stored.Decisions.Count} and {stored.Observations.Count} stored; slowest start {slowest.TotalSeconds:F1} s"));
        Assert.True(slowest < s_readyWithin, $"ready after {slowest}");
    }

    [Fact]
    public async Task R21_a_graceful_stop_under_load_loses_nothing_and_leaves_no_log()
    {
        await using var server = await LooperServer.StartAsync();
        using var admin = await server.SetUpAsync();
        var point = await admin.PublishAsync(Ingest.Point, Ingest.Blueprint);
        var key = await admin.CreateKeyAsync("decide", "observe");
        var (ingest, slowest) = (new Ingest(), TimeSpan.Zero);
        for (var stop = 0; stop < Sizes.R21Stops; stop++)
        {
            using (var client = server.WithKey(key))
            {
                var writing = ingest.RunAsync(client, writers: 8, default);
                await Task.Delay(400);
                var since = Stopwatch.GetTimestamp();
                Assert.Equal(0, await server.StopAsync(TimeSpan.FromSeconds(Sizes.IsLong ? 10 : 100)));
                var took = Stopwatch.GetElapsedTime(since);
                slowest = took > slowest ? took : slowest;
                await writing;
            }
            var log = new FileInfo(Path.Combine(server.DataDirectory, "events.db-wal"));
            Assert.Equal(0, log.Exists ? log.Length : 0);
            await server.RestartAsync();
        }
        var stored = await StoredEvents.ReadAsync(server.DataDirectory, point);
        await AssertAllThereAsync(server, key, ingest, stored);
        string[] taken = [.. ingest.Unanswered.Keys.Where(id => stored.Decisions.ContainsKey(id) || stored.Observations.Any(o => o.StartsWith($"{id}/", StringComparison.Ordinal)))];
        Assert.True(taken.Length == 0, $"{taken.Length} events were stored and not answered, as {string.Join(", ", taken.Take(3))}");
        output.WriteLine(FaultLedger.Line("R21", Sizes.R21Stops, $"{ingest.Decided.Count} decisions and {ingest.Observed.Count} observations acknowledged, none stored without an answer; slowest stop {slowest.TotalSeconds:F1} s"));
    }

    private static async Task AssertAllThereAsync(LooperServer server, string key, Ingest ingest, StoredEvents stored)
    {
        Assert.True(ingest.Refused.IsEmpty, $"{ingest.Refused.Count} calls were refused, as {string.Join("; ", ingest.Refused.Take(3))}");
        Assert.True(ingest.Decided.Count > 100, $"only {ingest.Decided.Count} decisions were acknowledged");
        Assert.True(ingest.Observed.Count > 100, $"only {ingest.Observed.Count} observations were acknowledged");
        Assert.DoesNotContain(ingest.Decided, d => !stored.Decisions.TryGetValue(d.Key, out var option) || s_options[option] != d.Value);
        Assert.DoesNotContain(ingest.Observed.Keys, o => !stored.Observations.Contains(o));
        Assert.Equal(0, stored.Corrupt);
        using var client = server.WithKey(key); // and the interface agrees: sent again, they are answered from what is stored
        foreach (var (id, option) in ingest.Decided.OrderBy(d => d.Key, StringComparer.Ordinal).Take(50))
        {
            var number = int.Parse(id.AsSpan(2), System.Globalization.CultureInfo.InvariantCulture);
            using var answer = await client.PostAsJsonAsync("/v1/decisions", new JsonObject
            {
                ["decisionPoint"] = Ingest.Point, ["unit"] = $"user-{number % 5_000}", ["decisionId"] = id,
                ["context"] = new JsonObject { ["cartValue"] = number % 97, ["country"] = number % 3 == 0 ? "NL" : "DE" },
            });
            Assert.Equal("true", Assert.Single(answer.Headers.GetValues("Idempotent-Replayed")));
            Assert.Equal(option, Ingest.Option(JsonNode.Parse(await answer.Content.ReadAsStringAsync())!));
        }
    }
}
