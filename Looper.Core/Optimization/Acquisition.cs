using Looper.Core.Numerics;

namespace Looper.Core.Optimization;

/// <summary>How much a trial at a point is expected to improve on what is known, as a logarithm, with its gradient.</summary>
/// <remarks>ln mean_s exp[ln improvement_s(x) + Σ_j ln P_s(constraint j holds at x)]. One objective: expected improvement on the best feasible
/// value of draw s (Letham et al. 2019; in logs Ament et al. 2023). Two or three: expected growth of the volume that the front of draw s
/// dominates (Daulton, Balandat &amp; Bakshy 2021), exact by disjoint boxes. No feasible trial yet: the constraints alone. All responses are
/// turned so that less is better, and standardised. Not thread safe: it owns its workspaces.</remarks>
internal sealed class Acquisition
{
    private readonly SampledSurface[] _objectives, _constraints;
    private readonly double[] _limits, _signs;
    private readonly SampledSurface.Workspace[] _work;
    private readonly double[] _terms, _deviations;
    private readonly double[] _incumbents; // one objective: a draw's best
    private readonly Boxes[] _boxes; // several: what a draw's front leaves to gain
    private readonly bool _onlyConstraints;

    /// <param name="objectives">One to three, of equally many draws or of one.</param>
    /// <param name="constraints">Responses that must stay at or below their limit.</param>
    /// <param name="signs">Of objectives, then constraints: −1 where the response itself is to be large.</param>
    /// <param name="limits">Standardised limits, turned by their sign.</param>
    /// <param name="live">Rows that count as candidates for the best.</param>
    /// <param name="reference">Several objectives: standardised point that every useful trial beats.</param>
    /// <param name="judged">How many of the constraints, the first, a candidate may break. The rest are chances of being measured at all: it was.</param>
    /// <param name="anyFeasible">Whether some trial probably is.</param>
    public Acquisition(SampledSurface[] objectives, SampledSurface[] constraints, double[] signs, double[] limits, int[] live, double[] reference, int judged, bool anyFeasible)
    {
        (_objectives, _constraints, _signs, _limits) = (objectives, constraints, signs, limits);
        var all = objectives.Concat(constraints).ToArray();
        Draws = all.Max(s => s.Draws);
        _work = [.. all.Select(s => new SampledSurface.Workspace(s.Rows, s.Draws))];
        (_terms, _deviations) = (new double[Draws], new double[all.Length]);
        _onlyConstraints = !anyFeasible && constraints.Length > 0;
        (_incumbents, _boxes) = (new double[Draws], new Boxes[Draws]);
        for (var s = 0; s < Draws; s++)
        {
            var feasible = live.Where(i => Enumerable.Range(0, judged).All(c => Drawn(objectives.Length + c, s, i) <= limits[c])).ToArray();
            if (objectives.Length == 1)
                _incumbents[s] = feasible.Length > 0 ? feasible.Min(i => Drawn(0, s, i)) : live.Max(i => Drawn(0, s, i)) + 1;
            else _boxes[s] = Boxes.Above([.. feasible.Select(i => objectives.Select((_, o) => Drawn(o, s, i)).ToArray())], reference);
        }
    }

    public int Draws { get; }

    /// <summary>The value at a point, and its gradient.</summary>
    /// <param name="x">d coordinates.</param>
    /// <param name="gradient">Receives d numbers; empty skips them.</param>
    public double Value(ReadOnlySpan<double> x, Span<double> gradient)
    {
        var m = _objectives.Length;
        for (var i = 0; i < _work.Length; i++) _deviations[i] = Math.Sqrt(Surface(i).Evaluate(x, _work[i]));
        Span<double> mu = stackalloc double[m], byMu = stackalloc double[m], byDeviation = stackalloc double[m];
        for (var s = 0; s < Draws; s++)
        {
            var term = 0.0;
            if (!_onlyConstraints)
            {
                for (var o = 0; o < m; o++) mu[o] = MeanOf(o, s);
                term = m == 1 ? Improvement(mu[0], _deviations[0], _incumbents[s], out _, out _) : _boxes[s].LogGain(mu, _deviations, byMu, byDeviation);
            }
            for (var c = 0; c < _limits.Length; c++) term += NormalLogs.LogCumulative((_limits[c] - MeanOf(m + c, s)) / _deviations[m + c]);
            _terms[s] = term;
        }
        var total = NormalLogs.LogSumExp(_terms);
        if (!gradient.IsEmpty) Gradient(x, gradient, total, mu, byMu, byDeviation);
        return total - Math.Log(Draws);
    }

    private void Gradient(ReadOnlySpan<double> x, Span<double> gradient, double total, Span<double> mu, Span<double> byMu, Span<double> byDeviation)
    {
        gradient.Clear();
        if (double.IsInfinity(total)) return;
        var m = _objectives.Length;
        Span<double> deviationWeights = stackalloc double[_work.Length];
        deviationWeights.Clear();
        foreach (var work in _work) Array.Clear(work.ByMean);
        for (var s = 0; s < Draws; s++)
        {
            var share = Elementary.Exp(_terms[s] - total);
            if (share == 0) continue;
            if (!_onlyConstraints)
            {
                for (var o = 0; o < m; o++) mu[o] = MeanOf(o, s);
                if (m == 1) Improvement(mu[0], _deviations[0], _incumbents[s], out byMu[0], out byDeviation[0]);
                else _boxes[s].LogGain(mu, _deviations, byMu, byDeviation);
                for (var o = 0; o < m; o++) Add(o, s, share * byMu[o], share * byDeviation[o], deviationWeights);
            }
            for (var c = 0; c < _limits.Length; c++)
            {
                var (deviation, t) = (_deviations[m + c], (_limits[c] - MeanOf(m + c, s)) / _deviations[m + c]);
                var ratio = Math.Exp(NormalLogs.LogDensity(t) - NormalLogs.LogCumulative(t));
                Add(m + c, s, -share * ratio / deviation, -share * ratio * t / deviation, deviationWeights);
            }
        }
        for (var i = 0; i < _work.Length; i++)
            Surface(i).AddGradient(x, _work[i], _work[i].ByMean, deviationWeights[i] / (2 * _deviations[i]), gradient);
    }

    private void Add(int surface, int s, double byMean, double byDeviation, Span<double> deviationWeights)
    {
        _work[surface].ByMean[Surface(surface).Draws == 1 ? 0 : s] += _signs[surface] * byMean;
        deviationWeights[surface] += byDeviation;
    }

    private SampledSurface Surface(int i) => i < _objectives.Length ? _objectives[i] : _constraints[i - _objectives.Length];

    private double MeanOf(int surface, int s) => _signs[surface] * _work[surface].Means[Surface(surface).Draws == 1 ? 0 : s];

    private double Drawn(int surface, int s, int row) => _signs[surface] * Surface(surface).Drawn(Surface(surface).Draws == 1 ? 0 : s, row);

    /// <summary>ln of the expected improvement of N(μ, σ²) on a value, with derivatives by μ and σ.</summary>
    internal static double Improvement(double mu, double deviation, double incumbent, out double byMu, out double byDeviation)
    {
        var z = (incumbent - mu) / deviation;
        var log = NormalLogs.LogImprovement(z);
        var ratio = Math.Exp(NormalLogs.LogCumulative(z) - log); // Φ/h
        (byMu, byDeviation) = (-ratio / deviation, (1 - ratio * z) / deviation);
        return log + Math.Log(deviation);
    }
}
