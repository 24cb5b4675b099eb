using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Looper.Testing;
using Looper.Testing.Servers;

namespace Looper.EndToEnd.Tests.Load;

/// <summary>More than the real process can take, and changes while it takes all it can.</summary>
[Collection("processes")]
public sealed class LoadTests(ITestOutputHelper output)
{
    private const string Quiet = "quiet-banner";
    private const int Most = 64, Flooding = 192; // senders: as many as all find room, and thrice that

    // Ten times the promise on a push: a slow neighbour never turns it red.
    private static readonly double s_slack = Sizes.IsLong ? 1 : 10;

    [Fact]
    public async Task R17_three_times_what_it_can_take_is_refused_in_words_and_no_other_decision_point_suffers()
    {
        await using var server = await LooperServer.StartAsync();
        using var admin = await server.SetUpAsync();
        var points = new[] { await admin.PublishAsync(Ingest.Point, Ingest.Blueprint), await admin.PublishAsync(Quiet, Ingest.Blueprint) };
        var key = await admin.CreateKeyAsync("decide", "observe");
        var (flood, measured) = (new Flood(server.Address, key), 0L);
        foreach (var _ in Enumerable.Range(0, 2)) // warm, then measured
        {
            measured = flood.Decided;
            using var watch = new CancellationTokenSource(Sizes.R17Measuring);
            await flood.RunAsync(Most, double.PositiveInfinity, watch.Token);
            if (measured == 0) await ProbeAsync(server.Address, key, TimeSpan.FromSeconds(1)); // an index by decision point costs more where it ends with another one's rows, as it does from here on
        }
        var capacity = (flood.Decided - measured) / Sizes.R17Measuring.TotalSeconds;
        Assert.Empty(flood.Odd);
        Assert.Equal(0, flood.Full);
        var (calm, resident) = (await ProbeAsync(server.Address, key, Sizes.R17Measuring), server.ResidentBytes);

        var (before, answered) = (flood.Decided, flood.Answered);
        Probe beside;
        using (var watch = new CancellationTokenSource(Sizes.R17Overload))
        {
            var flooding = flood.RunAsync(Flooding, Sizes.R17Times * capacity, watch.Token);
            beside = await ProbeAsync(server.Address, key, Sizes.R17Overload);
            await flooding;
        }
        var goodput = (flood.Decided - before) / Sizes.R17Overload.TotalSeconds;
        var offered = (flood.Answered - answered) / Sizes.R17Overload.TotalSeconds;
        var grown = (double)server.ResidentBytes / resident;
        var after = await ProbeAsync(server.Address, key, Sizes.R17Measuring);
        output.WriteLine(FaultLedger.Line("R17", flood.Answered,
            $"capacity {capacity:F0} decisions/s in batches of {Flood.Batch}; offered {offered / capacity:F1} times that: {goodput / capacity:P0} of it kept, {flood.Full} refused with 429; another point's p50 and p99 {calm} ms before, " +
            $"{beside} ms meanwhile with {beside.Refused} of {beside.Calls} refused, {after} ms after; memory {grown:F2} times"));
        Assert.Empty(flood.Odd);
        Assert.True(flood.Full > 0, "Nothing was refused: this was no overload.");
        await foreach (var id in StoredEvents.DecisionsAsync(server.DataDirectory, points[0])) flood.Found(id);
        Assert.Equal(0, flood.Missing);
        Assert.Equal((0, 0, 0), (calm.Refused, beside.Refused, after.Refused));
        Assert.True(goodput >= 0.8 * capacity / s_slack, $"{goodput:F0} of {capacity:F0} decisions/s were kept");
        Assert.True(!Sizes.IsLong || beside.P99 <= calm.P99 * 2, $"p99 of another decision point {beside.P99} meanwhile, {calm.P99} before"); // on a push the senders' share of the cores decides it
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

    private sealed record Probe(int Calls, int Refused, TimeSpan Median, TimeSpan P99)
    {
        public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Median.TotalMilliseconds:F1} and {P99.TotalMilliseconds:F1}");
    }

    /// <summary>One decision after another of a decision point that nobody floods, from a thread of its own.</summary>
    private static Task<Probe> ProbeAsync(Uri server, string key, TimeSpan during) => Task.Factory.StartNew(() =>
    {
        using var connection = new RawConnection(server);
        using var pause = new ManualResetEventSlim();
        var (times, refused) = (new List<TimeSpan>(), 0);
        for (var since = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(since) < during; pause.Wait(5))
        {
            var call = connection.Post("/v1/decisions", key, $$"""{"decisionPoint":"{{Quiet}}","unit":"u-{{times.Count % 100}}"}""");
            var sent = Stopwatch.GetTimestamp();
            if (connection.Send(call).Status != 200) refused++;
            times.Add(Stopwatch.GetElapsedTime(sent));
        }
        times.Sort();
        return new Probe(times.Count, refused, times[times.Count / 2], times[times.Count * 99 / 100]);
    }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
