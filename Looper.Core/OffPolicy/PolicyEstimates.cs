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
    /// <remarks>Cut and shrunk weights take their constant from <see cref="Slope"/>; their intervals do not know of the bias that remains.
    /// O(rows + replicates·min(units, 10,000)).</remarks>
    public static ImmutableArray<EstimatorFigures> Of(LoggedRows rows, EstimatePlan plan)
    {
        if (rows.Count == 0) return [];
        var units = rows.UnitCount;
        var count = UnitSums.Of([.. rows.Weights.Select(_ => 1.0)], rows.Units, units);
        List<Estimate> all = [.. Weighted(rows, units), .. Modelled(rows, units)];
        double[] against = rows.Reference ?? [.. rows.Weights.Select(_ => 1.0)];
        var served = new UnitSums([], UnitSums.Of([.. against.Select((v, i) => v * rows.Rewards[i])], rows.Units, units), UnitSums.Of(against, rows.Units, units));
        var draws = UnitBootstrap.Draw([served, .. all.Select(e => e.Sums)], count, plan);
        var (mean, moved) = (served.Value(rows.Count), served.Influence(count, rows.Count));
        return [.. all.Select((e, k) => Figures(e, draws[k + 1], draws[0], mean, moved, count, rows, plan))];
    }

    private static IEnumerable<Estimate> Weighted(LoggedRows rows, int units)
    {
        double[] w = rows.Weights, r = rows.Rewards;
        double[] Products(double ceiling) => [.. w.Select((x, i) => Math.Min(x, ceiling) * r[i])];
        UnitSums Mean(double[] terms) => new(UnitSums.Of(terms, rows.Units, units), [], []);
        var plain = Products(double.PositiveInfinity);
        yield return new("ips", Estimators.Ips(w, r, rows.Units), Mean(plain), RangeOf(rows, rows.WeightCeiling));
        var ceilings = Slope.Ceilings(w.Max());
        PolicyValue[] cut = [.. ceilings.Select(c => Estimators.ClippedIps(w, r, c, rows.Units))];
        var at = Slope.Choose(cut);
        yield return new("ips-clip", cut[at], Mean(Products(ceilings[at])), RangeOf(rows, Least(rows.WeightCeiling, ceilings[at])), ceilings[at]);
        yield return new("snips", Estimators.Snips(w, r, rows.Units), new([], UnitSums.Of(plain, rows.Units, units), UnitSums.Of(w, rows.Units, units)), double.NaN);
    }

    private static IEnumerable<Estimate> Modelled(LoggedRows rows, int units)
    {
        if (rows.Model is not { } model) yield break;
        double[] w = rows.Weights, r = rows.Rewards, q = model.Predicted, m = model.Values;
        UnitSums Mean(double[] terms) => new(UnitSums.Of(terms, rows.Units, units), [], []);
        double[] Terms(Func<double, double> shrink, ModelledRewards by) => [.. w.Select((x, i) => by.Values[i] + shrink(x) * (r[i] - by.Predicted[i]))];
        double Robust(double? ceiling) => rows is { RewardRange: var (low, high) } && ceiling is { } most ? (high - low) * (1 + 2 * most) : double.NaN;
        yield return new("dm", Estimators.Direct(m, rows.Units), Mean(m), rows is { RewardRange: var (bottom, top) } ? top - bottom : double.NaN);
        yield return new("dr", Estimators.DoublyRobust(w, r, q, m, null, rows.Units), Mean(Terms(x => x, model)), Robust(rows.WeightCeiling));
        yield return new("sndr", Estimators.SelfNormalisedDoublyRobust(w, r, q, m, rows.Units), new(
            UnitSums.Of(m, rows.Units, units), UnitSums.Of([.. w.Select((x, i) => x * (r[i] - q[i]))], rows.Units, units), UnitSums.Of(w, rows.Units, units)), double.NaN);
        var ceilings = Slope.Ceilings(w.Max());
        PolicyValue[] switched = [.. ceilings.Select(c => Estimators.DoublyRobust(w, r, q, m, Estimators.Switch(c), rows.Units))];
        var at = Slope.Choose(switched);
        yield return new("switch-dr", switched[at], Mean(Terms(Estimators.Switch(ceilings[at]), model)), Robust(Least(rows.WeightCeiling, ceilings[at])), ceilings[at]);
        double[] strengths = [.. ceilings.Select(c => double.IsFinite(c) ? c * c : 1e12)];
        PolicyValue[] shrunk = [.. strengths.Select(s => Estimators.DoublyRobust(w, r, q, m, Estimators.Shrink(s), rows.Units))];
        at = Slope.Choose(shrunk);
        yield return new("dr-os", shrunk[at], Mean(Terms(Estimators.Shrink(strengths[at]), model)), Robust(Least(rows.WeightCeiling, Math.Sqrt(strengths[at]) / 2)), double.IsFinite(ceilings[at]) ? strengths[at] : double.NaN);
        if (rows.RobustModel is not { } robust) yield break;
        yield return new("mrdr", Estimators.DoublyRobust(w, r, robust.Predicted, robust.Values, null, rows.Units), Mean(Terms(x => x, robust)), Robust(rows.WeightCeiling));
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

    private static double RangeOf(LoggedRows rows, double? ceiling) =>
        rows is { RewardRange: var (low, high) } && ceiling is { } most ? most * (Math.Max(high, 0) - Math.Min(low, 0)) : double.NaN;

    private static double? Least(double? declared, double chosen) => declared is { } ceiling ? Math.Min(ceiling, chosen) : null;
}
