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
        var flood = new Flood(server.Address, key);
        await RateAsync(flood, Most, double.PositiveInfinity, Sizes.R17Measuring); // warm
        await ProbeAsync(server.Address, key, TimeSpan.FromSeconds(1)); // an index by decision point costs more where it ends with another one's rows, as it does from here on
        var parts = new List<Part>();
        var resident = 0L;
        for (var part = 0; part < Sizes.R17Parts; part++) // each with a capacity of its own: what shared cores can do changes from minute to minute
        {
            var (capacity, _) = await RateAsync(flood, Most, double.PositiveInfinity, Sizes.R17Measuring);
            if (part == 0) Assert.Equal(0, flood.Full);
            var calm = await ProbeAsync(server.Address, key, Sizes.R17Measuring);
            if (part == 0) resident = server.ResidentBytes;
            var flooding = RateAsync(flood, Flooding, Sizes.R17Times * capacity, Sizes.R17Overload);
            var beside = await ProbeAsync(server.Address, key, Sizes.R17Overload);
            var (goodput, offered) = await flooding;
            var grown = (double)server.ResidentBytes / resident;
            parts.Add(new(capacity, offered, goodput, calm, beside, await ProbeAsync(server.Address, key, Sizes.R17Measuring), grown));
            output.WriteLine($"{parts[^1]}");
        }
        var (kept, slower, memory) = (Median(parts, p => p.Goodput / p.Capacity), Median(parts, p => p.Beside.P99 / p.Calm.P99), parts.Max(p => p.Grown));
        var (calls, refused) = (parts.Sum(p => p.Beside.Calls), parts.Sum(p => p.Calm.Refused + p.Beside.Refused + p.After.Refused));
        output.WriteLine(FaultLedger.Line("R17", flood.Answered, FormattableString.Invariant(
            $"medians of {parts.Count} overloads of {Sizes.R17Overload.TotalSeconds} s with batches of {Flood.Batch}: capacity {Median(parts, p => p.Capacity):F0} decisions/s, offered {Median(parts, p => p.Offered / p.Capacity):F1} times that, {kept:P0} of it kept; {flood.Full} refused with 429; another point's p99 {slower:F1} times what it was, {refused} of its calls refused, {calls} meanwhile; memory at most {memory:F2} times")));
        Assert.Empty(flood.Odd);
        Assert.True(flood.Full > 0, "Nothing was refused: this was no overload.");
        await foreach (var id in StoredEvents.DecisionsAsync(server.DataDirectory, points[0])) flood.Found(id);
        Assert.Equal(0, flood.Missing);
        Assert.Equal(0, refused);
        Assert.True(kept >= 0.8 / s_slack, $"{kept:P0} of the capacity was kept");
        Assert.True(!Sizes.IsLong || slower <= 2, $"p99 of another decision point is {slower:F1} times what it was"); // on a push the senders' share of the cores decides it
        Assert.True(memory <= 1.5 * s_slack, $"memory grew {memory:F2} times");
        Assert.All(parts, p => Assert.True(p.After.P99 <= p.Calm.P99 * 2 * s_slack, $"p99 {p.After.P99} after, {p.Calm.P99} before"));
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

    /// <param name="Capacity">Decisions a second that are kept where no more are sent than find room, right before the overload.</param>
    /// <param name="Calm">Another decision point's calls right before the overload.</param>
    /// <param name="Grown">Memory against that before the first overload.</param>
    private sealed record Part(double Capacity, double Offered, double Goodput, Probe Calm, Probe Beside, Probe After, double Grown)
    {
        public override string ToString() => FormattableString.Invariant(
            $"capacity {Capacity:F0} decisions/s, offered {Offered / Capacity:F1} times that, {Goodput / Capacity:P0} of it kept; another point's p50 and p99 {Calm} ms before, {Beside} ms meanwhile with {Beside.Refused} of {Beside.Calls} refused, {After} ms after; memory {Grown:F2} times");
    }

    private static double Median(List<Part> parts, Func<Part, double> of) => parts.Select(of).Order().ElementAt(parts.Count / 2);

    /// <returns>Decisions a second that were kept, and that were sent.</returns>
    private static async Task<(double Kept, double Sent)> RateAsync(Flood flood, int senders, double perSecond, TimeSpan during)
    {
        var (decided, answered) = (flood.Decided, flood.Answered);
        using var watch = new CancellationTokenSource(during);
        await flood.RunAsync(senders, perSecond, watch.Token);
        return ((flood.Decided - decided) / during.TotalSeconds, (flood.Answered - answered) / during.TotalSeconds);
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
