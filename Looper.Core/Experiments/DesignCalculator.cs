using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>Power, smallest change and duration of a planned experiment. Pure.</summary>
/// <remarks>Everything goes through the drift δ/se: the effect over the standard error that the full plan reaches. Fixed two-sided:
/// power = Φ(d − z) + Φ(−d − z), by the t distribution for means. Sequential: simulated (<see cref="SequentialPower"/>); one-sided sequential by
/// its bound at the planned end, which is a little low.</remarks>
public static class DesignCalculator
{
    private const string Fixed = "power-1", Sequential = "sequential-power-1";
    private const double MostDrift = 40;

    /// <summary>Answers, or says what of the question cannot be used.</summary>
    public static Answered<DesignAnswer> Answer(DesignQuestion question)
    {
        var faults = Faults(question);
        return faults.Length > 0 ? faults[0] with { Reason = string.Join(" ", faults.Select(f => f.Reason)), Faults = [.. faults] } : new Plan(question).Answer();
    }

    /// <summary>The smallest change (or margin) found with each number of units, with the power wanted; NaN where none is, or where the question cannot be used.</summary>
    public static ImmutableArray<double> SmallestChanges(DesignQuestion question, ReadOnlySpan<double> units)
    {
        if (Faults(question).Length > 0) return [.. new double[units.Length].Select(_ => double.NaN)];
        var plan = new Plan(question);
        var wanted = plan.Wanted();
        var smallest = ImmutableArray.CreateBuilder<double>(units.Length);
        foreach (var n in units) smallest.Add(n >= 4 * question.Arms ? plan.Smallest(n, wanted) : double.NaN);
        return smallest.MoveToImmutable();
    }

    private static ImmutableArray<Refusal> Faults(DesignQuestion q)
    {
        var faults = ImmutableArray.CreateBuilder<Refusal>();
        void Fault(bool bad, string field, string what)
        {
            if (bad) faults.Add(new("design.invalid", what, field));
        }

        Fault(q.Kind == DesignKind.Proportion ? !(q.Baseline > 0 && q.Baseline < 1) : !(double.IsFinite(q.Baseline) && q.Baseline != 0), "baseline",
            q.Kind == DesignKind.Proportion ? "Baseline: give a share between 0 and 1, 0.04 for 4%." : "Baseline: give a number that is not 0; changes are relative to it.");
        Fault(q.Kind != DesignKind.Proportion && !(q.Deviation > 0 && double.IsFinite(q.Deviation.Value)), "deviation", "Deviation: give the standard deviation of one unit's value, above 0.");
        Fault(!double.IsFinite(q.Change) || (q.Margin is null && q.Change == 0) || q.Change <= -1, "change", "Change: give a fraction above −1 that is not 0, 0.03 for 3%.");
        Fault(q.Kind == DesignKind.Proportion && q.Baseline > 0 && q.Baseline * (1 + q.Change) >= 1, "change", "Change: it takes the share to 100% or more. Give a smaller one.");
        Fault(q.Margin is { } margin && !(margin > 0 && margin < 1), "margin", "Margin: give a fraction between 0 and 1, 0.01 for 1%.");
        Fault(q.Margin is { } m && q.Change <= -m, "change", "Change: a true change as bad as the margin can never be shown to be better than it.");
        Fault(q.Arms is < 2 or > ExperimentRules.MaxArms, "arms", $"Arms: give 2 to {ExperimentRules.MaxArms}.");
        Fault(q.BaselineShare is { } share && !(share > 0 && share < 1), "baselineShare", "Baseline share: give a fraction between 0 and 1.");
        Fault(!(q.Level > 0.5 && q.Level < 1), "level", "Level: give a fraction between 0.5 and 1; 0.95 is usual.");
        Fault(!(q.Power > 0.05 && q.Power < 1), "power", "Power: give a fraction between 0.05 and 1; 0.8 is usual.");
        Fault(!(q.VarianceSaved >= 0 && q.VarianceSaved < 1), "varianceSaved", "Variance saved: give a fraction from 0 to below 1.");
        Fault(q.Units is { } units && !(units >= 4 * q.Arms && units <= 1e12), "units", $"Units: give at least {4 * q.Arms}, or leave it out to learn how many it takes.");
        Fault(q.UnitsPerDay is { } pace && !(pace > 0 && double.IsFinite(pace)), "unitsPerDay", "Units a day: give a number above 0, or leave it out.");
        Fault(!(q.Growth > 0 && q.Growth <= 1), "growth", "Growth: give the exponent of the curve of distinct units, above 0 and at most 1.");
        Fault(q.Reading == ReadingKind.Bayesian, "reading", "Reading: plan for sequential or fixed; chance to win has no error level to plan with.");
        return faults.ToImmutable();
    }

    private sealed class Plan(DesignQuestion q)
    {
        private readonly double _a = q.BaselineShare ?? 1.0 / q.Arms;
        private readonly double _alpha = (1 - q.Level) / (q.Arms - 1);

        private double B => (1 - _a) / (q.Arms - 1);

        private bool IsSequential => q.Reading == ReadingKind.Sequential;

        public DesignAnswer Answer()
        {
            var wanted = Wanted();
            var units = q.Units ?? Math.Ceiling(UnitsFor(q.Change, q.Margin, wanted));
            double drift = Drift(q.Change, q.Margin, units), smallest = Smallest(units, wanted);
            var (power, stop) = PowerOf(drift, units);
            var days = q.UnitsPerDay is { } pace ? new UnitGrowth(pace, q.Growth).DaysFor(units) : double.NaN;
            return new(units, units * _a, units * B, power, smallest, stop, days, Sentence(units, power, smallest, stop, days), IsSequential ? Sequential : Fixed);
        }

        /// <summary>Effect, with the margin on top, over the standard error at these units.</summary>
        private double Drift(double change, double? margin, double units)
        {
            var size = Math.Abs(q.Baseline);
            double before, after;
            if (q.Kind == DesignKind.Proportion)
            {
                var p = q.Baseline * (1 + change);
                (before, after) = (q.Baseline * (1 - q.Baseline), p * (1 - p));
            }
            else before = after = q.Deviation!.Value * q.Deviation.Value;

            var se = Math.Sqrt((1 - q.VarianceSaved) * (before / (units * _a) + after / (units * B)));
            return (margin is { } m ? change + m : Math.Abs(change)) * size / se;
        }

        private double UnitsFor(double change, double? margin, double wanted)
        {
            var ratio = wanted / Drift(change, margin, 1);
            var units = ratio * ratio;
            // A mean's t distribution asks for a little more at small sizes: two steps settle it.
            if (!IsSequential && q.Kind == DesignKind.Mean && margin is null)
            {
                var effect = Math.Abs(change) * Math.Abs(q.Baseline) / (q.Deviation!.Value * Math.Sqrt(1 - q.VarianceSaved));
                return Power.UnitsForT(effect, _alpha, q.Power, B / _a) / _a;
            }

            return Math.Max(4 * q.Arms, units);
        }

        public double Smallest(double units, double wanted)
        {
            if (q.Margin is not null)
            {
                // The margin that the power wanted could be had for, if the change is what it is believed to be.
                var se = (q.Change + q.Margin.Value) / Drift(q.Change, q.Margin, units);
                return wanted * se - q.Change;
            }

            var sign = Math.Sign(q.Change);
            double low = 0, high = q.Kind == DesignKind.Proportion ? (sign > 0 ? 1 / q.Baseline - 1 : 1) : 1e6;
            if (Drift(sign * high * (1 - 1e-12), null, units) < wanted) return double.NaN;
            for (var i = 0; i < 200 && high - low > 1e-12 * high; i++)
            {
                var middle = (low + high) / 2;
                if (Drift(sign * middle, null, units) < wanted) low = middle;
                else high = middle;
            }

            return sign * (low + high) / 2;
        }

        private (double Power, double Stop) PowerOf(double drift, double units)
        {
            if (IsSequential && q.Margin is null)
            {
                var simulated = SequentialPower.Of(Math.Min(drift, MostDrift), units, 1 - _alpha, firstUnits: Math.Min(units, 100 / Math.Min(_a, B)));
                return (simulated.Power, simulated.Stop);
            }

            if (q.Margin is not null) return (TailProbability.Normal(OneSided() - drift), 1);
            if (q.Kind == DesignKind.Proportion) return (OfRates(drift, units), 1);
            var effect = drift / Math.Sqrt(units * _a * B / (_a + B));
            return (q.Kind == DesignKind.Mean ? Power.OfT(effect, units * _a, units * B, _alpha) : Power.OfZ(effect, units * _a, units * B, _alpha), 1);
        }

        /// <summary>Two rates: their estimated variances go up and down with the rates, which matters where arms are unequal.</summary>
        /// <remarks>Delta method for Z = Δ̂/σ̂ to second order: with c = Cov(Δ̂, σ̂²)/σ³ and w = Var(σ̂²)/σ⁴, Z has mean d(1 + 3w/8) − c/2 and
        /// variance 1 − dc + d²w/4.</remarks>
        private double OfRates(double drift, double units)
        {
            double p = q.Baseline, r = p * (1 + q.Change), na = units * _a, nb = units * B, va = p * (1 - p), vb = r * (1 - r), s2 = va / na + vb / nb;
            var c = Math.Sign(q.Change) * (vb * (1 - 2 * r) / (nb * nb) - va * (1 - 2 * p) / (na * na)) / (s2 * Math.Sqrt(s2));
            var w = (vb * (1 - 2 * r) * (1 - 2 * r) / (nb * nb * nb) + va * (1 - 2 * p) * (1 - 2 * p) / (na * na * na)) / (s2 * s2);
            double mean = drift * (1 + 0.375 * w) - c / 2, spread = Math.Sqrt(Math.Max(0.1, 1 - drift * c + drift * drift * w / 4)), z = TailProbability.NormalQuantile(1 - _alpha / 2);
            return TailProbability.Normal((z - mean) / spread) + TailProbability.Normal((z + mean) / spread);
        }

        /// <summary>The drift that has the power wanted.</summary>
        public double Wanted()
        {
            if (q.Margin is not null) return OneSided() + TailProbability.NormalQuantile(q.Power);
            double low = 0, high = MostDrift;
            for (var i = 0; i < (IsSequential ? 14 : 60); i++)
            {
                var middle = (low + high) / 2;
                var power = IsSequential ? SequentialPower.Of(middle, 1e6, 1 - _alpha).Power
                    : TailProbability.Normal(TailProbability.NormalQuantile(1 - _alpha / 2) - middle) + TailProbability.Normal(TailProbability.NormalQuantile(1 - _alpha / 2) + middle);
                if (power < q.Power) low = middle;
                else high = middle;
            }

            return (low + high) / 2;
        }

        /// <summary>Standard errors on one side: guardrails are judged one-sided, each by itself.</summary>
        private double OneSided() => IsSequential
            ? -ConfidenceSequence.Read(new(Scale.Absolute, 0, 1, 1e9, 1e6, Sequential), 1e6, q.Level, Sides.Greater).Interval.Low
            : TailProbability.NormalQuantile(q.Level);

        private string Sentence(double units, double power, double smallest, double stop, double days)
        {
            string P(double share) => (100 * share).ToString("0.##", CultureInfo.InvariantCulture) + "%";
            var what = q.Margin is { } margin ? $"that it is not worse by {P(margin)} is shown" : $"a change of {P(q.Change)} is found";
            var size = string.Create(CultureInfo.InvariantCulture, $"With {units:N0} units ({units * _a:N0} in the baseline, {units * B:N0} in {(q.Arms == 2 ? "the other arm" : "each other arm")}) {what} with a chance of {P(power)}");
            var least = double.IsNaN(smallest) ? "" : q.Margin is null ? $"; the smallest change found with {P(q.Power)} is {P(smallest)}" : $"; the smallest margin shown with {P(q.Power)} is {P(smallest)}";
            var early = stop < 1 ? $", on average after {P(stop)} of them" : "";
            var when = double.IsNaN(days) ? "" : double.IsInfinity(days) ? " At this pace so many never come." : string.Create(CultureInfo.InvariantCulture, $" They take {days:N0} days, in whole weeks.");
            var tuned = IsSequential ? " Name them in the plan too, as its planned units: the always-valid interval is narrowest at the size that it is tuned for." : "";
            return $"{size}{early}{least}.{when}{tuned}";
        }
    }
}
