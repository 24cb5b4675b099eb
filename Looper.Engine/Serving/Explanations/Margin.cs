using Looper.Core.Learning;
using Looper.Core.Learning.Linear;

namespace Looper.Core.Serving.Explanations;

/// <summary>The scale on which contributions add up.</summary>
public enum MarginScale
{
    /// <summary>The prediction's own unit.</summary>
    Value,

    /// <summary>Log odds of a yes.</summary>
    LogOdds,

    /// <summary>Logarithm of an expected count.</summary>
    Log,
}

/// <summary>One prediction taken apart: base + Σ contributions = score, and prediction = calibration(link(score)).</summary>
/// <param name="Base">Score before anything is known of the row.</param>
/// <param name="Score">On <paramref name="Scale"/>.</param>
/// <param name="IsExact">Exact Shapley values; otherwise estimated over random orders, against a row in which everything is missing.</param>
public readonly record struct Margin(double Base, double Score, double Prediction, MarginScale Scale, bool IsExact)
{
    /// <summary>Takes a prediction apart. Trees: exact TreeSHAP, O(leaves·depth²) a tree. Linear models: their own terms. Any other: 200 × columns
    /// predictions by <see cref="SampledShapley"/>.</summary>
    /// <param name="row">One value per column.</param>
    /// <param name="contributions">One per column, overwritten.</param>
    public static Margin Of(TrainedPredictor trained, double[] row, Span<double> contributions)
    {
        ArgumentNullException.ThrowIfNull(trained);
        ArgumentNullException.ThrowIfNull(row);
        switch (trained.Predictor)
        {
            case TreeEnsemble trees:
                return Of(trees.Objective, TreeShap.Explain(trees, row, contributions), contributions, trained.Calibration);
            case LinearPredictor linear:
                for (var j = 0; j < row.Length; j++) contributions[j] = linear.Contribution(j, row[j], 0);
                return Of(linear.Objective, linear.Intercepts[0], contributions, trained.Calibration);
            default:
                var nothing = new double[row.Length];
                Array.Fill(nothing, double.NaN);
                SampledShapley.Explain(trained, row, nothing, contributions);
                var prediction = trained.Predict(row);
                return new(trained.Predict(nothing), prediction, prediction, MarginScale.Value, IsExact: false);
        }
    }

    /// <summary>From exact contributions to the score of a predictor with this objective.</summary>
    internal static Margin Of(Objective objective, double @base, ReadOnlySpan<double> contributions, Calibration? calibration)
    {
        var score = @base;
        foreach (var contribution in contributions) score += contribution;
        Span<double> output = [score];
        Links.Apply(objective, output);
        var scale = objective switch
        {
            Objective.Binary => MarginScale.LogOdds,
            Objective.Poisson => MarginScale.Log,
            _ => MarginScale.Value,
        };
        return new(@base, score, calibration?.Apply(output[0]) ?? output[0], scale, IsExact: true);
    }
}
