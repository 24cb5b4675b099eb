using System.Globalization;
using Looper.Core.Learning.Bandits;
using Looper.Testing.Bandits;

namespace Looper.Benchmarks;

/// <summary>Regret of every algorithm on made-up problems and on labelled sets turned into bandits.</summary>
internal static class BanditCommand
{
    public const string Usage = "Looper.Benchmarks bandits [--seeds N] [--first SEED] [--publish ROUNDS] [--algorithm NAME [--value X]] [made-up | PROBLEM …]";

    public static int Run(string[] args)
    {
        var (seeds, first, publish) = (Number(args, "--seeds", 20), Number(args, "--first", 0), Number(args, "--publish", 10));
        var only = Array.IndexOf(args, "--algorithm") is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
        var value = Array.IndexOf(args, "--value") is >= 0 and var v && v + 1 < args.Length ? double.Parse(args[v + 1], CultureInfo.InvariantCulture) : double.NaN;
        var named = args.Where((a, i) => !a.StartsWith("--", StringComparison.Ordinal) && (i == 0 || !args[i - 1].StartsWith("--", StringComparison.Ordinal))).ToArray();
        BanditProblem[] problems = named.Contains("made-up") ? [.. BanditProblem.MadeUp] : [BanditProblem.Digits, BanditProblem.Satellite, .. BanditProblem.MadeUp.Where(p => named.Contains(p.Name))];
        Console.WriteLine("| Problem | Rounds | Algorithm | Regret per round | Standard error | Reward of the last third | Least p of propensities |\n|---|---|---|---|---|---|---|");
        foreach (var problem in problems.Where(p => named.Length == 0 || named.Contains("made-up") || named.Contains(p.Name)))
        {
            foreach (var algorithm in Enum.GetValues<BanditAlgorithm>().Where(a => only is null || a.ToString() == only))
            {
                var runs = Enumerable.Range(first, seeds).AsParallel().AsOrdered()
                    .Select(seed => BanditRun.Of(problem, With(algorithm, value), seed, publish)).ToArray();
                var mean = runs.Average(r => r.Regret);
                var error = Math.Sqrt(runs.Sum(r => (r.Regret - mean) * (r.Regret - mean)) / Math.Max(1, seeds - 1) / seeds);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"| {problem.Name} | {problem.Rounds} | {algorithm} | {mean:F4} | {error:F4} | {runs.Average(r => r.LastReward):F3} | {runs.Min(r => r.Propensities):G2} |"));
            }
        }
        return 0;
    }

    // The algorithm's own setting; NaN keeps its default.
    private static BanditSettings With(BanditAlgorithm algorithm, double value)
    {
        BanditSettings settings = new() { Algorithm = algorithm };
        return (double.IsNaN(value) ? BanditAlgorithm.BootstrappedTrees : algorithm) switch
        {
            BanditAlgorithm.EpsilonGreedy => settings with { Epsilon = value },
            BanditAlgorithm.Softmax => settings with { Temperature = value },
            BanditAlgorithm.LinUcb => settings with { BoundWidth = value },
            BanditAlgorithm.Thompson => settings with { PosteriorScale = value },
            BanditAlgorithm.SquareCb => settings with { Learning = value },
            _ => settings,
        };
    }

    private static int Number(string[] args, string name, int otherwise) =>
        Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;
}
