using System.Diagnostics;
using System.Globalization;
using Looper.Core.Optimization;
using Looper.Testing.Optimization;

namespace Looper.Benchmarks;

/// <summary>Regret on problems of the literature by number of trials, and what one proposal costs.</summary>
internal static class TuningCommand
{
    public const string Usage = "Looper.Benchmarks tuning [--seeds N] [--first SEED] [--batch N] [PROBLEM …]";

    public static int Run(string[] args)
    {
        var (seeds, first, batch) = (Number(args, "--seeds", 20), Number(args, "--first", 0), Number(args, "--batch", 1));
        var named = args.Where((a, i) => !a.StartsWith("--", StringComparison.Ordinal) && (i == 0 || !args[i - 1].StartsWith("--", StringComparison.Ordinal))).ToArray();
        Console.WriteLine("| Problem | Trials | Median | Quartiles | Feasible |\n|---|---|---|---|---|");
        foreach (var (problem, budget) in ((ReferenceProblem, int)[])
            [(ReferenceProblems.Branin, 40), (ReferenceProblems.BraninNoise5, 50), (ReferenceProblems.Gardner1, 40), (ReferenceProblems.Ackley4, 60), (ReferenceProblems.Hartmann6, 70), (ReferenceProblems.BraninCurrin, 40)])
        {
            if (named.Length > 0 && !named.Contains(problem.Name)) continue;
            var runs = Enumerable.Range(first, seeds).Select(seed => (Seed: seed, Trials: ReferenceProblems.Run(problem, seed, budget, batch))).ToArray();
            for (var n = 10; n <= budget; n += 10)
            {
                var v = runs.Select(r => Score(problem, r.Seed, [.. r.Trials.Take(n)])).Order().ToArray();
                var feasible = runs.Count(r => problem.IsFeasible([.. Standing.Recommended(Surrogates.Of(problem.ToProblem(r.Seed), [.. r.Trials.Take(n)])!).Trial.Point]));
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"| {problem.Name} | {n} | {(v[(v.Length - 1) / 2] + v[v.Length / 2]) / 2:G3} | {v[v.Length / 4]:G2} to {v[v.Length * 3 / 4]:G2} | {feasible}/{seeds} |"));
            }
        }
        Cost();
        return 0;
    }

    private static double Score(ReferenceProblem problem, int seed, List<Trial> trials) => problem switch
    {
        { Second: { } second } => ParetoFront.Hypervolume([.. trials.Select(t => new[] { problem.Value([.. t.Point]), second([.. t.Point]) })], [18, 6]),
        { NoiseDeviation: > 0 } => ReferenceProblems.RecommendedRegret(problem, seed, trials),
        _ => ReferenceProblems.SimpleRegret(problem, trials),
    };

    // One proposal with 100 noisy trials of six parameters and a limit, against one fit of the model alone.
    private static void Cost()
    {
        var noisy = ReferenceProblems.Hartmann6 with { NoiseDeviation = 0.1, Constraint = u => u.Sum(), Limit = 3 };
        var problem = noisy.ToProblem(1);
        var trials = new List<Trial>();
        foreach (var p in Proposer.Next(problem, [], problem.StartTrials)) trials.Add(noisy.Measure(Trial.Pending(trials.Count + 1, p.Point.AsSpan()), 1));
        while (trials.Count < 100)
            foreach (var p in Proposer.Next(problem, trials, 20)) trials.Add(noisy.Measure(Trial.Pending(trials.Count + 1, p.Point.AsSpan()), 1));
        var (proposal, fit) = (Seconds(() => Proposer.Next(problem, [.. trials.Take(100)])), Seconds(() => Surrogates.Of(problem, [.. trials.Take(100)])));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\nOne proposal, 100 noisy trials × 6 parameters, one limit: {proposal:F2} s on one core, {proposal / fit:F1} × fitting its two models"));
    }

    private static double Seconds(Action act)
    {
        act();
        return Enumerable.Range(0, 5).Select(_ =>
        {
            var start = Stopwatch.GetTimestamp();
            act();
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }).Order().ElementAt(2);
    }

    private static int Number(string[] args, string name, int otherwise) =>
        Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;
}
