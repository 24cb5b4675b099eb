namespace Looper.Core.Statistics;

/// <summary>One stratum of both arms.</summary>
/// <param name="Control">Moments of control in the stratum.</param>
/// <param name="Treatment">Moments of treatment in the stratum.</param>
public readonly record struct Stratum(Moments Control, Moments Treatment);

/// <summary>Effects weighted over strata fixed before exposure: corrects chance imbalance of the arms and saves variance.</summary>
/// <remarks>Idea: Miratrix, Sekhon and Yu 2013, J. R. Stat. Soc. B 75:369. O(strata).</remarks>
public static class PostStratification
{
    /// <summary>Name and version in stored reports.</summary>
    public const string Method = "post-strata-1";

    /// <summary>The weighted difference and lift.</summary>
    /// <param name="strata">Any number; those with fewer than two units in an arm are merged into one.</param>
    /// <param name="isConversion">Values are 0 or 1: variance p(1 − p).</param>
    /// <returns>Both scales; undefined when no stratum can be used or an arm does not vary in any.</returns>
    /// <remarks>w_k = n_k/N, Δ = Σw_kδ_k, ā = Σw_kȳ_ak; Var Δ = Σw_k²(s_ak²/n_ak + s_bk²/n_bk) + (1/N)Σw_k(δ_k−Δ)²;
    /// Var ā and Cov(ā, Δ) likewise; lift Δ/ā by the delta method; degrees of freedom of the unstratified arms.</remarks>
    public static (Effect Absolute, Effect Relative) Between(ReadOnlySpan<Stratum> strata, bool isConversion)
    {
        var (kept, whole) = Merge(strata);
        MetricSummary Summary(Moments m) => isConversion ? MetricSummary.OfConversion(m) : MetricSummary.OfMean(m);
        MetricSummary wholeA = Summary(whole.Control), wholeB = Summary(whole.Treatment);
        var total = whole.Control.Count + whole.Treatment.Count;
        var why = MetricSummary.Worst(wholeA, wholeB);
        if (why == Cause.None && kept.Exists(s => s.Control.Count < 2 || s.Treatment.Count < 2)) why = Cause.TooFewUnits;
        if (why != Cause.None) return (Effect.Undefined(Scale.Absolute, Method, why, total), Effect.Undefined(Scale.Relative, Method, why, total));

        double delta = 0, baseline = 0;
        foreach (var s in kept)
        {
            var w = (s.Control.Count + s.Treatment.Count) / total;
            delta += w * (s.Treatment.Mean - s.Control.Mean);
            baseline += w * s.Control.Mean;
        }

        double varDelta = 0, varBase = 0, covariance = 0;
        foreach (var s in kept)
        {
            var w = (s.Control.Count + s.Treatment.Count) / total;
            double a = Summary(s.Control).Variance / s.Control.Count, b = Summary(s.Treatment).Variance / s.Treatment.Count;
            double difference = s.Treatment.Mean - s.Control.Mean - delta, level = s.Control.Mean - baseline;
            varDelta += w * w * (a + b) + w * difference * difference / total;
            varBase += w * w * a + w * level * level / total;
            covariance += -w * w * a + w * level * difference / total;
        }

        var nu = Effect.WelchDegrees(wholeA, wholeB);
        var absolute = new Effect(Scale.Absolute, delta, Math.Sqrt(varDelta), nu, total, Method);
        if (baseline == 0) return (absolute, Effect.Undefined(Scale.Relative, Method, Cause.BaselineZero, total));
        double square = baseline * baseline;
        var lift = varDelta / square - 2 * delta * covariance / (square * baseline) + delta * delta * varBase / (square * square);
        return (absolute, new(Scale.Relative, delta / Math.Abs(baseline), Math.Sqrt(lift), nu, total, Method));
    }

    private static (List<Stratum> Kept, Stratum Whole) Merge(ReadOnlySpan<Stratum> strata)
    {
        var kept = new List<Stratum>();
        Stratum other = default, whole = default;
        foreach (var s in strata)
        {
            whole = new(whole.Control + s.Control, whole.Treatment + s.Treatment);
            if (s.Control.Count >= 2 && s.Treatment.Count >= 2) kept.Add(s);
            else other = new(other.Control + s.Control, other.Treatment + s.Treatment);
        }

        if (other.Control.Count + other.Treatment.Count > 0)
        {
            // A leftover that is itself too small joins the last stratum that is not.
            if ((other.Control.Count < 2 || other.Treatment.Count < 2) && kept.Count > 0)
                kept[^1] = new(kept[^1].Control + other.Control, kept[^1].Treatment + other.Treatment);
            else kept.Add(other);
        }

        return (kept, whole);
    }
}
