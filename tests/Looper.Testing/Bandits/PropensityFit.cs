using Looper.Core.Numerics;
using Looper.Core.Statistics;

namespace Looper.Testing.Bandits;

/// <summary>Whether answers were drawn with the chances that were stated, though those change with every decision.</summary>
/// <remarks>For classes c with stated probability P_t(c) at decision t, S = Σ_t(1[class drawn] − P_t) has covariance V = Σ_t(diag P_t − P_tP_tᵀ), and
/// SᵀV⁻¹S without the last class is χ² with one degree less than classes: martingale differences, whatever the learner does with the answers. Asked twice,
/// by option and by band of the stated chance; the smaller p-value counts double (Bonferroni).</remarks>
public sealed class PropensityFit(int options)
{
    private static readonly double[] s_bands = [0.005, 0.02, 0.1, 0.3, 0.7];
    private readonly Classes _byOption = new(options), _byBand = new(s_bands.Length + 1);
    private readonly double[] _shares = new double[s_bands.Length + 1];
    private bool _impossible;

    public void Add(ReadOnlySpan<double> chances, int option)
    {
        _impossible |= !(chances[option] > 0);
        _byOption.Add(chances, option);
        Array.Clear(_shares);
        foreach (var p in chances) _shares[BandOf(p)] += p;
        _byBand.Add(_shares, BandOf(chances[option]));
    }

    /// <summary>In [0, 1]; 0 when something happened that was stated to be impossible.</summary>
    public double PValue => _impossible ? 0 : Math.Min(1, 2 * Math.Min(_byOption.PValue, _byBand.PValue));

    private static int BandOf(double p) => s_bands.Count(b => p >= b);

    private sealed class Classes(int count)
    {
        private const double LeastVariance = 20;
        private readonly double[] _difference = new double[count], _covariance = new double[count * count], _expected = new double[count];

        public void Add(ReadOnlySpan<double> shares, int drawn)
        {
            for (var i = 0; i < count; i++)
            {
                _difference[i] += (i == drawn ? 1 : 0) - shares[i];
                _expected[i] += shares[i];
                for (var j = 0; j < count; j++) _covariance[i * count + j] += (i == j ? shares[i] : 0) - shares[i] * shares[j];
            }
        }

        // The normal limit needs a variance of some size, also of what the classes before leave open: the others join the one left out.
        public double PValue
        {
            get
            {
                var (kept, factor) = (new List<int>(), (Cholesky?)null);
                foreach (var i in Enumerable.Range(0, count).Where(i => _covariance[i * count + i] >= LeastVariance).OrderBy(i => _expected[i]))
                {
                    kept.Add(i);
                    if (Cholesky.TryOf(Covariance(kept), kept.Count) is { } with && with.Row(kept.Count - 1)[^1] is var pivot && pivot * pivot >= LeastVariance) factor = with;
                    else kept.RemoveAt(kept.Count - 1);
                }
                if (factor is null) return 1;
                double[] s = [.. kept.Select(i => _difference[i])];
                factor.SolveLower(s);
                return TailProbability.ChiSquared(s.Sum(z => z * z), s.Length);
            }
        }

        private double[] Covariance(List<int> classes) => [.. classes.SelectMany(i => classes.Select(j => _covariance[i * count + j]))];
    }
}
