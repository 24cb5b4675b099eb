using Looper.Core.Learning;
using Looper.Core.Learning.Trees;

namespace Looper.Core.Causal;

/// <summary>A function of the features, fitted once per fold without the fold's units.</summary>
/// <param name="Predictions">One per unit, by the fit that did not see it.</param>
/// <param name="Model">For other units: the mean over the folds' fits.</param>
internal sealed record CrossFitted(double[] Predictions, IPredictor Model)
{
    private const long MostCells = 64_000_000; // of the copies that fits side by side hold: 512 MB

    /// <summary>The fit of each fold, which has not seen the fold.</summary>
    public IPredictor[] ByFold { get; init; } = [];

    /// <summary>Fits every base in every fold, and weighs the bases by their loss on the units they did not see.</summary>
    /// <param name="data">Features, labels and weights of all units.</param>
    /// <param name="learnFrom">Units that may be learned from; all are predicted.</param>
    /// <param name="folds">Fold of every unit.</param>
    /// <param name="plan">Bases and the rest.</param>
    /// <param name="pseudo">Labels are made of others' fits; then the constant is a base too.</param>
    /// <param name="noisy">Their noise is far larger than their signal.</param>
    /// <param name="also">One more base, fitted elsewhere: a predictor a fold; null for none.</param>
    /// <param name="labelsWithout">Labels to learn from without a fold, of the rows given; null for the data's. Labels made of fits that saw a fold's outcomes
    /// carry them into the prediction for it, whose loss on that fold then comes out too small.</param>
    public static CrossFitted Of(DataSet data, Func<int, bool> learnFrom, int[] folds, EffectPlan plan, bool pseudo = false, bool noisy = false,
        IPredictor[]? also = null, Func<int, int[], double[]>? labelsWithout = null)
    {
        var count = folds.Max() + 1;
        var binary = !pseudo && Enumerable.Range(0, data.Rows).All(i => !learnFrom(i) || data.Labels[i] is 0 or 1);
        var bases = plan.Bases;
        var lanes = (int)Math.Clamp(MostCells / (Math.Min(data.Rows, BaseFit.MostRows) * (long)Math.Max(1, data.Columns.Length)), 1, plan.Threads);
        var fit = new BaseFit(noisy, binary ? Objective.Binary : Objective.Squared, plan.Seed, lanes > 1 ? 1 : plan.Threads, plan.Cancel);
        var models = new IPredictor[count, bases.Length + (pseudo ? 1 : 0) + (also is null ? 0 : 1)];
        var rows = new int[count][];
        for (var k = 0; k < count; k++) rows[k] = BaseFit.Enough([.. Enumerable.Range(0, data.Rows).Where(i => folds[i] != k && learnFrom(i))]);
        var labels = new double[count][];
        if (labelsWithout is not null) new Workers(plan.Threads, plan.Cancel).Each(count, k => labels[k] = labelsWithout(k, rows[k]));
        DataSet Without(int k) => data.Take(rows[k]) is var taken && labels[k] is { } own ? new(taken.Columns, taken.Values, own, taken.Weights) : taken;
        new Workers(lanes, plan.Cancel).Each(count * bases.Length, task =>
        {
            var (k, b) = (task / bases.Length, task % bases.Length);
            models[k, b] = fit.Of(bases[b], Without(k));
        });
        if (pseudo) for (var k = 0; k < count; k++) models[k, bases.Length] = BaseFit.Mean(Without(k));
        if (also is not null) for (var k = 0; k < count; k++) models[k, models.GetLength(1) - 1] = also[k];
        return Weighed(data, learnFrom, folds, models, plan);
    }

    /// <summary>A fit of (x, w), read as the difference that w makes; w is the last column.</summary>
    public static CrossFitted Contrast(DataSet joint, int[] folds, EffectPlan plan)
    {
        var whole = Of(joint, _ => true, folds, plan);
        var (effects, row) = (new double[joint.Rows], new double[joint.Columns.Length]);
        var contrasts = whole.ByFold.Select(f => new ContrastPredictor(f)).ToArray();
        for (var i = 0; i < effects.Length; i++)
        {
            joint.CopyRow(i, row);
            effects[i] = contrasts[folds[i]].Predict(row.AsSpan(0, row.Length - 1));
        }
        return new(effects, CombinedPredictor.Mean(contrasts));
    }

    private static CrossFitted Weighed(DataSet data, Func<int, bool> learnFrom, int[] folds, IPredictor[,] models, EffectPlan plan)
    {
        int count = models.GetLength(0), width = models.GetLength(1);
        var predictions = Enumerable.Range(0, width).Select(_ => new double[data.Rows]).ToArray();
        new Workers(plan.Threads, plan.Cancel).Stretches(data.Rows, (from, to) =>
        {
            var row = new double[data.Columns.Length];
            for (var i = from; i < to; i++)
            {
                data.CopyRow(i, row);
                for (var b = 0; b < width; b++) predictions[b][i] = models[folds[i], b].Predict(row);
            }
        });
        double[] weights = [.. Enumerable.Range(0, data.Rows).Select(i => learnFrom(i) ? data.Weights?[i] ?? 1 : 0)];
        var alpha = width == 1 ? [1] : ConvexWeights.Of(data.Labels, predictions, weights);
        var mixed = new double[data.Rows];
        for (var i = 0; i < mixed.Length; i++)
            for (var b = 0; b < width; b++) mixed[i] += alpha[b] * predictions[b][i];
        IPredictor Fold(int k) => new CombinedPredictor([.. Enumerable.Range(0, width).Where(b => alpha[b] > 1e-6).Select(b => (models[k, b], alpha[b]))]);
        IPredictor[] byFold = [.. Enumerable.Range(0, count).Select(Fold)];
        return new(mixed, CombinedPredictor.Mean(byFold)) { ByFold = byFold };
    }
}
