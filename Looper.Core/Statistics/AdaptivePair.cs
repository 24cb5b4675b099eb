namespace Looper.Core.Statistics;

/// <summary>Mean outcome of two arms, and their difference, from units that a bandit assigned: each unit had its own, known probability
/// of each arm. A plain mean is biased there, for an arm that looked bad early was shown less from then on.</summary>
/// <remarks>Adaptively weighted doubly robust estimate of Hadad, Hirshberg, Zhan, Wager and Athey 2021, PNAS 118(15), with
/// constant-allocation weights: Γ_t(a) = μ̂_{t−1}(a) + 1[A_t = a](Y_t − μ̂_{t−1}(a))/e_t(a), h_t = √e_t(a), Q̂ = Σh·Γ/Σh,
/// se² = Σh²(Γ − Q̂)²/(Σh)². μ̂ is the arm's mean over the past alone, so add units in the order of their assignment. Assumes that e_t was fixed
/// before unit t came and is never zero. O(1) a unit, no allocation.</remarks>
public sealed class AdaptivePair
{
    /// <summary>Name and version in stored reports.</summary>
    public const string Method = "adaptively-weighted-1";

    /// <summary>Units whose arm had less than this chance say too little and are left out (and counted).</summary>
    public const double LeastProbability = 0.001;

    private Side _control, _treatment;
    private double _hh, _hhGb, _hhGa, _hhGG; // sums of products of both sides' weights and scores

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
        var (ha, ga) = _control.Next(hadControl, value, controlProbability);
        var (hb, gb) = _treatment.Next(hadTreatment, value, treatmentProbability);
        var product = ha * hb;
        _hh += product;
        _hhGa += product * ga;
        _hhGb += product * gb;
        _hhGG += product * ga * gb;
    }

    /// <summary>Mean outcome if every unit had got control, with the variance of one unit.</summary>
    public MetricSummary Control => _control.Summary(Units);

    /// <summary>Mean outcome if every unit had got treatment, with the variance of one unit.</summary>
    public MetricSummary Treatment => _treatment.Summary(Units);

    /// <summary>Difference of the two means, treatment − control, in the outcome's unit.</summary>
    /// <returns>Undefined with <see cref="Cause.EmptyArm"/> or <see cref="Cause.TooFewUnits"/> where an arm has fewer than two units, and
    /// <see cref="Cause.ZeroVariance"/> where nothing varies.</returns>
    /// <remarks>se² = Σ(H_b·h_a·r_a − H_a·h_b·r_b)²/(H_a·H_b)², H = Σh, r = Γ − Q̂. Asymptotically normal; its degrees of freedom are the
    /// smaller arm's units − 1, which is cautious for small samples.</remarks>
    public Effect Difference()
    {
        MetricSummary a = Control, b = Treatment;
        var why = MetricSummary.Worst(a, b);
        if (why != Cause.None) return Effect.Undefined(Scale.Absolute, Method, why, Units);
        double qa = _control.Mean, qb = _treatment.Mean;
        var cross = _hhGG - qa * _hhGb - qb * _hhGa + qa * qb * _hh;
        var variance = _control.Squares / (_control.Weight * _control.Weight) + _treatment.Squares / (_treatment.Weight * _treatment.Weight)
            - 2 * cross / (_control.Weight * _treatment.Weight);
        return new(Scale.Absolute, qb - qa, Math.Sqrt(variance), Math.Min(_control.Count, _treatment.Count) - 1, Units, Method);
    }

    private struct Side
    {
        private double _past, _g, _gg, _h2, _hhG;

        public double Count { get; private set; }

        public double Weight { get; private set; }

        public readonly double Mean => _g / Weight;

        public readonly double Squares
        {
            get
            {
                var mean = Mean;
                return Math.Max(0, _gg - 2 * mean * _hhG + mean * mean * _h2);
            }
        }

        public (double Weight, double Score) Next(bool had, double value, double probability)
        {
            var h = Math.Sqrt(probability);
            var past = Count > 0 ? _past : 0;
            var score = had ? past + (value - past) / probability : past;
            Weight += h;
            _g += h * score;
            _h2 += probability;
            _hhG += probability * score;
            _gg += probability * score * score;
            if (had)
            {
                Count++;
                _past += (value - _past) / Count;
            }

            return (h, score);
        }

        public readonly MetricSummary Summary(double units) => Count switch
        {
            0 => MetricSummary.Undefined(0, Cause.EmptyArm),
            < 2 => MetricSummary.Undefined(Count, Cause.TooFewUnits),
            _ => new(units, Mean, Squares / (Weight * Weight) * units, MetricSummary.WhyNot(Mean, Squares / (Weight * Weight) * units)),
        };
    }
}
