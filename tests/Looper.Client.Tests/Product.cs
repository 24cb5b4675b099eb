using System.Diagnostics;

namespace Looper.Client.Tests;

/// <summary>A product in a process of its own, to be killed: it observes, and says of each observation that it was taken.</summary>
internal static class Product
{
    public const string Argument = "--product";

    /// <param name="arguments">Address, spool directory, how many observations.</param>
    public static int Run(string[] arguments)
    {
        var client = new LooperClient(new() { Url = arguments[0], ApiKey = Clients.Key, SpoolDirectory = arguments[1], OnProblem = p => Console.Error.WriteLine(p.Message) });
        var count = int.Parse(arguments[2], System.Globalization.CultureInfo.InvariantCulture);
        for (var i = 0; i < count; i++)
        {
            if (client.Observe($"d-{i}", new { purchase = i })) Console.Out.WriteLine(i);
        }
        Console.Out.WriteLine("all");
        Console.In.Read(); // until it is killed
        return 1;
    }

    /// <summary>Starts it.</summary>
    /// <param name="mostBlocks">Files may not grow beyond as many blocks of 1,024 bytes, as on a full disk; 0 for no such limit.</param>
    public static Process Start(string url, string directory, int count, int mostBlocks = 0)
    {
        var program = $"\"{Path.Combine(AppContext.BaseDirectory, "Looper.Client.Tests")}\" {Argument} {url} \"{directory}\" {count}";
        var limit = mostBlocks > 0 ? $"trap '' XFSZ; ulimit -f {mostBlocks}; " : "";
        var start = new ProcessStartInfo("bash", ["-c", $"{limit}exec {program}"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        if (mostBlocks > 0) start.Environment["DOTNET_EnableWriteXorExecute"] = "0"; // the runtime's own memory would count as a file
        return Process.Start(start)!;
    }
}
