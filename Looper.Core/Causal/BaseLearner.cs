using Looper.Core.Learning;
using Looper.Core.Learning.Splines;
using Looper.Core.Numerics;

namespace Looper.Core.Causal;

/// <summary>What a function of the features is fitted with.</summary>
public enum BaseLearner
{
    /// <summary>Elastic net.</summary>
    Linear,

    /// <summary>Small boosted trees, rounds found on every fifth row.</summary>
    Boosting,

    /// <summary>Splines, then small boosted trees on what they leave.</summary>
    Hybrid,

    /// <summary>Small neural network.</summary>
    Network,
}

/// <summary>Fits of one base learner.</summary>
/// <param name="IsPseudo">Labels are pseudo-outcomes, whose noise is far larger than their signal: larger leaves, smaller steps.</param>
/// <param name="Objective">Squared or binary; the prediction is a mean either way.</param>
/// <param name="Seed">Fixes every random choice.</param>
/// <param name="Threads">Threads at most.</param>
/// <param name="Cancel">Ends the fit.</param>
internal sealed record BaseFit(bool IsPseudo, Objective Objective, long Seed, int Threads, CancellationToken Cancel)
{
    private const int ManyRows = 20_000, LinearRows = 100_000;

    /// <summary>Rows that a fit learns from at most.</summary>
    public const int MostRows = 200_000;

    /// <summary>As many of the rows as are learned from, spread evenly over them.</summary>
    public static int[] Enough(int[] rows, int most = MostRows) =>
        rows.Length <= most ? rows : [.. Enumerable.Range(0, most).Select(i => rows[(long)i * rows.Length / most])];

    /// <summary>A predictor of the label's mean; the constant mean where nothing can be learned.</summary>
    public IPredictor Of(BaseLearner kind, DataSet data)
    {
        try
        {
            return kind switch
            {
                BaseLearner.Linear => Linear(data),
                BaseLearner.Boosting => Boosted(data, Objective),
                BaseLearner.Network => new SmallNetwork().Fit(data, null, new() { Objective = Objective, Threads = Threads }, Seed, null, Cancel),
                _ => Hybrid(data),
            };
        }
        catch (UnlearnableException)
        {
            return Mean(data);
        }
    }

    public static IPredictor Mean(DataSet data) => new CombinedPredictor([], WeightedMean(data));

    public static double WeightedMean(DataSet data)
    {
        double sum = 0, total = 0;
        for (var i = 0; i < data.Rows; i++)
        {
            var weight = data.Weights?[i] ?? 1;
            (sum, total) = (sum + weight * data.Labels[i], total + weight);
        }
        return total > 0 ? sum / total : 0;
    }

    // coefficients settle long before so many rows are read, and each row costs p² steps of the path
    private IPredictor Linear(DataSet data)
    {
        if (data.Rows > LinearRows) data = data.Take(Enough([.. Enumerable.Range(0, data.Rows)], LinearRows));
        return new ElasticNet { L1Share = IsPseudo ? 0.5 : 0.1 }.Fit(data, null, new() { Objective = Objective, Threads = Threads }, Seed, null, Cancel);
    }

    private CombinedPredictor Hybrid(DataSet data)
    {
        var splines = SplineFit.Fit(data, Seed, Cancel);
        var fitted = data.Predictions(splines);
        var rest = new DataSet(data.Columns, data.Values, [.. fitted.Select((f, i) => data.Labels[i] - f)], data.Weights);
        try
        {
            return new([(splines, 1), (Boosted(rest, Objective.Squared), 1)]);
        }
        catch (UnlearnableException)
        {
            return new([(splines, 1)]);
        }
    }

    private IPredictor Boosted(DataSet data, Objective objective)
    {
        var settings = new LearnerSettings
        {
            Objective = objective, Threads = Threads, Leaves = 8, FeatureFraction = 0.7, Rounds = 1_000, Patience = 50, L2 = 1, RowFraction = 0.8,
            LearningRate = IsPseudo ? 0.03 : 0.05, MinLeafRows = IsPseudo ? Math.Max(20, Math.Min(data.Rows / 50, 500)) : Math.Clamp(data.Rows / 100, 5, 20),
        };
        if (data.Rows > ManyRows) settings = settings with { LearningRate = 2 * settings.LearningRate, Rounds = 300, Patience = 20 }; // so many rows hold larger steps in check
        if (data.Columns.Length < 8) settings = settings with { FeatureFraction = 1 };
        int[] order = [.. Enumerable.Range(0, data.Rows)];
        new Philox(Seed, "base-rows").Shuffle<int>(order);
        var cut = data.Rows / 5;
        var (judge, learn) = (data.Take(order.AsSpan(0, cut)), data.Take(order.AsSpan(cut)));
        if (judge.Rows < 5 || objective == Objective.Binary && learn.Labels.Distinct().Count() < 2) return Mean(data);
        var found = (TreeEnsemble)new GradientBoosting().Fit(learn, judge, settings, Seed, null, Cancel);
        if (data.Rows > ManyRows) return found;
        return new GradientBoosting().Fit(data, null, settings with { Rounds = Math.Max(1, (int)(found.Trees.Length * 1.1)) }, Seed, null, Cancel);
    }
}
