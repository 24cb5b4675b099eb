using System.Globalization;
using System.Text;
using Looper.Testing;
using Looper.Testing.Events;

namespace Looper.Benchmarks.Serving;

/// <summary><c>observe [--connections N] [--seconds N] [--rounds N]</c>: durable observations over HTTP, each of a new id, against the same server while
/// its flushes do nothing.</summary>
internal static class ObserveCommand
{
    private const int Decisions = 20_000;

    public static async Task<int> RunAsync(string[] arguments)
    {
        int Of(string name, int otherwise) => Array.IndexOf(arguments, name) is >= 0 and var at ? int.Parse(arguments[at + 1], CultureInfo.InvariantCulture) : otherwise;
        var (connections, seconds, rounds) = (Of("--connections", 256), Of("--seconds", 4), Of("--rounds", 3));
        FaultFileSystem.MakeDefault();
        using var directory = new TemporaryDirectory();
        using var plan = new FaultPlan(directory.Path);
        await using var server = await BenchServer.StartAsync(Of("--port", 5591), directory.Path);
        await server.PublishAsync([("rules", BenchPoint.Content(predicts: false))], null);
        var point = server.Get<Core.Serving.DecisionEngine>().Current.Find("rules")!.Id;
        var ids = Enumerable.Range(0, Decisions).Select(i => Guid.CreateVersion7().ToString()).ToArray();
        var journal = server.Get<Core.Events.Journal>();
        foreach (var some in ids.Chunk(1_000))
            await journal.AppendAsync([.. some.Select(id => Recorded.Decision(id, unit: id, point: point))], durable: false, default);
        using var wrk = new Wrk(connections, -1);
        var key = await server.KeyAsync();
        var (run, refused, perFlush) = (0, 0L, new List<double>());
        async Task<double> SendAsync(bool flushes)
        {
            plan.IgnoresSync = !flushes;
            var before = journal.Condition;
            var load = await wrk.RunAsync($"http://127.0.0.1:{server.Port}/v1/observations", wrk.Script($"run-{run}", Lua(key, ids, run++)), seconds);
            var after = journal.Condition;
            refused += load.Bad;
            if (flushes) perFlush.Add((after.Records - before.Records) / (double)(after.Flushes - before.Flushes));
            Console.Error.WriteLine($"  {(flushes ? "flushed" : "not flushed")}: {load.PerSecond:F0}/s, p50 {load.P50.TotalMilliseconds:F1} ms, p99 {load.P99.TotalMilliseconds:F1} ms, {after.Flushes - before.Flushes} flushes");
            return load.PerSecond;
        }

        await SendAsync(true);
        var paired = await Paired.RunAsync("flushed before each answer", "the same, flush does nothing", rounds, () => SendAsync(true), () => SendAsync(false));
        Console.WriteLine(Paired.Head);
        Console.WriteLine(paired.Row("observations/s"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n{connections} connections; {Stopclock.Median(perFlush):F0} acknowledged per flush; {refused} refused."));
        return 0;
    }

    private static string Lua(string key, string[] ids, int run)
    {
        var lua = new StringBuilder("local ids = {\n");
        foreach (var id in ids) lua.Append('"').Append(id).Append("\",\n");
        return lua.Append(CultureInfo.InvariantCulture, $$$"""
            }
            local n, headers = 0, { ["Content-Type"] = "application/json", ["X-Api-Key"] = "{{{key}}}" }
            function request()
              n = n + 1
              return wrk.format("POST", nil, headers, '{"decisionId":"' .. ids[n % #ids + 1] .. '","observationId":"{{{run}}}-' .. n .. '","outcomes":{"purchase":true}}')
            end
            """).ToString();
    }
}
