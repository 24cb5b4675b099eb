using System.Collections.Immutable;
using Looper.Core.Optimization;
using Looper.Core.Studies;
using Looper.Web.Console.Charts;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Studies;

/// <summary>The charts of a study's trials.</summary>
internal static class StudyCharts
{
    private const double Normal95 = 1.959963984540054, MoreLikelyThanNot = 0.5;
    private const int BestInParallel = 5, FewestInParallel = 8;

    /// <summary>Each trial with its interval, and the best so far as the model judges it (K23).</summary>
    public static PointChart? History(StudyProgress progress)
    {
        var (plan, goal) = (progress.Study.Plan, progress.Study.Plan.Goals[0].Metric);
        var measured = Measured(progress);
        if (measured.Count == 0) return null;
        var groups = ByFeasibility(plan, measured, t => Point(t.Number, t.Number, t.Metrics[goal]));
        if (progress.BestSoFar.Count > 0)
            groups = groups.Add(new("Best so far, as the model judges it now", [.. progress.BestSoFar.Select(b => Point(b.Trial, b.After, b.Goal) with { Label = $"After {b.After}: trial {b.Trial}" })]) { Style = PointStyle.Steps });
        return new PointChart("How has the goal moved from trial to trial?", new("Trial"), AxisOf(plan, goal), groups)
        {
            YLevels = Present(progress, goal), Basis = $"{Shown.Plural(measured.Count, "trial")}, 95% intervals where the error is known",
            HowComputed = "Trials as measured. The best so far is the one that would be kept among the trials up to there, by what the model expects today: the winner’s luck is taken out, so it may lie below the highest point.",
        };
    }

    /// <summary>What each guardrail costs: the goal of each trial against the guardrail’s metric.</summary>
    public static PointChart? Against(StudyProgress progress, StudyGuardrail guardrail)
    {
        var (plan, goal) = (progress.Study.Plan, progress.Study.Plan.Goals[0].Metric);
        var measured = Measured(progress);
        if (measured.Count == 0 || guardrail.Metric == goal) return null;
        PlotPoint Both(TrialView t) => Across(t, t.Metrics[guardrail.Metric], t.Metrics[goal]);
        var groups = ByFeasibility(plan, measured, Both);
        if (progress.Best is { } best) groups = groups.Add(new($"Best so far, trial {best.Trial}, as the model judges it", [Across(best.Trial, best.Predicted[guardrail.Metric], best.Predicted[goal])]));
        return new PointChart($"What does {guardrail.Metric} cost in {goal}?", AxisOf(plan, guardrail.Metric), AxisOf(plan, goal), groups)
        {
            XLevels = [new(guardrail.AtMost ?? guardrail.AtLeast ?? double.NaN, StudyWords.Guardrail(plan, guardrail), IsBound: true)],
            Basis = $"{Shown.Plural(measured.Count, "trial")}, 95% intervals where the error is known",
        };
    }

    /// <summary>Two goals against each other, with the trials that no other one beats (K24).</summary>
    public static PointChart? Front(StudyProgress progress, StudyGoal x, StudyGoal y)
    {
        var plan = progress.Study.Plan;
        var measured = Measured(progress);
        if (measured.Count == 0 || progress.Front.Count == 0) return null;
        var front = progress.Front.Select(f => f.Trial).ToHashSet();
        var others = measured.FindAll(t => !front.Contains(t.Number));
        return new PointChart($"What does {y.Metric} cost in {x.Metric}?", AxisOf(plan, x.Metric), AxisOf(plan, y.Metric),
        [
            new("No other trial beats it in every goal", [.. progress.Front.Select(f => Across(f.Trial, f.Predicted[x.Metric], f.Predicted[y.Metric]))]),
            .. ByFeasibility(plan, others, t => Across(t, t.Predicted[x.Metric], t.Predicted[y.Metric]), beaten: true),
        ])
        {
            XLevels = Threshold(x), YLevels = Threshold(y), Basis = $"{Shown.Plural(measured.Count, "trial")} as the model expects them, 95% intervals",
            HowComputed = "Pareto front of the expected goals, among the trials that keep the guardrails where there are any.",
        };
    }

    /// <summary>Which settings did well: parameters, then goals and guardrails, the best trials on top (K27).</summary>
    public static ParallelChart? Parallel(StudyProgress progress)
    {
        var plan = progress.Study.Plan;
        var measured = Measured(progress).FindAll(t => !IsEstimate(plan, t) && t.Predicted.Count > 0);
        if (measured.Count < FewestInParallel) return null;
        var goal = plan.Goals[0];
        var sign = goal.Direction == Aim.Maximize ? -1 : 1;
        var best = (progress.Front.Count > 0 ? progress.Front.Select(f => f.Trial) : measured.OrderBy(t => t.Feasibility < MoreLikelyThanNot).ThenBy(t => sign * t.Predicted[goal.Metric].Mean).Take(BestInParallel).Select(t => t.Number)).ToHashSet();
        var metrics = plan.Goals.Select(g => g.Metric).Concat(plan.Guardrails.Select(g => g.Metric)).Distinct().ToList();
        ParallelAxis[] axes =
        [
            .. plan.Parameters.Select(p => p.Kind == ParameterKind.Category ? new ParallelAxis(new(p.Name, AxisKind.Category), 0, p.Values.Length - 1) { Words = p.Values } : new(new(p.Name, p.Log ? AxisKind.LogNumber : AxisKind.Number), p.Low, p.High)),
            .. metrics.Select(m => RangeOf(plan, m, measured)),
        ];
        double ValueOf(TrialView t, StudyParameter p) => t.Parameters[p.Name] is { Category: { } word } ? p.Values.IndexOf(word) : t.Parameters[p.Name].Number;
        return new ParallelChart("Which values go with good results?", [.. axes], ["Other trials", progress.Front.Count > 0 ? "Trials on the front" : $"The best {BestInParallel}"],
            [.. measured.Select(t => new ParallelLine($"Trial {t.Number}", [.. plan.Parameters.Select(p => ValueOf(t, p)), .. metrics.Select(m => t.Predicted[m].Mean)], best.Contains(t.Number) ? 1 : 0))])
        {
            One = "Trial", Basis = $"{Shown.Plural(measured.Count, "trial")}; metrics as the model expects them", HowComputed = "Each axis runs over its own range: a parameter’s as planned, a metric’s from its lowest to its highest trial.",
        };
    }

    /// <summary>How likely each trial, and each proposal, keeps each guardrail.</summary>
    public static PointChart? Feasibility(StudyProgress progress)
    {
        var plan = progress.Study.Plan;
        var judged = progress.Trials.Where(t => t.Chances.Count > 0).ToList();
        if (judged.Count == 0) return null;
        ImmutableArray<PlotPoint> Of(string metric, bool isMeasured) =>
            [.. judged.Where(t => t.State == StudyTrialState.Measured == isMeasured).Select(t => new PlotPoint($"Trial {t.Number}", t.Number, t.Chances[metric]))];
        return new PointChart("How likely does each trial keep the guardrails?", new("Trial"), new("Chance that it is kept", AxisKind.Percent),
        [
            .. plan.Guardrails.Select(g => g.Metric).Distinct().SelectMany(m => new PointGroup[] { new(m, Of(m, true)), new($"{m}, not measured yet", Of(m, false)) { Style = PointStyle.Hollow } }).Where(g => !g.Points.IsEmpty),
        ])
        {
            YLevels = [new(Standing.Safe, "needed to be kept")], Basis = $"Guardrails: {string.Join(", ", plan.Guardrails.Select(g => StudyWords.Guardrail(plan, g)))}",
            HowComputed = "Chance under the model of the metric, which learns from all measured trials.",
        };
    }

    /// <summary>Which parameter matters (K12).</summary>
    public static BarChart Importance(StudyProgress progress) => new("Which parameter matters?", new("Parameter", AxisKind.Category), new("Share of variation", AxisKind.Percent),
        [.. progress.Importance.Select(i => i.Parameter)],
        [new("With its interactions", [.. progress.Importance.Select(i => i.Total)]), new("Alone", [.. progress.Importance.Select(i => i.First)])])
    { Lying = true, Basis = $"Sobol’ indices of the expected {progress.Study.Plan.Goals[0].Metric} over the whole range" };

    /// <summary>Each trial foretold by the others (K10).</summary>
    public static PointChart? Foretold(StudyProgress progress, string metric)
    {
        var left = progress.Trials.Where(t => t.LeftOut.ContainsKey(metric)).ToList();
        if (left.Count == 0) return null;
        double[] ends = [.. left.SelectMany(t => (double[])[t.LeftOut[metric].Mean, t.Metrics[metric].Mean])];
        return new PointChart($"Is {metric} foretold from the other trials?", AxisOf(progress.Study.Plan, metric, "foretold"), AxisOf(progress.Study.Plan, metric, "measured"),
        [
            new("Trials", [.. left.Select(t => Across(t, t.LeftOut[metric], t.Metrics[metric]))]),
            new("Foretold exactly", [new("Exact", ends.Min(), ends.Min()), new("Exact", ends.Max(), ends.Max())]) { IsBaseline = true, Style = PointStyle.Line },
        ])
        {
            Basis = $"{Shown.Plural(left.Count, "trial")}, each left out in turn; bars across are the model’s 95% intervals, upright ones the trial’s own",
            HowComputed = "Leave-one-out predictions at the fitted hyperparameters: a little too kind with few trials.",
        };
    }

    internal static Axis AxisOf(StudyPlan plan, string metric, string? how = null) =>
        plan.IsOfPolicy ? new($"{metric}, change against {(plan.Source == TrialSource.Live ? "the present policy" : "what was served")}{(how is null ? "" : $", {how}")}", AxisKind.Percent) : new(how is null ? metric : $"{metric}, {how}");

    internal static PlotPoint Point(int trial, double x, TrialMetric y) => new($"Trial {trial}", x, y.Mean) { Low = y.Mean - Half(y), High = y.Mean + Half(y) };

    /// <summary>The level of today: no change on live arms, else what the model makes of the present values where they were tried.</summary>
    internal static ImmutableArray<Level> Present(StudyProgress progress, string metric) => progress.Study.Plan.Source == TrialSource.Live ? [new(0, "present policy")]
        : progress.Trials.FirstOrDefault(t => t.Why == "statusQuo" && t.Predicted.ContainsKey(metric)) is { } quo ? [new(quo.Predicted[metric].Mean, "present values")] : [];

    private static ParallelAxis RangeOf(StudyPlan plan, string metric, List<TrialView> trials)
    {
        var (low, high) = (trials.Min(t => t.Predicted[metric].Mean), trials.Max(t => t.Predicted[metric].Mean));
        return new(new(metric, plan.IsOfPolicy ? AxisKind.Percent : AxisKind.Number), low, high > low ? high : low + 1);
    }

    private static List<TrialView> Measured(StudyProgress progress) => [.. progress.Trials.Where(t => t.State == StudyTrialState.Measured)];

    private static ImmutableArray<PointGroup> ByFeasibility(StudyPlan plan, List<TrialView> trials, Func<TrialView, PlotPoint> point, bool beaten = false)
    {
        PointGroup[] groups =
        [
            new(beaten ? "Beaten by another" : plan.Guardrails.IsEmpty ? "Trials" : "Probably keeps the guardrails", [.. trials.Where(t => !(t.Feasibility < MoreLikelyThanNot) && !IsEstimate(plan, t)).Select(point)]),
            new("Probably breaks a guardrail", [.. trials.Where(t => t.Feasibility < MoreLikelyThanNot && !IsEstimate(plan, t)).Select(point)]) { Style = PointStyle.Hollow },
            new("Estimated on logged decisions", [.. trials.Where(t => IsEstimate(plan, t)).Select(point)]) { Style = PointStyle.Hollow, IsBaseline = true },
        ];
        return [.. groups.Where(g => !g.Points.IsEmpty)];
    }

    private static bool IsEstimate(StudyPlan plan, TrialView t) => t.IsLogged && plan.Source != TrialSource.Logged;

    private static PlotPoint Across(TrialView t, TrialMetric x, TrialMetric y) => Across(t.Number, x, y);

    private static PlotPoint Across(int trial, TrialMetric x, TrialMetric y) => Point(trial, x.Mean, y) with { XLow = x.Mean - Half(x), XHigh = x.Mean + Half(x) };

    private static ImmutableArray<Level> Threshold(StudyGoal goal) => goal.Threshold is { } at ? [new(at, "to be beaten", IsBound: true)] : [];

    // NaN where the error is 0 or not known: no bar is drawn
    private static double Half(TrialMetric metric) => metric.StandardError > 0 ? Normal95 * metric.StandardError : double.NaN;
}
