using System.Globalization;

namespace Looper.Benchmarks.Serving;

/// <summary><c>serve [--port N]</c>: the real program with decision points <c>rules</c> and <c>model</c>, and the bare endpoint on the next
/// port, until the process is stopped; for loads of one's own.</summary>
internal static class ServeCommand
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        var port = Array.IndexOf(arguments, "--port") is >= 0 and var at ? int.Parse(arguments[at + 1], CultureInfo.InvariantCulture) : 5571;
        await using var server = await BenchServer.StartAsync(port);
        await server.PublishAsync([("rules", BenchPoint.Content(predicts: false))], null);
        await server.PublishAsync([("model", BenchPoint.Content(predicts: true))], BenchPoint.Train(200, 63));
        Console.WriteLine($"POST http://127.0.0.1:{port}/v1/decisions with X-Api-Key: {await server.KeyAsync()}");
        Console.WriteLine($"POST http://127.0.0.1:{port + 1}/bench/bare");
        Console.WriteLine(System.Text.Encoding.UTF8.GetString(BenchPoint.Call("rules", 1)));
        await Task.Delay(Timeout.Infinite);
        return 0;
    }
}
