using Looper.Core.Learning;

namespace Looper.Core.Causal;

/// <summary>What each of several arms would have given each unit on one outcome.</summary>
/// <param name="Scores">Scores[a][i]: doubly robust score of arm a for unit i, in the outcome's unit; its mean over units that were not chosen by what came of them estimates
/// the mean outcome if all of them had got arm a. NaN for every arm where the unit's outcome is unknown.</param>
/// <param name="Means">Means[a][i]: μ_a(x_i), predicted by a fit that has seen neither the unit nor, for a choosing unit, its half.</param>
/// <remarks>Γ_a = μ_a(x) + 1[W = a](y − μ_a(x))/e_a with known e_a, so unbiased whatever μ_a is (Robins, Rotnitzky and Zhao 1994, JASA 89:846). μ_a is an elastic net on the
/// choosing units of arm a that got it, in two halves: each half is predicted by the other's fit, all other units by the mean of both.</remarks>
public sealed record ArmScores(double[][] Scores, double[][] Means)
{
    /// <summary>Scores of all arms for all units.</summary>
    /// <param name="units">Features; labels are the outcome, 0 or 1 where <paramref name="isBinary"/>, and NaN where it is unknown.</param>
    /// <param name="arms">Arm of each unit, an index into <paramref name="chances"/>.</param>
    /// <param name="chances">chances[a][i] in (0, 1): known probability with which unit i got arm a.</param>
    /// <param name="chooses">Units that may be learned from.</param>
    /// <param name="isBinary">The outcome is yes or no.</param>
    /// <param name="seed">Fixes every random choice.</param>
    /// <param name="threads">Threads at most.</param>
    /// <param name="cancel">Ends the fits.</param>
    public static ArmScores Of(DataSet units, int[] arms, double[][] chances, bool[] chooses, bool isBinary, long seed, int threads, CancellationToken cancel)
    {
        var halves = Halves(units, arms, chances.Length, chooses);
        var fit = new BaseFit(IsPseudo: false, isBinary ? Objective.Binary : Objective.Squared, seed, threads, cancel);
        double[][] means = [.. chances.Select((_, a) => MeansOf(units, arms, a, halves, fit))];
        double Score(int a, int i) => double.IsNaN(units.Labels[i]) ? double.NaN : means[a][i] + (arms[i] == a ? (units.Labels[i] - means[a][i]) / chances[a][i] : 0);
        return new([.. chances.Select((_, a) => Enumerable.Range(0, units.Rows).Select(i => Score(a, i)).ToArray())], means);
    }

    // each arm's in turn, so that both halves come from all of the time; −1 for units that nothing is learned from
    private static int[] Halves(DataSet units, int[] arms, int armCount, bool[] chooses)
    {
        var (halves, next) = (new int[units.Rows], new int[armCount]);
        for (var i = 0; i < halves.Length; i++) halves[i] = chooses[i] && !double.IsNaN(units.Labels[i]) ? next[arms[i]]++ % 2 : -1;
        return halves;
    }

    private static double[] MeansOf(DataSet units, int[] arms, int arm, int[] halves, BaseFit fit)
    {
        double[][] by = [.. Enumerable.Range(0, 2).Select(half =>
            units.Predictions(fit.Of(BaseLearner.Linear, units.Take([.. Enumerable.Range(0, units.Rows).Where(i => arms[i] == arm && halves[i] == half)]))))];
        return [.. halves.Select((half, i) => half < 0 ? (by[0][i] + by[1][i]) / 2 : by[1 - half][i])];
    }
}
