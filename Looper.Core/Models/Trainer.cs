using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Learning;

namespace Looper.Core.Models;

/// <summary>What one outcome's training made; nothing is stored yet.</summary>
public sealed record Trained(
    Outcome Outcome, TrainedPredictor Predictor, ModelQuality Quality, ImmutableArray<FeatureImportance> Importance, Lineage Lineage, Evidence Evidence,
    DateTimeOffset DataFrom, DateTimeOffset DataUntil, int Rows, int? ComparedWith);

/// <summary>The live model as training compares with it.</summary>
/// <param name="FittedUntil">Rows after this it has not seen.</param>
public sealed record LiveModel(int Number, TrainedPredictor Predictor, DateTimeOffset TrainedAt, DateTimeOffset FittedUntil);

/// <param name="Provisional">Rows whose window was still open when they were read.</param>
/// <param name="ArrivedShare">See <see cref="GateInput.ArrivedShare"/>.</param>
public sealed record OutcomeRows(Outcome Outcome, int Index, int[] Rows, int Provisional, double ArrivedShare);

/// <summary>
/// From examples to a judged candidate, for one outcome. The expected outcome of each option given the features is learned by
/// plain regression, without inverse-propensity weights: what chose the option is among the features as served (or was a coin),
/// so the regression is right for every option as it stands, and weights would only add variance.
/// </summary>
public sealed class Trainer(BlueprintContent blueprint, VersionTable versions, ExampleSet examples, ILearner learner, TimeProvider clock)
{
    /// <summary>Few examples want small trees: what an option does for whom is an interaction, and large trees drown it in noise. With a
    /// few thousand examples eight leaves halve the distance to the best possible predictions of the simulated shop.</summary>
    private const int RowsPerLeaf = 1_000;

    private const int FewestLeaves = 8;
    private const int MostLeaves = 31;

    private readonly DataSetBuilder _builder = new(blueprint, versions, examples);

    /// <param name="say">Phase, and how much of this outcome's training is done, in [0, 1].</param>
    /// <returns>The candidate, or why these examples admit none and what to do.</returns>
    public Answered<Trained> Fit(OutcomeRows of, LiveModel? live, string why, long seed, Action<string, double> say, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(of);
        ArgumentNullException.ThrowIfNull(say);
        var task = of.Outcome.Kind == OutcomeKind.Boolean ? PredictionTask.Binary : PredictionTask.Number;
        if (TooFew(of, task) is { } refusal) return refusal;
        var rows = of.Rows;
        var split = TimeSplit.Of([.. rows.Select(examples.Ticks)], of.Outcome.Window);
        var (trainRows, validationRows, newestRows) = (rows[..split.Train], rows[split.ValidationFrom..split.ValidationUntil], rows[split.NewestFrom..]);

        say("Encode features", 0);
        var columns = _builder.ColumnsOf(trainRows);
        var train = _builder.Build(columns, trainRows, of.Index);
        var validation = _builder.Build(columns, validationRows, of.Index);
        cancel.ThrowIfCancellationRequested();

        var settings = new LearnerSettings
        {
            Objective = task == PredictionTask.Binary ? Objective.Binary : Objective.Squared,
            Leaves = Math.Clamp(train.Rows / RowsPerLeaf, FewestLeaves, MostLeaves),
            Threads = Math.Max(1, Environment.ProcessorCount / 2), // decisions are answered on the same machine
        };
        var rounds = 0;
        IPredictor predictor;
        try
        {
            predictor = learner.Fit(train, validation, settings, seed, progress =>
            {
                rounds = progress.Round;
                say("Fit", 0.05 + 0.7 * progress.Round / Math.Max(1, progress.Rounds));
            }, cancel);
        }
        catch (UnlearnableException unlearnable)
        {
            return unlearnable.Refusal;
        }

        say("Calibrate", 0.76);
        var calibration = task == PredictionTask.Binary ? Calibrating.Best(validation.Labels, Predict(new(columns, predictor), validation)) : null;
        var trained = new TrainedPredictor(columns, predictor, calibration);
        say("Evaluate", 0.8);
        var newest = _builder.Build(columns, newestRows, of.Index);
        var started = clock.GetTimestamp();
        var predictions = Predict(trained, newest);
        var microseconds = clock.GetElapsedTime(started).TotalMicroseconds / Math.Max(1, newest.Rows);
        var average = train.Labels.Concat(validation.Labels).Average();
        var units = newestRows.Select(examples.Unit).ToArray();
        var quality = Evaluation.Of(
            task, newest.Labels, predictions, units, [.. newestRows.Select(r => versions.CurrentOption(examples.Version(r), examples.Option(r)))],
            [.. blueprint.Options.Select(o => o.Key)], average);
        cancel.ThrowIfCancellationRequested();

        say("Measure importance", 0.85);
        var importance = Importance.Of(trained, newest, seed, cancel)
            .Select(c => new FeatureImportance(c.Column, c.Gain, c.Permutation, c.Low, c.High)).ToImmutableArray();
        var losses = RowLoss.Of(task, newest.Labels, predictions);
        var evidence = Gate.Judge(
            new(quality, units, losses, RowLoss.OfConstant(task, newest.Labels, average), Compare(live, task, newestRows, newest.Labels), of.ArrivedShare, microseconds),
            clock.GetUtcNow());
        var lineage = new Lineage(
            why, Time(validationRows[^1]), [.. rows.Select(examples.Version).Distinct().Order()], train.Rows, validation.Rows, newest.Rows, of.Provisional,
            split.Gap.TotalSeconds, (double)rows.Length / examples.Rows, average, examples.HashText(), "gradient-boosted trees", rounds,
            settings.LearningRate, settings.Leaves, NameOf(calibration), microseconds);
        return new Trained(of.Outcome, trained, quality, importance, lineage, evidence, Time(rows[0]), Time(rows[^1]), rows.Length, live?.Number);
    }

    private Refusal? TooFew(OutcomeRows of, PredictionTask task)
    {
        var name = of.Outcome.Name;
        if (of.Rows.Length < ModelQuality.EnoughRows)
        {
            return new(
                "model.too-few-examples",
                $"Not enough data: {of.Rows.Length} of {ModelQuality.EnoughRows} examples with a known `{name}`. Wait for more outcomes, or check that the app reports them.");
        }
        if (task == PredictionTask.Number) return null;
        var positives = of.Rows.Count(r => examples.Label(of.Index, r) > 0.5);
        var rarer = Math.Min(positives, of.Rows.Length - positives);
        return rarer >= ModelQuality.EnoughRarer ? null : new(
            "model.too-few-examples",
            $"Not enough data: {rarer} of {ModelQuality.EnoughRarer} examples where `{name}` is {(positives <= of.Rows.Length - positives ? "yes" : "no")}, among {of.Rows.Length}. Wait for more outcomes, or check that the app reports both answers.");
    }

    /// <summary>The live model on those newest rows that it has not seen either.</summary>
    private LiveComparison? Compare(LiveModel? live, PredictionTask task, int[] newestRows, double[] labels)
    {
        if (live is null) return null;
        var unseen = Enumerable.Range(0, newestRows.Length).Where(i => Time(newestRows[i]) > live.FittedUntil).ToArray();
        var predictions = _builder.Predict(live.Predictor, [.. unseen.Select(i => newestRows[i])]);
        return new(live.Number, unseen, RowLoss.Of(task, [.. unseen.Select(i => labels[i])], predictions), clock.GetUtcNow() - live.TrainedAt);
    }

    private static string NameOf(Calibration? calibration) => calibration switch
    {
        null => "none",
        IsotonicCalibration => "isotonic",
        _ => "Platt",
    };

    private DateTimeOffset Time(int row) => new(examples.Ticks(row), TimeSpan.Zero);

    private static double[] Predict(TrainedPredictor predictor, DataSet data)
    {
        var row = new double[data.Columns.Length];
        var predictions = new double[data.Rows];
        for (var i = 0; i < predictions.Length; i++)
        {
            for (var c = 0; c < row.Length; c++) row[c] = data.Values[c][i];
            predictions[i] = predictor.Predict(row);
        }
        return predictions;
    }
}
