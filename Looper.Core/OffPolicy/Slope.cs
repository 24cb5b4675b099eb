namespace Looper.Core.OffPolicy;

/// <summary>Chooses how strongly large weights are cut, without knowing the truth.</summary>
/// <remarks>Su, Srinath and Krishnamurthy 2020, ICML ("Adaptive estimator selection for off-policy evaluation"), with the condition of Tucker and Lee 2021
/// ("Improved estimator selection for off-policy evaluation"): candidates from the least to the most biased; the last one k is taken before any is
/// further than cnf_k + (√6 − 1)·cnf_j from one before it, cnf = 1.96 standard errors. A bias of that order may remain.</remarks>
public static class Slope
{
    private const int Grid = 8;
    private const double Z = 1.96, Earlier = 1.449489743; // √6 − 1

    /// <summary>Ceilings from the largest weight down in a geometric grid; one of infinity where no weight is above 1.</summary>
    public static double[] Ceilings(double largest) =>
        largest > 1 ? [.. Enumerable.Range(0, Grid).Select(k => Math.Pow(largest, 1 - k / (double)Grid))] : [double.PositiveInfinity];

    /// <summary>Index of the candidate to use.</summary>
    /// <param name="candidates">The least biased, most variable one first; at least one.</param>
    public static int Choose(ReadOnlySpan<PolicyValue> candidates)
    {
        for (var k = 1; k < candidates.Length; k++)
        {
            for (var j = 0; j < k; j++)
            {
                if (!(Math.Abs(candidates[k].Value - candidates[j].Value) <= Z * (candidates[k].StandardError + Earlier * candidates[j].StandardError))) return k - 1;
            }
        }
        return candidates.Length - 1;
    }
}
