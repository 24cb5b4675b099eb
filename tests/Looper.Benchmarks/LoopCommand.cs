using System.Globalization;
using Looper.Testing.Simulation;

namespace Looper.Benchmarks;

/// <summary>The closed loop of a study on the simulated notification product, against the best rule that the simulator knows.</summary>
internal static class LoopCommand
{
    public const string Usage = "Looper.Benchmarks tuning loop [--seeds N] [--first SEED] [--units N]";

    public static async Task<int> RunAsync(string[] args)
    {
        var (seeds, first, units) = (Number(args, "--seeds", 20), Number(args, "--first", 1), Number(args, "--units", NotificationLoop.UnitsPerArm));
        var truth = new NotificationTruth(4_096, 40_000);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Present rule: worth {truth.Present.Worth:F3} a user, {truth.Present.OptOuts:P2} opt out. Best rule under which no more do: {truth.Best:F3}. {units} users an arm.\n"));
        Console.WriteLine("| Seed | Worth of the shipped rule | Of the best | Opt-outs | Guardrail | Pauses |\n|---|---|---|---|---|---|");
        var (reached, held) = (0, 0);
        for (var seed = first; seed < first + seeds; seed++)
        {
            var run = await NotificationLoop.RunAsync(seed, units);
            var found = truth.Of(run.Progress.Best!.Parameters);
            if (truth.IsKept(found)) held++;
            if (truth.IsKept(found) && found.Worth >= 0.95 * truth.Best) reached++;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {seed} | {found.Worth:F3} | {found.Worth / truth.Best:P1} | {found.OptOuts:P2} | {(truth.IsKept(found) ? "held" : "broken")} | {run.Pauses} |"));
        }
        Console.WriteLine($"\nAt least 95% of the best with the guardrail held: {reached} of {seeds}. Guardrail held: {held} of {seeds}.");
        return 0;
    }

    private static int Number(string[] args, string name, int otherwise) =>
        Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;
}
