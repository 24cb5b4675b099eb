using System.Collections.Immutable;
using Looper.Core.Optimization;
using Looper.Core.Studies;
using Looper.Web.Console.Charts;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Studies;

/// <summary>The charts of a study.</summary>
internal static class StudyCharts
{
    private const double Normal95 = 1.959963984540054;

    /// <summary>Each trial with its interval, and the best one that keeps the guardrails so far (K23).</summary>
    public static LineChart? History(StudyProgress progress)
    {
        var (plan, goal) = (progress.Study.Plan, progress.Study.Plan.Goals[0]);
        var measured = progress.Trials.Where(t => t.Metrics.ContainsKey(goal.Metric)).ToList();
        if (measured.Count == 0) return null;
        var best = double.NaN;
        var soFar = measured.ConvertAll(t =>
        {
            var mean = t.Metrics[goal.Metric].Mean;
            if (!(t.Feasibility < 0.5) && (double.IsNaN(best) || (goal.Direction == Aim.Maximize ? mean > best : mean < best))) best = mean;
            return best;
        });
        double Half(TrialView t) => t.Metrics[goal.Metric].StandardError is > 0 and var e ? Normal95 * e : 0;
        return new("How has the goal moved from trial to trial?", new("Trial", AxisKind.Category), AxisOf(plan, goal.Metric), [.. measured.Select(t => Shown.Count(t.Number))],
        [
            new(goal.Metric, [.. measured.Select(t => t.Metrics[goal.Metric].Mean)])
            {
                Low = [.. measured.Select(t => t.Metrics[goal.Metric].Mean - Half(t))], High = [.. measured.Select(t => t.Metrics[goal.Metric].Mean + Half(t))],
            },
            new("Best measured so far that keeps the guardrails", [.. soFar]) { IsBaseline = true },
        ])
        { Basis = $"{Shown.Plural(measured.Count, "trial")}, 95% intervals where the error is known" };
    }

    /// <summary>The model along one parameter, the others as in the best trial (K25).</summary>
    public static LineChart OfSlice(StudyPlan plan, Slice slice)
    {
        var isCategory = slice.X.Count > 0 && slice.X[0].Category is not null;
        return new($"How does {slice.Metric} depend on {slice.Parameter}?", new(slice.Parameter, isCategory ? AxisKind.Category : AxisKind.Number), AxisOf(plan, slice.Metric),
            [.. slice.X.Select(x => x.Category ?? x.Number.ToString("R", System.Globalization.CultureInfo.InvariantCulture))],
            [
                new("Expected", [.. slice.Mean])
                {
                    Low = [.. slice.Mean.Select((m, i) => m - 2 * slice.Deviation[i])], High = [.. slice.Mean.Select((m, i) => m + 2 * slice.Deviation[i])],
                },
            ])
        { Basis = $"Mean ± 2 standard deviations{(slice.Fixed.IsEmpty ? "" : $"; {StudyWords.Values(slice.Fixed)}")}", HowComputed = "Gaussian process over all measured trials; the other parameters as in the best trial." };
    }

    /// <summary>Which parameter matters (K12).</summary>
    public static BarChart Importance(StudyProgress progress) => new("Which parameter matters?", new("Parameter", AxisKind.Category), new("Share of variation", AxisKind.Percent),
        [.. progress.Importance.Select(i => i.Parameter)],
        [new("With its interactions", [.. progress.Importance.Select(i => i.Total)]), new("Alone", [.. progress.Importance.Select(i => i.First)])])
    { Lying = true, Basis = $"Sobol’ indices of the expected {progress.Study.Plan.Goals[0].Metric} over the whole range" };

    /// <summary>Each trial foretold by the others (K10).</summary>
    public static CalibrationChart? Foretold(StudyAnalysis analysis, string metric)
    {
        if (analysis.Surrogates is not { Live.Length: >= 3 } surrogates) return null;
        var left = surrogates[metric].LeaveOneOut();
        return new CalibrationChart($"Is {metric} foretold from the other trials?",
            [.. surrogates.Live.Select((t, i) => (Measured: t.Metrics[metric], Left: left[i])).OrderBy(p => p.Left.Mean)
                .Select(p => new CalibrationBin(p.Left.Mean, p.Measured.Mean, p.Measured.Mean - Normal95 * p.Left.Deviation, p.Measured.Mean + Normal95 * p.Left.Deviation, 20))])
        { IsProbability = false, Basis = $"{surrogates.Live.Length} trials, each left out; bars are the model’s 95% intervals" };
    }

    private static Axis AxisOf(StudyPlan plan, string metric) => plan.Source == TrialSource.Live ? new($"{metric}, change against the present policy", AxisKind.Percent) : new(metric);
}
