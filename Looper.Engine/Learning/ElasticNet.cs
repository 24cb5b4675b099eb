using System.Collections.Immutable;
using Looper.Core.Learning.Linear;
using Looper.Core.Learning.Trees;

namespace Looper.Core.Learning;

/// <summary>Linear, logistic, multinomial and Poisson regression with an elastic net penalty.</summary>
/// <remarks>Minimises Σw·loss/Σw + λ(½(1−r)‖β‖² + r‖β‖₁) over standardised numbers and one-hot categories, the intercept free. λ runs down a path
/// of 60 values, warm started; the one with the least loss on the validation rows is kept, or, where none are given, the one with the least mean
/// loss over five folds of every fifth row, after which all rows are fitted with it. (Folds of time chose far too large a λ on drifting data.)</remarks>
public sealed class ElasticNet : ILearner
{
    private const int Path = 60, Steps = 25, Patience = 8, Folds = 5, ChoosingRows = 10_000, FewestOfKind = 100;
    private const double Least = 1e-5;

    /// <summary>Share r of the absolute penalty, in [0, 1].</summary>
    public double L1Share { get; init; } = 0.5;

    /// <inheritdoc/>
    public IPredictor Fit(
        DataSet train, DataSet? validation, LearnerSettings settings, long seed, Action<FitProgress>? progress, CancellationToken cancel)
    {
        if (settings.Objective is not (Objective.Binary or Objective.Multiclass or Objective.Squared or Objective.Poisson))
            throw TrainingChecks.Refused("family-unsuited", $"A linear model does not learn {settings.Objective}; use boosted trees.");
        TrainingChecks.Demand(train, validation, settings);
        if (train.Values.All(v => v.All(x => x.Equals(v[0])))) throw TrainingChecks.Refused("no-signal", "Every column is constant or empty: there is nothing to learn from.");
        if (settings is { Objective: Objective.Multiclass, Classes: 0 }) settings = settings with { Classes = Math.Max(2, (int)train.Labels.Max() + 1) };
        // the penalty on squares has the label's unit: a label of unit variance makes it mean the same for every label
        var unit = settings.Objective == Objective.Squared ? Deviation(train.Labels) : 1;
        (train, validation) = (InUnits(train, unit), validation is null ? null : InUnits(validation, unit));
        return InUnits(Choose(train, validation, settings, progress, cancel), unit);
    }

    private LinearPredictor Choose(
        DataSet train, DataSet? validation, LearnerSettings settings, Action<FitProgress>? progress, CancellationToken cancel)
    {
        if (validation is { Rows: > 0 }) return Run(train, validation, settings, Path, progress, cancel).Predictor;
        var losses = new double[Path];
        var (some, folds) = ChoosingRowsOf(train, settings.Objective);
        for (var fold = 0; fold < Folds; fold++)
        {
            int[] Rows(bool inside) => [.. Enumerable.Range(0, some.Rows).Where(i => folds[i] == fold == inside)];
            var rest = some.Take(Rows(false));
            if (IsOneLabel(rest)) continue; // those that are rare are too few to be told from none
            var found = Run(rest, some.Take(Rows(true)), settings, Path, null, cancel).Losses;
            for (var step = 0; step < Path; step++) losses[step] += found[Math.Min(step, found.Count - 1)];
        }
        return Run(train, null, settings, Array.IndexOf(losses, losses.Min()) + 1, progress, cancel).Predictor;
    }

    /// <summary>Every so manyth row, and the fold of each. Where that leaves few of a label they stay all, and the others stand for as many as they are.</summary>
    private static (DataSet Some, int[] Folds) ChoosingRowsOf(DataSet train, Objective objective)
    {
        var every = Math.Max(1, train.Rows / ChoosingRows);
        int[] plain = [.. Enumerable.Range(0, train.Rows / every).Select(i => i * every)];
        if (every == 1 || objective == Objective.Squared) return Numbered(plain);
        double Kind(int row) => objective == Objective.Poisson ? Math.Sign(train.Labels[row]) : train.Labels[row];
        var kinds = Enumerable.Range(0, train.Rows).GroupBy(Kind).OrderBy(g => g.Key).Select(g => g.ToArray()).ToList();
        if (kinds.TrueForAll(k => k.Length / every >= FewestOfKind)) return Numbered(plain);
        var drawn = kinds.SelectMany(kind =>
        {
            var step = kind.Length / every >= FewestOfKind ? every : Math.Max(1, kind.Length / FewestOfKind);
            return Enumerable.Range(0, kind.Length / step).Select(i => (Row: kind[i * step], Fold: i % Folds, Weight: (train.Weights?[kind[i * step]] ?? 1) * step));
        }).OrderBy(r => r.Row).ToArray();
        var taken = train.Take([.. drawn.Select(r => r.Row)]);
        return (new(taken.Columns, taken.Values, taken.Labels, [.. drawn.Select(r => r.Weight)]) { Groups = taken.Groups }, [.. drawn.Select(r => r.Fold)]);

        (DataSet, int[]) Numbered(int[] rows) => (every == 1 ? train : train.Take(rows), [.. Enumerable.Range(0, rows.Length).Select(i => i % Folds)]);
    }

    private static bool IsOneLabel(DataSet data) => data.Labels.All(y => y == data.Labels[0]);

    // With validation rows the best of the path, ended when it has not improved for a while; without them the end of the path.
    private (LinearPredictor Predictor, List<double> Losses) Run(
        DataSet train, DataSet? validation, LearnerSettings settings, int steps, Action<FitProgress>? progress, CancellationToken cancel)
    {
        var design = DesignRows.Of(train);
        var workers = new Workers(1, cancel);
        var scale = train.Weights is null ? 1 : train.Rows / train.Weights.Sum();
        var loss = BoostingRun.LossOf(train, settings, train.Weights is null ? null : [.. train.Weights.Select(w => w * scale)]);
        var judge = validation is null ? null : BoostingRun.LossOf(validation, settings, validation.Weights);
        var judged = validation is null ? null : DesignRows.With(design.Columns, validation);
        var start = loss.Start();
        if (start.Any(s => !double.IsFinite(s))) throw TrainingChecks.Refused("one-label", "The weighted examples have one label only: there is nothing to tell apart.");
        double[][] betas = [.. start.Select(s => { var beta = new double[design.Width + 1]; beta[^1] = s; return beta; })];
        var newton = new PenalisedNewton(design);
        var (best, losses) = (betas, new List<double>());
        var greatest = GreatestLambda(design, loss, betas, workers);
        for (var step = 0; step < steps; step++)
        {
            cancel.ThrowIfCancellationRequested();
            Descend(design, newton, loss, betas, greatest * Math.Pow(Least, step / (Path - 1.0)), workers);
            losses.Add(judge is null ? double.NaN : judge.Mean(Scores(judged!, betas), workers));
            progress?.Invoke(new(step + 1, steps, loss.Mean(Scores(design, betas), workers), losses[^1]));
            if (judge is null) continue;
            var least = losses.Min();
            if (losses[^1] <= least) best = [.. betas.Select(b => (double[])b.Clone())];
            else if (losses.Count - losses.LastIndexOf(least) > Patience) break;
        }
        return (Predictor(design, settings.Objective, best), losses);
    }

    private static double Deviation(double[] labels)
    {
        var mean = labels.Average();
        var deviation = Math.Sqrt(labels.Average(y => (y - mean) * (y - mean)));
        return deviation > 0 && double.IsFinite(deviation) ? deviation : 1;
    }

    private static DataSet InUnits(DataSet data, double unit) =>
        unit == 1 ? data : new(data.Columns, data.Values, Array.ConvertAll(data.Labels, y => y / unit), data.Weights) { Groups = data.Groups };

    private static LinearPredictor InUnits(LinearPredictor fit, double unit) => unit == 1 ? fit : new(fit.Objective, [.. fit.Intercepts.Select(b => b * unit)],
        [.. fit.Terms.Select(t => new LinearTerm(t.Mean, [.. t.Slopes.Select(b => b * unit)], [.. t.Levels.Select(b => b * unit)]))]);

    private void Descend(DesignRows design, PenalisedNewton newton, Loss loss, double[][] betas, double lambda, Workers workers)
    {
        double[] g = new double[design.Rows], h = new double[design.Rows];
        for (var step = 0; step < Steps; step++)
        {
            var moved = 0.0;
            for (var k = 0; k < betas.Length; k++)
            {
                var scores = Scores(design, betas);
                loss.BeginRound(scores, workers);
                loss.Derivatives(k, scores, g, h, 0, design.Rows);
                moved = Math.Max(moved, newton.Step(g, h, betas[k], lambda, L1Share, design.Rows, workers.Cancel));
            }
            if (moved < 1e-4 || (betas.Length == 1 && loss is SquaredLoss)) break;
        }
    }

    private double GreatestLambda(DesignRows design, Loss loss, double[][] betas, Workers workers)
    {
        double[] g = new double[design.Rows], h = new double[design.Rows], sums = new double[design.Width + 1];
        var greatest = 0.0;
        var scores = Scores(design, betas);
        loss.BeginRound(scores, workers);
        for (var k = 0; k < betas.Length; k++)
        {
            loss.Derivatives(k, scores, g, h, 0, design.Rows);
            design.Sum(g, sums);
            foreach (var sum in sums.AsSpan(0, design.Width)) greatest = Math.Max(greatest, Math.Abs(sum) / design.Rows);
        }
        return Math.Max(greatest, 1e-12) / Math.Max(L1Share, 0.05);
    }

    private static double[][] Scores(DesignRows design, double[][] betas) => Array.ConvertAll(betas, design.Scores);

    private static LinearPredictor Predictor(DesignRows design, Objective objective, double[][] betas)
    {
        var terms = design.Columns.Select((column, j) =>
        {
            var first = design.First(j);
            if (!column.IsCategory)
                return new LinearTerm(column.Mean, [.. betas.Select(b => b[first] / column.Deviation)], [.. betas.Select(b => b[first + 1])]);
            var levels = column.Slots.Append(column.Width - 1).SelectMany(slot => betas.Select(b => b[first + slot]));
            return new LinearTerm(0, [], [.. levels]);
        });
        return new(objective, [.. betas.Select(b => b[^1])], [.. terms]);
    }
}
