namespace Looper.Core.Statistics;

/// <summary>Mean outcome of two arms, and their difference, from units that a bandit assigned: each unit had its own, known probability
/// of each arm. A plain mean is biased there, for an arm that looked bad early was shown less from then on.</summary>
/// <remarks>Adaptively weighted doubly robust estimate of Hadad, Hirshberg, Zhan, Wager and Athey 2021, PNAS 118(15), with one variance-stabilising weight for
/// both arms: Γ_t(a) = μ̂_{t−1}(a) + 1[A_t = a](Y_t − μ̂_{t−1}(a))/e_t(a), h_t = 1/√(1/e_t(a) + 1/e_t(b)), Q̂ = Σh·Γ/Σh, se² = Σh²(Γ_b − Γ_a − Δ)²/(Σh)². Γ_b − Γ_a
/// is the effect on average whatever outcomes do with time, so a season or growth that both arms share cancels; weights of each arm's own, √e_t(a), would
/// give the arm that is shown more later the later outcomes. μ̂ is the arm's mean over the past alone, so add units in the order of their assignment. Assumes
/// that e_t was fixed before unit t came and is never zero. O(1) a unit, no allocation.</remarks>
public sealed class AdaptivePair
{
    /// <summary>Name and version in stored reports.</summary>
    public const string Method = "adaptively-weighted-2";

    /// <summary>Units whose arm had less than this chance say too little and are left out (and counted).</summary>
    public const double LeastProbability = 0.001;

    private Side _control, _treatment;
    private double _weight, _h2, _h2d, _h2dd; // sums of weights, and of their squares times powers of the scores' difference

    /// <summary>Units used.</summary>
    public double Units { get; private set; }

    /// <summary>Units left out because a probability was below <see cref="LeastProbability"/> or not a number.</summary>
    public double LeftOut { get; private set; }

    /// <summary>Adds the next unit, whichever arm of the experiment it had.</summary>
    /// <param name="hadControl">Its arm was control.</param>
    /// <param name="hadTreatment">Its arm was treatment; both false when it had a third arm.</param>
    /// <param name="value">Its outcome; read only where one of the two is true.</param>
    /// <param name="controlProbability">Probability with which it could have got control, in (0, 1).</param>
    /// <param name="treatmentProbability">Probability with which it could have got treatment, in (0, 1).</param>
    public void Add(bool hadControl, bool hadTreatment, double value, double controlProbability, double treatmentProbability)
    {
        if (!(controlProbability >= LeastProbability) || !(treatmentProbability >= LeastProbability))
        {
            LeftOut++;
            return;
        }

        Units++;
        var square = 1 / (1 / controlProbability + 1 / treatmentProbability);
        var weight = Math.Sqrt(square);
        var difference = _treatment.Next(hadTreatment, value, treatmentProbability, weight) - _control.Next(hadControl, value, controlProbability, weight);
        _weight += weight;
        _h2 += square;
        _h2d += square * difference;
        _h2dd += square * difference * difference;
    }

    /// <summary>Mean outcome if every unit had got control, with the variance of one unit.</summary>
    public MetricSummary Control => _control.Summary(Units, _weight, _h2);

    /// <summary>Mean outcome if every unit had got treatment, with the variance of one unit.</summary>
    public MetricSummary Treatment => _treatment.Summary(Units, _weight, _h2);

    /// <summary>Difference of the two means, treatment − control, in the outcome's unit.</summary>
    /// <returns>Undefined with <see cref="Cause.EmptyArm"/> or <see cref="Cause.TooFewUnits"/> where an arm has fewer than two units, and
    /// <see cref="Cause.ZeroVariance"/> where nothing varies.</returns>
    /// <remarks>Asymptotically normal; its degrees of freedom are the smaller arm's units − 1, which is cautious for small samples.</remarks>
    public Effect Difference()
    {
        MetricSummary a = Control, b = Treatment;
        var why = MetricSummary.Worst(a, b);
        if (why != Cause.None) return Effect.Undefined(Scale.Absolute, Method, why, Units);
        var value = b.Value - a.Value;
        var squares = Math.Max(0, _h2dd - 2 * value * _h2d + value * value * _h2);
        return new(Scale.Absolute, value, Math.Sqrt(squares) / _weight, Math.Min(_control.Count, _treatment.Count) - 1, Units, Method);
    }

    private struct Side
    {
        private double _past, _g, _h2g, _h2gg;

        public double Count { get; private set; }

        public double Next(bool had, double value, double probability, double weight)
        {
            var past = Count > 0 ? _past : 0;
            var score = had ? past + (value - past) / probability : past;
            _g += weight * score;
            _h2g += weight * weight * score;
            _h2gg += weight * weight * score * score;
            if (had)
            {
                Count++;
                _past += (value - _past) / Count;
            }

            return score;
        }

        public readonly MetricSummary Summary(double units, double weight, double squares)
        {
            if (Count < 2) return MetricSummary.Undefined(Count, Count == 0 ? Cause.EmptyArm : Cause.TooFewUnits);
            var mean = _g / weight;
            var variance = Math.Max(0, _h2gg - 2 * mean * _h2g + mean * mean * squares) / (weight * weight) * units;
            return new(units, mean, variance, MetricSummary.WhyNot(mean, variance));
        }
    }
}
