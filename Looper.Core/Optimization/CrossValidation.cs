namespace Looper.Core.Optimization;

/// <summary>How well a model foretells each trial from the others.</summary>
/// <param name="RSquared">1 − Σ(y − ŷ)²/Σ(y − ȳ)², at most 1; NaN with fewer than three trials or a constant metric.</param>
/// <param name="Coverage">Share of trials inside their 95 % interval; NaN without trials.</param>
/// <param name="LogScore">Mean log density of the trials minus that under one normal for all, left out likewise; above 0 the parameters explain something.</param>
public readonly record struct CrossValidation(double RSquared, double Coverage, double LogScore)
{
    /// <summary>Below this R² the model does not foretell the metric.</summary>
    public const double Unpredictable = 0.1;

    private const double Normal95 = 1.959963984540054;

    /// <summary>Judges a model on its live trials.</summary>
    /// <param name="process">A fitted model.</param>
    /// <remarks>Leave-one-out at the fitted hyperparameters (<see cref="GaussianProcess.LeaveOneOut"/>): a little too kind with few trials.</remarks>
    public static CrossValidation Of(GaussianProcess process)
    {
        var data = process.Data;
        var rows = Enumerable.Range(0, data.Count).Where(i => data.Task(i) == 0).ToArray();
        if (rows.Length == 0) return new(double.NaN, double.NaN, double.NaN);
        var left = process.LeaveOneOut();
        var mean = rows.Average(i => data.Values[i]);
        var total = rows.Sum(i => Square(data.Values[i] - mean));
        var coverage = rows.Average(i => Math.Abs(data.Values[i] - left[i].Mean) <= Normal95 * left[i].Deviation ? 1.0 : 0);
        if (rows.Length < 3 || total <= 1e-24 * Square(mean)) return new(double.NaN, coverage, double.NaN);
        var score = rows.Average(i =>
        {
            var others = rows.Where(k => k != i).Select(k => data.Values[k]).ToArray();
            var (m, n) = (others.Average(), others.Length);
            var spread = Math.Sqrt(others.Sum(v => Square(v - m)) / (n - 1) * (1 + 1.0 / n));
            return LogDensity(data.Values[i], left[i].Mean, left[i].Deviation) - LogDensity(data.Values[i], m, spread);
        });
        return new(1 - rows.Sum(i => Square(data.Values[i] - left[i].Mean)) / total, coverage, score);
    }

    private static double LogDensity(double y, double mean, double deviation) => NormalLogs.LogDensity((y - mean) / deviation) - Math.Log(deviation);

    private static double Square(double x) => x * x;
}
