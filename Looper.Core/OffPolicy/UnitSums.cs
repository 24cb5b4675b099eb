namespace Looper.Core.OffPolicy;

/// <summary>An estimate as a function of sums over units: Σa/Σn + Σb/Σd, either part absent.</summary>
/// <param name="Mean">a a unit; empty when absent.</param>
/// <param name="Upper">b a unit; empty when absent.</param>
/// <param name="Lower">d a unit.</param>
internal readonly record struct UnitSums(double[] Mean, double[] Upper, double[] Lower)
{
    public static double[] Of(ReadOnlySpan<double> terms, int[] units, int count)
    {
        var sums = new double[count];
        for (var i = 0; i < terms.Length; i++) sums[units[i]] += terms[i];
        return sums;
    }

    public double Value(double rows) => (Mean.Length == 0 ? 0 : Mean.Sum() / rows) + (Upper.Length == 0 ? 0 : Upper.Sum() / Lower.Sum());

    /// <summary>What each unit moves the value by: the terms of the delta method, which sum to 0.</summary>
    public double[] Influence(double[] rowsOf, double rows)
    {
        var influence = new double[rowsOf.Length];
        if (Mean.Length > 0)
        {
            var mean = Mean.Sum() / rows;
            for (var u = 0; u < influence.Length; u++) influence[u] += (Mean[u] - mean * rowsOf[u]) / rows;
        }
        if (Upper.Length > 0)
        {
            double total = Lower.Sum(), ratio = Upper.Sum() / total;
            for (var u = 0; u < influence.Length; u++) influence[u] += (Upper[u] - ratio * Lower[u]) / total;
        }
        return influence;
    }
}
