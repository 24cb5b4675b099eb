using Looper.Core.Numerics;
using Looper.Core.Statistics;

namespace Looper.Core.Causal;

/// <summary>How well a score ranks units of a randomised comparison by what treatment does to them.</summary>
/// <param name="Qini">Area under Q(k) over k/n less half of Q(n), per treated unit.</param>
/// <param name="Auuc">Area under (Y_t/N_t − Y_c/N_c)(N_t + N_c)/n.</param>
/// <param name="AuucOfChance">The same area for a ranking that says nothing: half of the overall difference.</param>
/// <param name="Top10">Difference of arm means in the best tenth; NaN where an arm is empty.</param>
/// <param name="Top20">In the best fifth.</param>
/// <param name="Top30">In the best three tenths.</param>
/// <remarks>Units in descending order of score, ties in the order given. Q(k) = Y_t − Y_c·N_t/N_c over the first k, the subtrahend 0 while
/// N_c = 0 (Radcliffe 2007). Trapezoid rule from (0, 0). For a constant propensity; else use <see cref="RankedEffect"/>. O(n log n).</remarks>
public readonly record struct Uplift(double Qini, double Auuc, double AuucOfChance, double Top10, double Top20, double Top30)
{
    /// <summary>The figures of one ranking.</summary>
    /// <param name="scores">Higher is treated first.</param>
    /// <param name="treated">Arms.</param>
    /// <param name="outcomes">Outcomes.</param>
    public static Uplift Of(ReadOnlySpan<double> scores, ReadOnlySpan<bool> treated, ReadOnlySpan<double> outcomes) =>
        OfOrder(Descending(scores), treated, outcomes);

    /// <summary>The same figures where propensities are not constant, from doubly robust scores.</summary>
    /// <param name="ranking">Higher is treated first.</param>
    /// <param name="scores">Γ, one per unit.</param>
    /// <remarks>The sum of the scores of the first k takes the place of Q(k), per unit rather than per treated unit.</remarks>
    public static Uplift OfScores(ReadOnlySpan<double> ranking, ReadOnlySpan<double> scores)
    {
        var (order, n) = (Descending(ranking), scores.Length);
        var (sum, area) = (0.0, 0.0);
        Span<double> top = [double.NaN, double.NaN, double.NaN];
        for (var k = 1; k <= n; k++)
        {
            var last = sum;
            sum += scores[order[k - 1]];
            area += (last + sum) / 2;
            for (var d = 1; d <= 3; d++) if (k == (int)((long)n * d / 10)) top[d - 1] = sum / k;
        }
        return new((area / n - sum / 2) / n, area / n / n, sum / n / 2, top[0], top[1], top[2]);
    }

    /// <summary>Standard errors by drawing units with replacement.</summary>
    /// <param name="scores">As for <see cref="Of"/>.</param>
    /// <param name="treated">Arms.</param>
    /// <param name="outcomes">Outcomes.</param>
    /// <param name="replicates">Draws.</param>
    /// <param name="seed">Fixes them.</param>
    /// <returns>NaN where the figure itself is undefined, or more than one draw in twenty has none: the rest would be a choice of the draws.</returns>
    /// <remarks>Efron's bootstrap as multiplicities 0, 1, 2… of the sorted units: O(n) a draw.</remarks>
    public static Uplift StandardErrors(ReadOnlySpan<double> scores, ReadOnlySpan<bool> treated, ReadOnlySpan<double> outcomes, int replicates, long seed)
    {
        var (order, n) = (Descending(scores), scores.Length);
        var moments = new Moments[6];
        var (times, drawn) = (new int[n], new int[n]);
        for (var r = 0; r < replicates; r++)
        {
            var random = new Philox(seed, "uplift", r);
            Array.Clear(times);
            for (var i = 0; i < n; i++) times[random.Below(n)]++;
            var at = 0;
            for (var k = 0; k < n; k++) for (var t = 0; t < times[k]; t++) drawn[at++] = order[k];
            var figures = Figures(OfOrder(drawn, treated, outcomes));
            for (var f = 0; f < figures.Length; f++) if (!double.IsNaN(figures[f])) moments[f] = moments[f].With(figures[f]);
        }
        var told = Figures(OfOrder(order, treated, outcomes));
        double Error(int f) => double.IsNaN(told[f]) || moments[f].Count < 0.95 * replicates ? double.NaN : Math.Sqrt(moments[f].Variance);
        return new(Error(0), Error(1), Error(2), Error(3), Error(4), Error(5));
    }

    private static double[] Figures(in Uplift u) => [u.Qini, u.Auuc, u.AuucOfChance, u.Top10, u.Top20, u.Top30];

    /// <summary>Points of the uplift curve: the gain of treating the best share of all units rather than none, per unit of the whole.</summary>
    /// <param name="scores">As for <see cref="Of"/>.</param>
    /// <param name="treated">Arms.</param>
    /// <param name="outcomes">Outcomes.</param>
    /// <param name="points">Points besides the origin.</param>
    public static (double Share, double Gain)[] Curve(ReadOnlySpan<double> scores, ReadOnlySpan<bool> treated, ReadOnlySpan<double> outcomes, int points)
    {
        var (order, curve) = (Descending(scores), new (double, double)[points + 1]);
        double yt = 0, yc = 0, nt = 0, nc = 0;
        var next = 1;
        for (var k = 1; k <= order.Length; k++)
        {
            Add(treated[order[k - 1]], outcomes[order[k - 1]], ref yt, ref yc, ref nt, ref nc);
            for (; next <= points && k >= (long)next * order.Length / points; next++)
                curve[next] = ((double)k / order.Length, nt > 0 && nc > 0 ? (yt / nt - yc / nc) * k / order.Length : 0);
        }
        return curve;
    }

    internal static int[] Descending(ReadOnlySpan<double> scores)
    {
        var (keys, order) = (scores.ToArray(), new int[scores.Length]);
        for (var i = 0; i < order.Length; i++) order[i] = i;
        Array.Sort(order, (a, b) => keys[b].CompareTo(keys[a]) is not 0 and var c ? c : a.CompareTo(b));
        return order;
    }

    private static void Add(bool treated, double outcome, ref double yt, ref double yc, ref double nt, ref double nc)
    {
        if (treated) (yt, nt) = (yt + outcome, nt + 1);
        else (yc, nc) = (yc + outcome, nc + 1);
    }

    private static Uplift OfOrder(ReadOnlySpan<int> order, ReadOnlySpan<bool> treated, ReadOnlySpan<double> outcomes)
    {
        var n = order.Length;
        double yt = 0, yc = 0, nt = 0, nc = 0, q = 0, u = 0, areaQ = 0, areaU = 0;
        Span<double> top = [double.NaN, double.NaN, double.NaN];
        for (var k = 1; k <= n; k++)
        {
            Add(treated[order[k - 1]], outcomes[order[k - 1]], ref yt, ref yc, ref nt, ref nc);
            var (lastQ, lastU) = (q, u);
            q = yt - (nc > 0 ? yc * nt / nc : 0);
            u = nt > 0 && nc > 0 ? (yt / nt - yc / nc) * (nt + nc) / n : 0;
            (areaQ, areaU) = (areaQ + (lastQ + q) / 2, areaU + (lastU + u) / 2);
            for (var d = 1; d <= 3; d++)
                if (k == (int)((long)n * d / 10)) top[d - 1] = nt > 0 && nc > 0 ? yt / nt - yc / nc : double.NaN;
        }
        return nt > 0 && nc > 0
            ? new((areaQ / n - q / 2) / nt, areaU / n, u / 2, top[0], top[1], top[2])
            : new(double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN);
    }
}
