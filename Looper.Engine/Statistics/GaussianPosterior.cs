namespace Looper.Core.Statistics;

/// <summary>What was believed about the lift before the data.</summary>
/// <param name="Mean">Expected lift, as a fraction.</param>
/// <param name="Variance">Variance of the lift; infinite for no prior.</param>
public readonly record struct LiftPrior(double Mean, double Variance)
{
    /// <summary>N(0, 0.3²): too wide to move a thousand units, narrow enough to tame a first day.</summary>
    public static LiftPrior Default { get; } = new(0, 0.09);

    /// <summary>No prior at all.</summary>
    public static LiftPrior None { get; } = new(0, double.PositiveInfinity);
}

/// <summary>The Bayesian reading of an effect: what to believe after the data. It does not protect against looking early.</summary>
/// <param name="Mean">Posterior mean of the effect.</param>
/// <param name="Deviation">Posterior standard deviation.</param>
/// <param name="Interval">Credible interval.</param>
/// <param name="ChanceToWin">Probability that treatment is better, in [0, 1].</param>
/// <param name="LossOfTreatment">Expected loss of choosing treatment, in the effect's unit, ≥ 0.</param>
/// <param name="LossOfControl">Expected loss of keeping control, in the effect's unit, ≥ 0.</param>
/// <param name="Why">Why it is undefined.</param>
public readonly record struct GaussianPosterior(
    double Mean, double Deviation, Interval Interval, double ChanceToWin, double LossOfTreatment, double LossOfControl, Cause Why)
{
    /// <summary>Name and version in stored reports.</summary>
    public const string Method = "bayes-gauss-1";

    /// <summary>Posterior of an effect under a normal prior on the lift.</summary>
    /// <param name="effect">Estimate and standard error on either scale.</param>
    /// <param name="prior">Prior of the lift.</param>
    /// <param name="baseline">Mean of control: carries the prior to the absolute scale.</param>
    /// <param name="level">Credible level in (0, 1).</param>
    /// <param name="lowerIsBetter">Swaps who wins and whose loss is whose.</param>
    /// <returns>Undefined when the effect is.</returns>
    /// <remarks>Precision 1/v₀ + 1/se², mean (m₀/v₀ + x/se²)/precision; P(win) = Φ(μ/s); loss of treatment s(φ(k) − kΦ(−k)), of
    /// control s(φ(k) + kΦ(k)), k = μ/s. O(1), no allocation.</remarks>
    public static GaussianPosterior Of(in Effect effect, LiftPrior prior, double baseline, double level, bool lowerIsBetter = false)
    {
        Levels.Check(level);
        if (!effect.IsDefined)
            return new(double.NaN, double.NaN, Interval.Undefined, double.NaN, double.NaN, double.NaN, effect.Why);
        var unit = effect.Scale == Scale.Relative ? 1 : Math.Abs(baseline);
        double priorMean = prior.Mean * unit, square = effect.StandardError * effect.StandardError;
        // At a zero baseline a prior on the lift says nothing about the difference.
        var known = unit > 0 && !double.IsInfinity(prior.Variance) ? 1 / (prior.Variance * unit * unit) : 0;
        var precision = known + 1 / square;
        double mu = (priorMean * known + effect.Value / square) / precision, s = Math.Sqrt(1 / precision), k = mu / s;
        var z = TailProbability.NormalQuantile((1 + level) / 2);
        double below = TailProbability.Normal(k), above = TailProbability.Normal(-k), density = TailProbability.NormalDensity(k);
        double up = Math.Max(0, s * (density + k * above)), down = Math.Max(0, s * (density - k * below));
        return lowerIsBetter
            ? new(mu, s, new(mu - z * s, mu + z * s), below, up, down, Cause.None)
            : new(mu, s, new(mu - z * s, mu + z * s), above, down, up, Cause.None);
    }
}
