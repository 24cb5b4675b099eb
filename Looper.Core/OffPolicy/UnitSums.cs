using Looper.Core.Statistics;

namespace Looper.Core.OffPolicy;

/// <summary>An estimate as a function of sums over units: Σa/Σn + Σb/Σd, either part absent.</summary>
/// <param name="Mean">a a unit; empty when absent.</param>
/// <param name="Upper">b a unit; empty when absent.</param>
/// <param name="Lower">d a unit.</param>
internal readonly record struct UnitSums(double[] Mean, double[] Upper, double[] Lower)
{
    /// <summary>Sums of a term a row, by unit; nothing is kept a row.</summary>
    public static double[] Of(Func<int, double> term, int[] units, int count)
    {
        var sums = new double[count];
        for (var i = 0; i < units.Length; i++) sums[units[i]] += term(i);
        return sums;
    }

    /// <summary>A mean of terms.</summary>
    public static UnitSums OfMean(Func<int, double> term, int[] units, int count) => new(Of(term, units, count), [], []);

    /// <summary>Value and standard error: of a mean by the sample's variance, of a ratio by the delta method, units taken as independent.</summary>
    public PolicyValue Estimate(double[] rowsOf, double rows)
    {
        if (rowsOf.Length < 2) return PolicyValue.Undefined(Cause.TooFewUnits);
        if (Upper.Length > 0 && !(Lower.Sum() > 0)) return PolicyValue.Undefined(Cause.NoOverlap);
        var squares = 0.0;
        foreach (var moved in Influence(rowsOf, rows)) squares += moved * moved;
        return new(Value(rows), Math.Sqrt(Mean.Length > 0 ? squares * rowsOf.Length / (rowsOf.Length - 1) : squares));
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
