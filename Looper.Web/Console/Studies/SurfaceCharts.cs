using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Optimization;
using Looper.Core.Studies;
using Looper.Web.Console.Charts;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Studies;

/// <summary>The charts of what a study's model expects where nothing was tried.</summary>
internal static class SurfaceCharts
{
    private const double Impossible = 0.05;

    /// <summary>The model along one parameter, the others as in the best trial (K25).</summary>
    public static PointChart OfSlice(StudyPlan plan, Slice slice)
    {
        var hasGuardrails = !plan.Guardrails.IsEmpty;
        var chart = new PointChart($"How does {slice.Metric} depend on {slice.Parameter}?", AxisOf(plan, slice.Parameter), StudyCharts.AxisOf(plan, slice.Metric),
        [
            new("Expected, the others as in the best trial", [.. slice.X.Select((x, i) => new PlotPoint(hasGuardrails ? "Expected" : "Model", x.Number, slice.Mean[i])
            {
                Category = x.Category, Low = slice.Mean[i] - 2 * slice.Deviation[i], High = slice.Mean[i] + 2 * slice.Deviation[i], Chance = hasGuardrails ? slice.Feasibility[i] : double.NaN,
            })]) { Style = PointStyle.Line },
            new("Trials, whatever their other parameters", [.. slice.Trials.Select(t => StudyCharts.Point(t.Trial, t.X.Number, t.Metric) with { Category = t.X.Category })]),
        ])
        {
            Basis = $"Mean ± 2 standard deviations{(slice.Fixed.IsEmpty ? "" : $"; {StudyWords.Values(slice.Fixed)}")}",
            HowComputed = "Gaussian process over all measured trials. Trials lie off the curve where their other parameters differ.",
            ChanceTitle = hasGuardrails ? "Chance that the guardrails are kept" : null,
        };
        return plan.StatusQuo.TryGetValue(slice.Parameter, out var quo) && quo.Category is null ? chart with { XLevels = [new(quo.Number, "today")] } : chart;
    }

    /// <summary>The expected metric over two parameters (K26).</summary>
    public static SurfaceChart OfMean(StudyPlan plan, Contour contour) => Of(plan, contour, $"How does {contour.Metric} depend on {contour.XParameter} and {contour.YParameter}?", contour.Mean);

    /// <summary>How little the model knows over two parameters (K26).</summary>
    public static SurfaceChart OfDeviation(StudyPlan plan, Contour contour) => Of(plan, contour, $"How unsure is {contour.Metric} there?", contour.Deviation);

    private static SurfaceChart Of(StudyPlan plan, Contour contour, string question, IReadOnlyList<IReadOnlyList<double>> values)
    {
        var points = contour.Trials.Select(t => new SurfacePoint($"Trial {t.Trial}: {StudyWords.Metric(plan, t.Metric)}", Text(t.X), Text(t.Y!.Value)));
        if (plan.StatusQuo.TryGetValue(contour.XParameter, out var x) && plan.StatusQuo.TryGetValue(contour.YParameter, out var y)) points = points.Append(new("Today", Text(x), Text(y), IsBaseline: true));
        var isHatched = !plan.Guardrails.IsEmpty;
        return new SurfaceChart(question, AxisOf(plan, contour.XParameter), AxisOf(plan, contour.YParameter), StudyCharts.AxisOf(plan, contour.Metric),
            [.. contour.X.Select(Text)], [.. contour.Y.Select(Text)], [.. values.Select(row => row.ToImmutableArray())])
        {
            Points = [.. points], Hatched = isHatched ? [.. contour.Feasibility.Select(row => row.Select(f => f < Impossible).ToImmutableArray())] : [], HatchedMeans = "below 5% to keep the guardrails",
            Basis = $"Dots are trials, whatever their other parameters{(contour.Fixed.IsEmpty ? "" : $"; {StudyWords.Values(contour.Fixed)}")}{(isHatched ? $"; hatched: below {Shown.Percent(Impossible, 0)} to keep the guardrails" : "")}",
            HowComputed = "Gaussian process over all measured trials; the other parameters as in the best trial.",
        };
    }

    private static Axis AxisOf(StudyPlan plan, string parameter)
    {
        var p = plan.Parameters.First(p => p.Name == parameter);
        return new(parameter, p.Kind == ParameterKind.Category ? AxisKind.Category : p.Log ? AxisKind.LogNumber : AxisKind.Number);
    }

    private static string Text(ParameterValue value) => value.Category ?? value.Number.ToString("R", CultureInfo.InvariantCulture);
}
