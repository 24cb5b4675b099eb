using System.Collections.Immutable;
using Looper.Core.Statistics;

namespace Looper.Core.OffPolicy;

/// <summary>Every estimator of a policy's value on the same logged rows, with intervals and the change against what was served, or against the
/// self-normalised value of another policy.</summary>
public static class PolicyEstimates
{
    private sealed record Estimate(string Name, PolicyValue Value, UnitSums Sums, double Range, double Constant = double.NaN);

    /// <summary>The figures, those without a reward model first; empty without rows.</summary>
    /// <param name="rows">Weights, rewards, units, and reward models where there are any.</param>
    /// <param name="plan">Level, replicates and seed.</param>
    /// <remarks>Rows are summed by unit in a few passes; all else is of the sums. Cut and shrunk weights take their constant from <see cref="Slope"/>;
    /// their intervals do not know of the bias that remains. O(rows + replicates·min(units, 10,000)).</remarks>
    public static ImmutableArray<EstimatorFigures> Of(LoggedRows rows, EstimatePlan plan) => Of(rows, plan, _ => true);

    /// <summary>The figures of one estimator alone, equal to those it has among all.</summary>
    /// <param name="rows">As for <see cref="Of(LoggedRows, EstimatePlan)"/>; at least one row, and the model that the estimator needs.</param>
    /// <param name="plan">Level, replicates and seed.</param>
    /// <param name="name">Of <see cref="EstimatorFigures"/>.</param>
    public static EstimatorFigures One(LoggedRows rows, EstimatePlan plan, string name) => Of(rows, plan, n => n == name).Single();

    private static ImmutableArray<EstimatorFigures> Of(LoggedRows rows, EstimatePlan plan, Func<string, bool> isWanted)
    {
        if (rows.Count == 0) return [];
        var units = rows.UnitCount;
        var count = UnitSums.Of(_ => 1, rows.Units, units);
        List<Estimate> all = [.. Weighted(rows, count, isWanted), .. Modelled(rows, count, isWanted)];
        double[] r = rows.Rewards;
        double[] against = rows.Reference is { } reference ? UnitSums.Of(i => reference[i], rows.Units, units) : count;
        var served = new UnitSums([], UnitSums.Of(rows.Reference is { } by ? i => by[i] * r[i] : i => r[i], rows.Units, units), against);
        var draws = UnitBootstrap.Draw([served, .. all.Select(e => e.Sums)], count, plan);
        var (mean, moved) = (served.Value(rows.Count), served.Influence(count, rows.Count));
        return [.. all.Select((e, k) => Figures(e, draws[k + 1], draws[0], mean, moved, count, rows, plan))];
    }

    private static IEnumerable<Estimate> Weighted(LoggedRows rows, double[] count, Func<string, bool> isWanted)
    {
        double[] w = rows.Weights, r = rows.Rewards;
        UnitSums With(Func<double, double> shrink) => UnitSums.OfMean(i => shrink(w[i]) * r[i], rows.Units, count.Length);
        Estimate Made(string name, UnitSums sums, double range) => new(name, sums.Estimate(count, rows.Count), sums, range);
        var plain = With(x => x);
        if (isWanted("ips")) yield return Made("ips", plain, RangeOf(rows, rows.WeightCeiling));
        var ceilings = Slope.Ceilings(w.Max());
        if (isWanted("ips-clip"))
            yield return Chosen("ips-clip", [.. ceilings.Select(c => With(Estimators.Clip(c)))], rows, count, at => (RangeOf(rows, Least(rows.WeightCeiling, ceilings[at])), ceilings[at]));
        if (isWanted("sg-ips"))
            yield return Chosen("sg-ips", [.. ceilings.Select(c => With(Estimators.SubGaussian(1 / c)))], rows, count,
                at => (RangeOf(rows, Least(rows.WeightCeiling, ceilings[at])), SubGaussianConstant(ceilings[at])));
        if (isWanted("snips")) yield return Made("snips", new([], plain.Mean, UnitSums.Of(i => w[i], rows.Units, count.Length)), double.NaN);
    }

    private static IEnumerable<Estimate> Modelled(LoggedRows rows, double[] count, Func<string, bool> isWanted)
    {
        if (rows.Model is not { } model) yield break;
        double[] w = rows.Weights, r = rows.Rewards, q = model.Predicted, m = model.Values;
        double[] Sum(Func<int, double> term) => UnitSums.Of(term, rows.Units, count.Length);
        UnitSums With(Func<double, double> shrink) => UnitSums.OfMean(i => m[i] + shrink(w[i]) * (r[i] - q[i]), rows.Units, count.Length);
        Estimate Made(string name, UnitSums sums, double range) => new(name, sums.Estimate(count, rows.Count), sums, range);
        double Robust(double? ceiling) => rows is { RewardRange: var (low, high) } && ceiling is { } most ? (high - low) * (1 + 2 * most) : double.NaN;
        if (isWanted("dm")) yield return Made("dm", new(Sum(i => m[i]), [], []), rows is { RewardRange: var (bottom, top) } ? top - bottom : double.NaN);
        if (isWanted("dr")) yield return Made("dr", With(x => x), Robust(rows.WeightCeiling));
        if (isWanted("sndr")) yield return Made("sndr", new(Sum(i => m[i]), Sum(i => w[i] * (r[i] - q[i])), Sum(i => w[i])), double.NaN);
        var ceilings = Slope.Ceilings(w.Max());
        if (isWanted("switch-dr"))
            yield return Chosen("switch-dr", [.. ceilings.Select(c => With(Estimators.Switch(c)))], rows, count, at => (Robust(Least(rows.WeightCeiling, ceilings[at])), ceilings[at]));
        if (isWanted("dr-os"))
        {
            double[] strengths = [.. ceilings.Select(c => double.IsFinite(c) ? c * c : 1e12)];
            yield return Chosen("dr-os", [.. strengths.Select(s => With(Estimators.Shrink(s)))], rows, count,
                at => (Robust(Least(rows.WeightCeiling, Math.Sqrt(strengths[at]) / 2)), double.IsFinite(ceilings[at]) ? strengths[at] : double.NaN));
        }
        if (isWanted("sg-dr"))
            yield return Chosen("sg-dr", [.. ceilings.Select(c => With(Estimators.SubGaussian(1 / c)))], rows, count,
                at => (Robust(Least(rows.WeightCeiling, ceilings[at])), SubGaussianConstant(ceilings[at])));
        if (rows.RobustModel is { } robust && isWanted("mrdr"))
            yield return Made("mrdr", new(Sum(i => robust.Values[i] + w[i] * (r[i] - robust.Predicted[i])), [], []), Robust(rows.WeightCeiling));
    }

    /// <summary>The candidate that <see cref="Slope"/> takes.</summary>
    /// <param name="candidates">The least biased one first.</param>
    /// <param name="facts">Range of the terms, and the constant, of a candidate.</param>
    private static Estimate Chosen(string name, UnitSums[] candidates, LoggedRows rows, double[] count, Func<int, (double Range, double Constant)> facts)
    {
        PolicyValue[] values = [.. candidates.Select(c => c.Estimate(count, rows.Count))];
        var at = Slope.Choose(values);
        var (range, constant) = facts(at);
        return new(name, values[at], candidates[at], range, constant);
    }

    private static EstimatorFigures Figures(
        Estimate estimate, double[] draws, double[] served, double mean, double[] moved, double[] count, LoggedRows rows, EstimatePlan plan)
    {
        var undefined = Interval.Undefined;
        if (estimate.Value.Why != Cause.None)
            return new(estimate.Name, estimate.Value, estimate.Constant, undefined, undefined, undefined, ChangeEstimate.Undefined, ChangeEstimate.Undefined);
        var (low, high) = UnitBootstrap.Percentiles(draws, plan.Level);
        var bernstein = estimate.Sums.Upper.Length > 0 || double.IsNaN(estimate.Range) ? undefined
            : EmpiricalBernstein.Of([.. estimate.Sums.Mean.Select(t => t * count.Length / rows.Count)], estimate.Range * count.Max() * count.Length / rows.Count, plan.Level);
        var own = estimate.Sums.Influence(count, rows.Count);
        var value = estimate.Value.Value;
        var change = Change(value - mean, own.Zip(moved, (a, b) => a - b), [.. draws.Zip(served, (v, s) => v - s)], plan.Level);
        var relative = ChangeEstimate.Undefined;
        // a baseline within two standard errors of 0 is nothing to divide by
        if (Math.Abs(mean) > 2 * Math.Sqrt(moved.Sum(x => x * x)))
            relative = Change((value - mean) / Math.Abs(mean), own.Zip(moved, (a, b) => (a - value / mean * b) / Math.Abs(mean)), [.. draws.Zip(served, (v, s) => (v - s) / Math.Abs(s))], plan.Level);
        return new(estimate.Name, estimate.Value, estimate.Constant, estimate.Value.At(plan.Level), double.IsNaN(low) ? undefined : new(low, high), bernstein, change, relative);
    }

    private static ChangeEstimate Change(double estimate, IEnumerable<double> influence, double[] draws, double level)
    {
        var (low, high) = UnitBootstrap.Percentiles(draws, level);
        return new(estimate, Math.Sqrt(influence.Sum(x => x * x)), low, high);
    }

    /// <summary>λ = 1/c, with which no weight comes out above c.</summary>
    private static double SubGaussianConstant(double ceiling) => double.IsFinite(ceiling) ? 1 / ceiling : double.NaN;

    private static double RangeOf(LoggedRows rows, double? ceiling) =>
        rows is { RewardRange: var (low, high) } && ceiling is { } most ? most * (Math.Max(high, 0) - Math.Min(low, 0)) : double.NaN;

    private static double? Least(double? declared, double chosen) => declared is { } ceiling ? Math.Min(ceiling, chosen) : null;
}
