using System.Collections.Immutable;
using Looper.Core.Numerics;
using Looper.Core.Optimization;

namespace Looper.Testing.Optimization;

/// <summary>A problem of the literature on the unit cube, whose best value is known.</summary>
public sealed record ReferenceProblem(string Name, int Dimensions, double Optimum, double NoiseDeviation, Func<double[], double> Value)
{
    /// <summary>Must be at most <see cref="Limit"/>; null when everything is feasible.</summary>
    public Func<double[], double>? Constraint { get; init; }

    public double Limit { get; init; }

    /// <summary>Second goal; null with one.</summary>
    public Func<double[], double>? Second { get; init; }

    public bool IsFeasible(double[] u) => Constraint is null || Constraint(u) <= Limit;

    public Problem ToProblem(long seed) => new(new([.. Enumerable.Range(1, Dimensions).Select(j => new Parameter($"x{j}", ParameterKind.Real) { Low = 0, High = 1 })]),
        Second is null ? [new("y", Maximize: false)] : [new("y", Maximize: false), new("z", Maximize: false)],
        Constraint is null ? [] : [new("c", AtMost: true, Limit)], seed);

    /// <summary>Measures a pending trial: the noise depends on seed and trial alone.</summary>
    public Trial Measure(Trial trial, long seed)
    {
        double[] u = [.. trial.Point];
        var noise = new Philox(seed, "noise", trial.Number);
        var metrics = ImmutableSortedDictionary<string, Measured>.Empty.Add("y", new(Value(u) + NoiseDeviation * noise.Normal(), NoiseDeviation));
        if (Constraint is not null) metrics = metrics.Add("c", new(Constraint(u) + NoiseDeviation * noise.Normal(), NoiseDeviation));
        if (Second is not null) metrics = metrics.Add("z", new(Second(u), 0));
        return trial with { State = TrialState.Measured, Metrics = metrics };
    }
}

/// <summary>The problems of the reference data, as its README defines them.</summary>
public static class ReferenceProblems
{
    public static ReferenceProblem Branin { get; } = new("branin", 2, 0.397887, 0, BraninValue);

    public static ReferenceProblem BraninNoise5 { get; } = Branin with { Name = "branin_noise5", NoiseDeviation = 5 };

    public static ReferenceProblem Hartmann6 { get; } = new("hartmann6", 6, -3.32237, 0, Hartmann);

    public static ReferenceProblem Ackley4 { get; } = new("ackley4", 4, 0, 0, Ackley);

    public static ReferenceProblem Gardner1 { get; } = new("gardner1", 2, -2, 0, u => Math.Cos(12 * u[0]) * Math.Cos(6 * u[1]) + Math.Sin(6 * u[0]))
    {
        Constraint = u => Math.Cos(6 * u[0]) * Math.Cos(6 * u[1]) - Math.Sin(6 * u[0]) * Math.Sin(6 * u[1]), Limit = 0.5,
    };

    public static ReferenceProblem BraninCurrin { get; } = Branin with { Name = "branin_currin", Second = Currin };

    /// <summary>Runs the loop and returns its trials.</summary>
    /// <param name="batch">Trials side by side, told together.</param>
    public static List<Trial> Run(ReferenceProblem reference, long seed, int budget, int batch = 1)
    {
        var problem = reference.ToProblem(seed);
        var trials = new List<Trial>();
        while (trials.Count < budget)
        {
            var asked = Proposer.Next(problem, trials, Math.Min(batch, budget - trials.Count));
            foreach (var proposal in asked) trials.Add(reference.Measure(Trial.Pending(trials.Count + 1, proposal.Point.AsSpan()), seed));
        }
        return trials;
    }

    /// <summary>True value of the best trial so far, above the optimum; +∞ without a feasible one.</summary>
    public static double SimpleRegret(ReferenceProblem reference, IEnumerable<Trial> trials) =>
        trials.Select(t => t.Point.ToArray()).Where(reference.IsFeasible).Select(reference.Value).Append(double.PositiveInfinity).Min() - reference.Optimum;

    /// <summary>True value of the recommended trial, above the optimum.</summary>
    public static double RecommendedRegret(ReferenceProblem reference, long seed, IReadOnlyList<Trial> trials) =>
        reference.Value([.. Standing.Recommended(Surrogates.Of(reference.ToProblem(seed), trials)!).Trial.Point]) - reference.Optimum;

    private static double BraninValue(double[] u)
    {
        double x = 15 * u[0] - 5, y = 15 * u[1], a = y - 5.1 / (4 * Math.PI * Math.PI) * x * x + 5 / Math.PI * x - 6;
        return a * a + 10 * (1 - 1 / (8 * Math.PI)) * Math.Cos(x) + 10;
    }

    private static double Currin(double[] u)
    {
        var (x, y) = (u[0], u[1]);
        return (1 - (y == 0 ? 0 : Math.Exp(-1 / (2 * y)))) * (2300 * x * x * x + 1900 * x * x + 2092 * x + 60) / (100 * x * x * x + 500 * x * x + 4 * x + 20);
    }

    private static double Ackley(double[] u)
    {
        double squares = 0, cosines = 0;
        foreach (var v in u)
        {
            var x = -32.768 + 65.536 * v;
            (squares, cosines) = (squares + x * x, cosines + Math.Cos(2 * Math.PI * x));
        }
        return -20 * Math.Exp(-0.2 * Math.Sqrt(squares / u.Length)) - Math.Exp(cosines / u.Length) + 20 + Math.E;
    }

    private static double Hartmann(double[] u)
    {
        double[] alpha = [1, 1.2, 3, 3.2];
        double[][] a = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]];
        double[][] p = [[1312, 1696, 5569, 124, 8283, 5886], [2329, 4135, 8307, 3736, 1004, 9991], [2348, 1451, 3522, 2883, 3047, 6650], [4047, 8828, 8732, 5743, 1091, 381]];
        return -Enumerable.Range(0, 4).Sum(i => alpha[i] * Math.Exp(-Enumerable.Range(0, 6).Sum(j => a[i][j] * Math.Pow(u[j] - p[i][j] / 10_000, 2))));
    }
}
