using System.Diagnostics;
using Looper.InProcess;

namespace Looper.Client.Tests.InProcess;

/// <summary>A product in a process of its own, to be killed: it decides, observes, and says each decision that it acts on.</summary>
internal static class DecidingProduct
{
    public const string Argument = "--deciding-product";

    /// <param name="arguments">Address, spool directory.</param>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var looper = new InProcessLooper(new() { Client = new() { Url = arguments[0], ApiKey = Clients.Key, SpoolDirectory = arguments[1] }, DecisionPoints = [Points.Banner] });
        if (!await looper.ReadyAsync(TimeSpan.FromSeconds(30))) return 2;
        while (true)
        {
            var decision = await looper.BannerAsync();
            Console.Out.WriteLine(decision.DecisionId);
            looper.Observe(decision, new { purchase = true });
        }
    }

    public static Process Start(string url, string directory) =>
        Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Looper.Client.Tests"), [Argument, url, directory]) { RedirectStandardOutput = true })!;
}
