using Looper.Core.Models;
using Looper.Web.Console.Charts;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Models;

/// <summary>The picture of a partial dependence.</summary>
internal static class DependenceCharts
{
    /// <summary>A number that is only ever 0 or 1 is a yes or no.</summary>
    public static bool IsYesNo(FeatureDependence? dependence) =>
        dependence is { IsNumber: true, Counts.Length: 2 } && dependence.Levels.Where(l => !l.IsMissing).Select(l => l.Value).SequenceEqual([0.0, 1.0]);

    /// <param name="all">Every curve of the page: they share one scale, so that a feature that does little looks so.</param>
    public static DependenceChart Of(FeatureDependence dependence, IReadOnlyCollection<FeatureDependence> all, PredictionTask task, string outcome)
    {
        double Share(int rows) => dependence.Rows == 0 ? double.NaN : (double)rows / dependence.Rows;
        var (name, isYesNo) = (MetricNames.Feature(dependence.Feature), IsYesNo(dependence));
        var predictions = all.SelectMany(d => d.Levels).Select(l => l.Prediction).Where(double.IsFinite).ToArray();
        DependencePoint Point(DependenceLevel level) => level switch
        {
            { IsMissing: true } => new("(missing)", double.NaN, level.Prediction, Share(level.Rows)) { IsMissing = true },
            _ when isYesNo => new(level.Value > 0 ? "yes" : "no", double.NaN, level.Prediction, Share(dependence.Counts[level.Value > 0 ? 1 : 0])),
            _ when dependence.IsNumber => new(Shown.Number(level.Value), level.Value, level.Prediction, double.NaN),
            _ => new(level.Text, double.NaN, level.Prediction, Share(level.Rows)),
        };
        return new(
            $"{(name == "the option" ? "The option" : name)}: how does it move the prediction?", new Axis(name, dependence.IsNumber && !isYesNo ? AxisKind.Number : AxisKind.Category),
            new Axis($"Predicted {outcome}", task == PredictionTask.Binary ? AxisKind.Percent : AxisKind.Number),
            [.. dependence.Levels.Select(Point)], isYesNo ? [] : dependence.Edges, isYesNo ? [] : [.. dependence.Counts.Select(Share)])
        {
            Low = predictions.DefaultIfEmpty(double.NaN).Min(),
            High = predictions.DefaultIfEmpty(double.NaN).Max(),
            Basis = $"{Shown.Count(dependence.Rows)} newest examples; the strip shows their share; all curves have one scale",
            HowComputed = "Friedman 2001, partial dependence: the mean prediction over up to 1,000 of the newest examples with this value put in; up to 20 values, as many examples apart. It mixes combinations that may not occur when features go together.",
        };
    }
}
