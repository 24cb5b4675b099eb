using System.Collections.Immutable;
using Looper.Core.Learning;

namespace Looper.Core.Models;

/// <summary>Two models of one decision point beside each other, each with the figures of its own training.</summary>
public sealed record ModelComparisonView(
    ModelDetailView A, ModelDetailView B, ImmutableArray<MetricComparison> Metrics, ImmutableArray<FeatureComparison> Features)
{
    public static ModelComparisonView Of(ModelDetailView a, ModelDetailView b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        var names = (a.Model.Quality?.Metrics ?? []).Concat(b.Model.Quality?.Metrics ?? []).Select(m => m.Name).Distinct();
        var features = a.Columns.Concat(b.Columns).Select(c => Column.FeatureOf(c.Name)).Distinct();
        return new(a, b,
            [.. names.Select(n => new MetricComparison(n, a.Model.Quality?.Of(n)?.Value ?? double.NaN, b.Model.Quality?.Of(n)?.Value ?? double.NaN))],
            [.. features.Select(f => new FeatureComparison(f, Of(a, f), Of(b, f))).OrderByDescending(f => Math.Max(Known(f.A?.LossAdded), Known(f.B?.LossAdded)))]);

        static FeatureImportance? Of(ModelDetailView model, string feature) => model.Importance.FirstOrDefault(i => i.Feature == feature);
        static double Known(double? value) => value is { } number && double.IsFinite(number) ? number : double.NegativeInfinity;
    }
}

/// <summary>The same metric of both; NaN where one has none.</summary>
public sealed record MetricComparison(string Name, double A, double B);

/// <summary>What a feature is worth to each; null to a model that does not have it.</summary>
public sealed record FeatureComparison(string Feature, FeatureImportance? A, FeatureImportance? B);

/// <summary>Both models on the same newest examples, which neither has learned from.</summary>
/// <param name="Rows">Such examples, the newest 5,000 at most.</param>
/// <param name="Needed">From how many on they are judged.</param>
/// <param name="Newer">Only examples later than this are new to both.</param>
/// <param name="Gain">Mean over the examples of loss of A − loss of B: above zero where B is better. With a 95 % interval, each unit counted once;
/// null below <paramref name="Needed"/>.</param>
/// <param name="Agreement">Null below <paramref name="Needed"/>.</param>
public sealed record SameRowsView(
    int Rows, int Needed, DateTimeOffset Newer, ModelQuality? A, ModelQuality? B, ClusteredMean? Gain, Agreement? Agreement)
{
    public bool IsEnough => A is { IsEnough: true };
}

/// <summary>How alike two models answer.</summary>
/// <param name="RankCorrelation">Spearman's, over the examples: 1 where both order them alike; NaN where one predicts the same for all.</param>
/// <param name="MeanDifference">Mean distance between the two predictions, in the outcome's unit.</param>
/// <param name="SameOption">Share of the examples for which both predict the best for the same option; NaN without options.</param>
public sealed record Agreement(double RankCorrelation, double MeanDifference, double SameOption);
