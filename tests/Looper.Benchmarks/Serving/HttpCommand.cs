using System.Globalization;
using System.Text;

namespace Looper.Benchmarks.Serving;

/// <summary><c>http [--seconds N] [--rounds N] [--pin] [rules] [model] [batch]</c>: decide over HTTP beside the bare endpoint, A B B A; a table in Markdown.</summary>
internal static class HttpCommand
{
    private const int Bodies = 500, BatchSize = 100;

    public static async Task<int> RunAsync(string[] arguments)
    {
        int Of(string name, int otherwise) => Array.IndexOf(arguments, name) is >= 0 and var at ? int.Parse(arguments[at + 1], CultureInfo.InvariantCulture) : otherwise;
        var (seconds, rounds, pinned) = (Of("--seconds", 3), Of("--rounds", 5), arguments.Contains("--pin"));
        var all = !arguments.Any(a => a is "rules" or "model" or "batch");
        if (pinned && OperatingSystem.IsLinux()) using (var self = System.Diagnostics.Process.GetCurrentProcess()) self.ProcessorAffinity = 1;
        await using var server = await BenchServer.StartAsync(Of("--port", 5571));
        await server.PublishAsync([("rules", BenchPoint.Content(predicts: false))], null);
        if (all || arguments.Contains("model")) await server.PublishAsync([("model", BenchPoint.Content(predicts: true))], BenchPoint.Train(200, 63));
        using var wrk = new Wrk(Of("--connections", 64), pinned ? 1 : -1);
        var key = await server.KeyAsync();
        Console.WriteLine("| What | answers/s | bare/s | ratio of throughput: median [quartiles] | p99 | bare's p99 | ratio | bytes a call above bare | refused | decisions journaled |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|");
        foreach (var what in new[] { "rules", "model", "batch" })
        {
            if (!all && !arguments.Contains(what)) continue;
            IEnumerable<byte[]> bodies = Enumerable.Range(0, what == "batch" ? 20 : Bodies).Select(i => what == "batch" ? Batch(i) : BenchPoint.Call(what, i)).ToList();
            var ours = new Side(server, wrk, $"http://127.0.0.1:{server.Port}/v1/decisions{(what == "batch" ? "/batch" : "")}", wrk.Script(what, key, bodies));
            var bare = new Side(server, wrk, $"http://127.0.0.1:{server.BarePort}/bench/bare{(what == "batch" ? "/batch" : "")}", wrk.Script(what + "-bare", null, bodies));
            await ours.RunAsync(seconds * 2, counts: false);
            await bare.RunAsync(seconds, counts: false);
            await ours.RunAsync(seconds, counts: false);
            var journaled = server.Journaled;
            for (var round = 0; round < rounds; round++)
            {
                await (round % 2 == 0 ? ours : bare).RunAsync(seconds, counts: true);
                await (round % 2 == 0 ? bare : ours).RunAsync(seconds, counts: true);
            }
            // Items of a batch are refused one by one inside a call that succeeds: only what was journaled was decided.
            Console.WriteLine(Line(what, ours, bare, (double)(server.Journaled - journaled) / (ours.Requests * (what == "batch" ? BatchSize : 1))));
        }
        return 0;
    }

    private static byte[] Batch(int first)
    {
        var items = Enumerable.Range(0, BatchSize).Select(i => Encoding.UTF8.GetString(BenchPoint.Call("rules", (first * BatchSize) + i)));
        return Encoding.UTF8.GetBytes($$"""{"items":[{{string.Join(',', items)}}]}""");
    }

    private static string Line(string what, Side ours, Side bare, double journaled)
    {
        var ratios = ours.Rates.Zip(bare.Rates, (a, b) => a / b).Order().ToList();
        double a = Stopclock.Median(ours.P99s), b = Stopclock.Median(bare.P99s);
        return string.Create(CultureInfo.InvariantCulture,
            $"| {what} | {Stopclock.Median(ours.Rates):N0} | {Stopclock.Median(bare.Rates):N0} | {Stopclock.Median(ratios):F2} [{ratios[ratios.Count / 4]:F2}, {ratios[ratios.Count * 3 / 4]:F2}] | {a:F2} ms | {b:F2} ms | {a / b:F2} | {ours.BytesPerCall - bare.BytesPerCall:N0} | {ours.Bad} | {journaled:P0} |");
    }

    private sealed class Side(BenchServer server, Wrk wrk, string url, string script)
    {
        private long _bytes;

        public List<double> Rates { get; } = [];
        public List<double> P99s { get; } = [];
        public long Requests { get; private set; }
        public long Bad { get; private set; }
        public double BytesPerCall => (double)_bytes / Requests;

        public async Task RunAsync(int seconds, bool counts)
        {
            var (before, busy, collected) = (GC.GetTotalAllocatedBytes(precise: true), Environment.CpuUsage.TotalTime, GC.CollectionCount(0));
            var load = await wrk.RunAsync(url, script, seconds);
            Console.Error.WriteLine($"  {url}: {load.PerSecond:F0}/s, p50 {load.P50.TotalMilliseconds:F2} ms, p99 {load.P99.TotalMilliseconds:F2} ms, {load.Bad} refused, {(GC.GetTotalAllocatedBytes(precise: true) - before) / Math.Max(1, load.Requests)} bytes and {(Environment.CpuUsage.TotalTime - busy).TotalMicroseconds / Math.Max(1, load.Requests):F1} µs of processor time a call, {GC.CollectionCount(0) - collected} collections, {server.Get<Looper.Core.Events.Journal>().Condition.Commits} commits");
            if (!counts) return;
            _bytes += GC.GetTotalAllocatedBytes(precise: true) - before;
            Requests += load.Requests;
            Bad += load.Bad;
            Rates.Add(load.PerSecond);
            P99s.Add(load.P99.TotalMilliseconds);
        }
    }
}
