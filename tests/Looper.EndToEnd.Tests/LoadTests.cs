using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Looper.Testing;
using Looper.Testing.Servers;

namespace Looper.EndToEnd.Tests;

/// <summary>More than the real process can take, and changes while it takes all it can.</summary>
[Collection("processes")]
public sealed class LoadTests(ITestOutputHelper output)
{
    private const string Quiet = "quiet-banner";
    private const int Flooding = 96;

    // Ten times the promise on a push: a slow neighbour never turns it red.
    private static readonly double s_slack = Sizes.IsLong ? 1 : 10;

    [Fact]
    public async Task R17_three_times_what_it_can_take_is_refused_in_words_and_no_other_decision_point_suffers()
    {
        await using var server = await LooperServer.StartAsync();
        using var admin = await server.SetUpAsync();
        var points = new[] { await admin.PublishAsync(Ingest.Point, Ingest.Blueprint), await admin.PublishAsync(Quiet, Ingest.Blueprint) };
        using var client = server.WithKey(await admin.CreateKeyAsync("decide", "observe"));
        var flood = new Flood(client);
        using (var watch = new CancellationTokenSource(Sizes.R17Measuring)) await flood.RunAsync(4, watch.Token);
        var capacity = flood.Decided / Sizes.R17Measuring.TotalSeconds;
        Assert.Equal(0, flood.Full);
        var (calm, resident) = (await ProbeAsync(client, Sizes.R17Measuring, default), server.ResidentBytes);

        var (before, answered) = (flood.Decided, flood.Answered);
        Probe beside;
        using (var watch = new CancellationTokenSource(Sizes.R17Overload))
        {
            var flooding = flood.RunAsync(Flooding, watch.Token);
            beside = await ProbeAsync(client, Sizes.R17Overload, watch.Token);
            await flooding;
        }
        var goodput = (flood.Decided - before) / Sizes.R17Overload.TotalSeconds;
        var offered = (flood.Answered - answered) / Sizes.R17Overload.TotalSeconds;
        var grown = (double)server.ResidentBytes / resident;
        var after = await ProbeAsync(client, Sizes.R17Measuring, default);
        output.WriteLine(FaultLedger.Line("R17", flood.Answered,
            $"capacity {capacity:F0} decisions/s in batches of {Flood.Batch}; offered {offered / capacity:F1} times that: {goodput / capacity:P0} of it kept, {flood.Full} refused with 429; another point's p99 {calm.P99.TotalMilliseconds:F0} ms before, " +
            $"{beside.P99.TotalMilliseconds:F0} ms meanwhile with {beside.Refused} of {beside.Calls} refused, {after.P99.TotalMilliseconds:F0} ms after; memory {grown:F2} times"));
        Assert.Empty(flood.Odd);
        Assert.True(flood.Full > 0, "Nothing was refused: this was no overload.");
        await foreach (var id in StoredEvents.DecisionsAsync(server.DataDirectory, points[0])) flood.Found(id);
        Assert.Equal(0, flood.Missing);
        Assert.Equal((0, 0, 0), (calm.Refused, beside.Refused, after.Refused));
        Assert.True(goodput >= 0.8 * capacity / s_slack, $"{goodput:F0} of {capacity:F0} decisions/s were kept");
        Assert.True(grown <= 1.5 * s_slack, $"memory grew {grown:F2} times");
        Assert.True(after.P99 <= calm.P99 * 2 * s_slack, $"p99 {after.P99} after, {calm.P99} before");
    }

    [Fact]
    public async Task B10_versions_are_published_under_full_load_and_no_call_fails()
    {
        await using var server = await LooperServer.StartAsync(new Dictionary<string, string> { ["Looper:Limits:ManagementPerSecond"] = "100000" }); // publishing is not what is limited here
        using var admin = await server.SetUpAsync();
        var point = await admin.PublishAsync(Ingest.Point, Ingest.Blueprint);
        var other = (JsonObject)Ingest.Blueprint.DeepClone();
        other["features"]!.AsArray().RemoveAt(1);
        other["policy"] = new JsonObject { ["kind"] = "fixed", ["option"] = "a" };
        using (var created = await admin.PostAsJsonAsync("/api/drafts", new { decisionPoint = Ingest.Point, content = other }))
        {
            await LooperServer.EnsureAsync(created);
            var draft = JsonNode.Parse(await created.Content.ReadAsStringAsync())!;
            using var published = await admin.PostAsJsonAsync($"/api/drafts/{draft["id"]}/publish", new { revision = draft["revision"]!.GetValue<long>() });
            await LooperServer.EnsureAsync(published);
        }
        using var client = server.WithKey(await admin.CreateKeyAsync("decide", "observe"));
        var (ingest, swaps) = (new Ingest(), 0);
        using (var stop = new CancellationTokenSource())
        {
            var writing = ingest.RunAsync(client, writers: 16, stop.Token);
            for (var since = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(since) < Sizes.Swapping; swaps++)
            {
                using var back = await admin.PostAsJsonAsync($"/api/decision-points/{Ingest.Point}/blueprints/{1 + (swaps % 2)}/restore", new { note = "" });
                await LooperServer.EnsureAsync(back);
            }
            await stop.CancelAsync();
            await writing;
        }
        var stored = await StoredEvents.ReadAsync(server.DataDirectory, point);
        output.WriteLine(FaultLedger.Line("B10", ingest.Decided.Count + ingest.Observed.Count, $"{swaps} versions published meanwhile"));
        Assert.Empty(ingest.Refused);
        Assert.Empty(ingest.Cut);
        Assert.True(swaps >= 5, $"only {swaps} versions were published");
        Assert.DoesNotContain(ingest.Decided.Keys, d => !stored.Decisions.ContainsKey(d));
        Assert.Equal(["a", "b", "none"], ingest.Decided.Values.Distinct().Order()); // both versions have answered
    }

    private sealed record Probe(int Calls, int Refused, TimeSpan P99);

    /// <summary>One decision after another of a decision point that nobody floods.</summary>
    private static async Task<Probe> ProbeAsync(HttpClient client, TimeSpan during, CancellationToken stop)
    {
        var (times, refused) = (new List<TimeSpan>(), 0);
        for (var since = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(since) < during && !stop.IsCancellationRequested;)
        {
            var sent = Stopwatch.GetTimestamp();
            using var answer = await client.PostAsJsonAsync("/v1/decisions", new { decisionPoint = Quiet, unit = $"u-{times.Count % 100}" }, CancellationToken.None);
            times.Add(Stopwatch.GetElapsedTime(sent));
            if (answer.StatusCode != HttpStatusCode.OK) refused++;
            await Task.Delay(5, CancellationToken.None);
        }
        return new(times.Count, refused, times.Order().ElementAt(times.Count * 99 / 100));
    }
}
