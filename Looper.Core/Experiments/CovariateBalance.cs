using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Decisions;
using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>Whether what was known of the units before their arm acted is alike in all arms; what is not may not be adjusted for.</summary>
/// <param name="names">Covariates, two columns each: value and whether it was missing.</param>
/// <param name="whyNoScore">Why the model's score is known of no unit; null where it is.</param>
internal sealed class CovariateBalance(ImmutableArray<string> names, int arms, string? whyNoScore = null)
{
    /// <summary>Below it, corrected for how many covariates and arms are looked at, the arms are not alike.</summary>
    public const double Alarm = 0.001;

    public const string Method = "balance-1";

    private readonly Moments[] _cells = new Moments[2 * names.Length * arms];

    public void Add(int arm, ReadOnlySpan<double> row)
    {
        for (var i = 0; i < row.Length; i++) _cells[i * arms + arm] = _cells[i * arms + arm].With(row[i]);
    }

    /// <param name="before">Of each metric <see cref="BeforeP"/>: questions of the same family.</param>
    public ImmutableArray<CovariateFigures> Finish(IEnumerable<double> before)
    {
        double[] raw = [.. names.Select((_, i) => Math.Min(1, 2 * (arms - 1) * Math.Min(Least(2 * i), Least(2 * i + 1))))];
        var p = MultipleComparisons.Holm([.. raw, .. before]);
        return [.. names.Select((name, i) => Of(name, p[i], i) with { RawP = raw[i] })];
    }

    /// <summary>p of each metric's own time before being alike in all arms, corrected together with the covariates.</summary>
    public static ImmutableArray<(string Metric, double P)> Before(ImmutableArray<CovariateFigures> covariates, IEnumerable<MetricSums> metrics)
    {
        var raw = metrics.Select(m => (Metric: m.Outcome.Name, P: BeforeP(m))).Where(m => !double.IsNaN(m.P)).ToList();
        var p = MultipleComparisons.Holm([.. covariates.Select(c => c.RawP), .. raw.Select(m => m.P)]);
        return [.. raw.Select((m, i) => (m.Metric, p[covariates.Length + i]))];
    }

    /// <summary>p of one metric's time before, corrected for the arms alone; NaN where it has none, or an arm fewer than two units.</summary>
    public static double BeforeP(MetricSums sums)
    {
        if (sums.Spec.Before < 0 || sums.Arms.Any(a => a.Joint.Count < 2)) return double.NaN;
        var last = sums.Arms[0].Joint.Width - 1;
        var least = Enumerable.Range(1, sums.Arms.Length - 1).Min(arm => P(sums.Arms[0].Joint.Of(last), sums.Arms[arm].Joint.Of(last)));
        return Math.Min(1, least * (sums.Arms.Length - 1));
    }

    /// <summary>p of two arms having the same mean; 1 where neither varies and both are equal, 0 where they are not.</summary>
    public static double P(in Moments control, in Moments treatment)
    {
        if (control.Count < 2 || treatment.Count < 2) return 1;
        double difference = Math.Abs(treatment.Mean - control.Mean), error = Math.Sqrt(control.Variance / control.Count + treatment.Variance / treatment.Count);
        return error > 0 ? Math.Min(1, 2 * TailProbability.Normal(difference / error)) : difference > 1e-9 * Math.Abs(control.Mean) ? 0 : 1;
    }

    private double Least(int column) => Enumerable.Range(1, arms - 1).Min(arm => P(_cells[column * arms], _cells[column * arms + arm]));

    private CovariateFigures Of(string name, double p, int index)
    {
        var isAlike = p >= Alarm;
        ImmutableArray<double> known = [.. Enumerable.Range(0, arms).Select(arm => _cells[(2 * index + 1) * arms + arm]).Select(m => m.Count > 0 ? 1 - m.Mean : double.NaN)];
        if (known.All(k => !(k > 0)))
        {
            return new(name, false, p, name == CovariateReader.ModelScore && whyNoScore is not null
                ? $"{name} is not taken out: {whyNoScore}."
                : $"{name} is known of no unit, so there is nothing to take out.", Method);
        }

        return new(name, isAlike, p, isAlike
            ? $"{name} is alike in all arms (p {Words.P(p)})."
            : $"{name} differs between the arms (p {Words.P(p)}; known for {string.Join("/", known.Select(k => double.IsNaN(k) ? "–" : k.ToString("0%", CultureInfo.InvariantCulture)))}), so it is not adjusted for.", Method);
    }
}
