using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Looper.Client;
using Looper.InProcess;
using Looper.Testing;

namespace Looper.Benchmarks.Serving;

/// <summary><c>inprocess [--rounds N] [--calls N]</c>: one thread that decides in its own process, without and with a spool, beside the same decisions over HTTP on loopback, in turn; a table in Markdown.</summary>
/// <remarks>Looper runs in this process too, and takes what is made here while it is made. Between the legs everything is delivered, outside of their time.</remarks>
internal static class InProcessCommand
{
    private const int Contexts = 1_024, HttpCalls = 5_000, Limit = 5_000_000;

    public static async Task<int> RunAsync(string[] arguments)
    {
        int Of(string name, int otherwise) => Array.IndexOf(arguments, name) is >= 0 and var at ? int.Parse(arguments[at + 1], CultureInfo.InvariantCulture) : otherwise;
        var (rounds, calls) = (Of("--rounds", 3), Of("--calls", 50_000));
        await using var server = await BenchServer.StartAsync(Of("--port", 5571));
        await server.PublishAsync([("rules", BenchPoint.Content(predicts: false))], null);
        await server.PublishAsync([("model", BenchPoint.Content(predicts: true))], BenchPoint.Train(200, 63));
        var key = await server.KeyAsync();
        using var spool = new TemporaryDirectory();
        LooperClientOptions Client(string? directory) => new()
        {
            Url = $"http://127.0.0.1:{server.Port}", ApiKey = key, Budget = TimeSpan.FromSeconds(60), SpoolDirectory = directory, OnProblem = p => Console.Error.WriteLine(p.Message),
        };
        await using var http = new LooperClient(Client(null));
        await using var memory = new InProcessLooper(new() { Client = Client(null), DecisionPoints = ["rules", "model"], DecisionLimit = Limit });
        await using var disk = new InProcessLooper(new() { Client = Client(spool.Path), DecisionPoints = ["rules", "model"], DecisionLimit = Limit });
        foreach (var looper in new[] { memory, disk })
        {
            if (!await looper.ReadyAsync(TimeSpan.FromSeconds(60))) throw new InvalidOperationException(string.Join('\n', looper.DecisionPoints));
        }
        object[] contexts = [.. Enumerable.Range(0, Contexts).Select(i => JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(BenchPoint.Context(i))!)];
        Console.WriteLine("| Decision, 20 features | p50 | p99 | decisions/s, one thread |");
        Console.WriteLine("|---|---|---|---|");
        foreach (var (point, what) in new[] { ("rules", "rules, 3 options"), ("model", "three options with 200 trees × 63 leaves") })
        {
            ValueTask<Decision<string>> Http(int i) => new(http.DecideAsync(point, Unit(i), "fallback", contexts[i % Contexts]));
            ValueTask<Decision<string>> Memory(int i) => memory.DecideAsync(point, Unit(i), "fallback", contexts[i % Contexts]);
            ValueTask<Decision<string>> Disk(int i) => disk.DecideAsync(point, Unit(i), "fallback", contexts[i % Contexts]);
            Leg[] legs = [new($"{what}: here", calls, Memory, memory.FlushAsync), new($"{what}: here, with a spool", calls, Disk, disk.FlushAsync), new($"{what}: over HTTP", HttpCalls, Http, http.FlushAsync)];
            foreach (var leg in legs) await leg.RunAsync(counts: false);
            for (var round = 0; round < rounds; round++)
            {
                foreach (var leg in legs) await leg.RunAsync(counts: true);
                foreach (var leg in legs.Reverse()) await leg.RunAsync(counts: true);
            }
            foreach (var leg in legs) Console.WriteLine(leg.Line);
        }
        foreach (var (name, counters) in new[] { ("in memory", memory.DecisionCounters), ("with a spool", disk.DecisionCounters) }) Console.WriteLine($"\nOf those made here, {name}: {counters}");
        return 0;
    }

    private static string Unit(int i) => string.Create(CultureInfo.InvariantCulture, $"user-{i}");

    private sealed class Leg(string what, int calls, Func<int, ValueTask<Decision<string>>> decide, Func<TimeSpan?, Task<bool>> flush)
    {
        private readonly List<double> _p50 = [], _p99 = [], _rates = [];

        public string Line => string.Create(CultureInfo.InvariantCulture, $"| {what} | {Stopclock.Median(_p50):F1} µs | {Stopclock.Median(_p99):F1} µs | {Stopclock.Median(_rates):N0} |");

        public async Task RunAsync(bool counts)
        {
            var took = new double[calls];
            var began = Stopwatch.GetTimestamp();
            for (var i = 0; i < calls; i++)
            {
                var since = Stopwatch.GetTimestamp();
                var decision = await decide(i);
                took[i] = Stopwatch.GetElapsedTime(since).TotalMicroseconds;
                if (decision.IsFallback) throw new InvalidOperationException(decision.Problem);
            }
            var rate = calls / Stopwatch.GetElapsedTime(began).TotalSeconds;
            if (!await flush(TimeSpan.FromMinutes(5))) throw new InvalidOperationException("What was made here is not delivered.");
            Array.Sort(took);
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what}: p50 {took[calls / 2]:F1} µs, p99 {took[calls * 99 / 100]:F1} µs, {rate:N0}/s"));
            if (!counts) return;
            _p50.Add(took[calls / 2]);
            _p99.Add(took[calls * 99 / 100]);
            _rates.Add(rate);
        }
    }
}
