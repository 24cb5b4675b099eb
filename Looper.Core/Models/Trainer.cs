using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Learning;
using Looper.Core.Serving;

namespace Looper.Core.Models;

/// <summary>What one outcome's training made; nothing is stored yet.</summary>
public sealed record Trained(
    Outcome Outcome, TrainedPredictor Predictor, ModelQuality Quality, ImmutableArray<FeatureImportance> Importance, Behaviour Behaviour, DataSnapshot Data, ServedProfile Profile,
    Preparation Preparation, Lineage Lineage, Evidence Evidence, int? ComparedWith)
{
    /// <summary>The model as it is stored.</summary>
    public required byte[] Artefact { get; init; }
}

/// <summary>The live model as training compares with it.</summary>
/// <param name="FittedUntil">Rows after this it has not seen.</param>
public sealed record LiveModel(int Number, TrainedPredictor Predictor, DateTimeOffset TrainedAt, DateTimeOffset FittedUntil);

/// <param name="Provisional">Rows whose window was still open when they were read.</param>
/// <param name="ArrivedShare">See <see cref="GateInput.ArrivedShare"/>.</param>
public sealed record OutcomeRows(Outcome Outcome, int Index, int[] Rows, int Provisional, double ArrivedShare)
{
    /// <summary>Some labels are what had come so far of a sum or a greatest value, and may still grow.</summary>
    public bool MayGrow => Provisional > 0 && Outcome.Kind != OutcomeKind.Boolean && Outcome.Aggregation is Aggregation.Sum or Aggregation.Max;
}

/// <summary>
/// From examples to a judged candidate, for one outcome. The expected outcome of each option given the features is learned by
/// plain regression, without inverse-propensity weights: what chose the option is among the features as served (or was a coin),
/// so the regression is right for every option as it stands, and weights would only add variance.
/// </summary>
/// <param name="again">How far the search of an earlier training went, to make its model again; null goes by the clock.</param>
public sealed class Trainer(BlueprintContent blueprint, VersionTable versions, ExampleSet examples, TimeProvider clock, SearchLength? again = null)
{
    /// <summary>The newest rows that the data checks look at, at most.</summary>
    private const int MostChecked = 30_000;

    private readonly DataSetBuilder _builder = new(blueprint, versions, examples);
    private readonly TrainingPlan _plan = blueprint.Training;

    /// <param name="say">Phase, and how much of this outcome's training is done, in [0, 1].</param>
    /// <returns>The candidate, or why these examples admit none and what to do.</returns>
    public Answered<Trained> Fit(OutcomeRows of, LiveModel? live, string why, long seed, Action<string, double> say, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(of);
        ArgumentNullException.ThrowIfNull(say);
        var target = Target.Of(of.Outcome, _plan);
        if (TooFew(of, target.Task) is { } refusal) return refusal;
        var split = TimeSplit.Of([.. of.Rows.Select(examples.Ticks)], of.Outcome.Window);
        try
        {
            return Fit(of, target, split, live, why, seed, say, cancel);
        }
        catch (UnlearnableException unlearnable)
        {
            return unlearnable.Refusal.Code == TrainingChecks.OneLabel ? OneAnswer(of, split) : unlearnable.Refusal;
        }
    }

    private Trained Fit(
        OutcomeRows of, Target target, TimeSplit split, LiveModel? live, string why, long seed, Action<string, double> say, CancellationToken cancel)
    {
        var rows = of.Rows;
        var (trainRows, validationRows, newestRows) = (rows[..split.Train], rows[split.ValidationFrom..split.ValidationUntil], rows[split.NewestFrom..]);
        say("Check data", 0);
        var columns = _builder.ColumnsOf(trainRows);
        int[] before = [.. trainRows, .. validationRows];
        var checkedRows = Newest(before, MostChecked);
        ImmutableArray<Finding> findings =
        [
            .. DataChecks.Of(_builder.Build(columns, checkedRows, of.Index), target.Objective, _builder.RawCategories(checkedRows))
                .OrderByDescending(f => f.Code.StartsWith("leak.", StringComparison.Ordinal)),
        ];
        cancel.ThrowIfCancellationRequested();

        var fitting = new Fitting(_plan, target, examples, clock, say, again);
        SelectedFeatures? selected = null;
        if (_plan.Selection.IsOn)
        {
            say("Select features", 0.05);
            selected = Selecting.Run(blueprint, _builder.Build(columns, Newest(before, Selecting.MostRows), of.Index), fitting.SettingsFor(trainRows.Length), seed, cancel);
            columns = [.. columns.Where(c => !selected.Dropped.Contains(Column.FeatureOf(c.Name)))];
        }
        var fitted = fitting.Run(rows => _builder.Build(columns, rows, of.Index), trainRows, validationRows, split.Gap, seed, cancel);
        var bytes = Artefact.Write(fitted.Predictor);
        var fittedRows = fitted.Search is null ? trainRows : before;

        say("Evaluate", 0.8);
        var newest = _builder.Build(columns, newestRows, of.Index);
        var started = clock.GetTimestamp();
        var predictions = newest.Predictions(fitted.Predictor);
        var microseconds = clock.GetElapsedTime(started).TotalMicroseconds / Math.Max(1, newest.Rows);
        double[] learned = [.. before.Select(r => examples.Label(of.Index, r))];
        var average = target.Constant(learned);
        var units = newestRows.Select(examples.Unit).ToArray();
        var quality = Evaluation.Of(
            target, newest.Labels, predictions, units, [.. newestRows.Select(r => versions.CurrentOption(examples.Version(r), examples.Option(r)))],
            [.. blueprint.Options.Select(o => o.Key)], average);
        cancel.ThrowIfCancellationRequested();

        say("Evaluate", 0.85);
        var importance = Importance.Of(fitted.Predictor, newest, seed, cancel, units, double.IsNaN(target.Tau) ? 0.5 : target.Tau)
            .Select(c => new FeatureImportance(c.Column, c.Gain, c.Permutation, c.Low, c.High)).ToImmutableArray();
        say("Evaluate", 0.95);
        var behaviour = Behaviour.Of(fitted.Predictor, target, newest, units, importance, blueprint.AllFeatures.Where(f => f.IsPersonal).Select(f => f.Name).ToHashSet());
        var evidence = Gate.Judge(
            new(quality, units, RowLoss.Of(target, newest.Labels, predictions), RowLoss.OfConstant(target, newest.Labels, average),
                Compare(live, target, newestRows, newest.Labels), of.ArrivedShare, microseconds, [.. findings.Where(f => IsLeak(f, columns))]) { MayGrow = of.MayGrow ? of.Provisional : 0 },
            _plan.Gate, clock.GetUtcNow());
        var data = new DataSnapshot(
            Time(rows[0]), Time(rows[^1]), rows.Length, rows.Select(examples.Unit).Distinct().Count(), examples.Rows, (double)rows.Length / examples.Rows,
            fittedRows.Length, validationRows.Length, newest.Rows, of.Provisional, split.Gap.TotalSeconds, OutcomeSpread.Of(target.Task, learned),
            [.. rows.Select(examples.Version).Distinct().Order()], examples.HashText()) { Constant = average };
        var lineage = new Lineage(
            why, Time(validationRows[^1]), fitted.Family, fitted.Rounds, fitted.Settings.LearningRate, fitted.Settings.Leaves, NameOf(fitted.Predictor.Calibration),
            microseconds, _plan, fitted.Search);
        return new Trained(
            of.Outcome, fitted.Predictor, quality, importance, behaviour, data, ServedProfile.Of(blueprint, versions, examples, Between(fittedRows[0], fittedRows[^1]), of.Index),
            new(findings, selected, fitted.Trials), lineage, evidence, live?.Number) { Artefact = bytes };
    }

    /// <summary>Every decision read of that time, as it was served: also those of which the outcome is not known, which serving will meet too.</summary>
    private static int[] Between(int first, int last) => [.. Enumerable.Range(first, last - first + 1)];

    private static int[] Newest(int[] rows, int most) => rows[Math.Max(0, rows.Length - most)..];

    /// <summary>What an option does may well be known from the option alone; of any other column that the model kept it is suspicious.</summary>
    private static bool IsLeak(Finding finding, ImmutableArray<Column> columns) =>
        finding.Code.StartsWith("leak.", StringComparison.Ordinal) && finding.Column != ModelEncoder.OptionColumn && columns.Any(c => Column.FeatureOf(c.Name) == finding.Column);

    private Refusal? TooFew(OutcomeRows of, PredictionTask task)
    {
        var name = of.Outcome.Name;
        if (of.Rows.Length < ModelQuality.EnoughRows)
        {
            return new(
                "model.too-few-examples",
                $"Not enough data: {of.Rows.Length} of {ModelQuality.EnoughRows} examples with a known `{name}`. Wait for more outcomes, or check that the app reports them{ByCandidate}.");
        }
        if (task != PredictionTask.Binary) return null;
        var positives = of.Rows.Count(r => examples.Label(of.Index, r) > 0.5);
        var rarer = Math.Min(positives, of.Rows.Length - positives);
        return rarer >= ModelQuality.EnoughRarer ? null : new(
            "model.too-few-examples",
            $"Not enough data: {rarer} of {ModelQuality.EnoughRarer} examples where `{name}` is {(positives <= of.Rows.Length - positives ? "yes" : "no")}, among {of.Rows.Length}. Wait for more outcomes, or check that the app reports both answers{ByCandidate}.");
    }

    /// <summary>There are enough of both answers, so those that are missing came after what a model learns from.</summary>
    private Refusal OneAnswer(OutcomeRows of, TimeSplit split)
    {
        var answer = examples.Label(of.Index, of.Rows[0]);
        var changed = Array.Find(of.Rows, r => examples.Label(of.Index, r) != answer);
        return new(TrainingChecks.OneLabel, Gate.Text(
            $"The {split.Train:N0} oldest examples, which a model learns from, all have the same `{of.Outcome.Name}`; another first came of a decision of {Time(changed):d MMM yyyy HH:mm} UTC. Wait until more time has passed, or check what the app reported before."));
    }

    private string ByCandidate => blueprint.Shape == DecisionShape.Ranking ? ", each with the candidate that it belongs to" : "";

    /// <summary>The live model on those newest rows that it has not seen either.</summary>
    private LiveComparison? Compare(LiveModel? live, Target target, int[] newestRows, double[] labels)
    {
        if (live is null) return null;
        var unseen = Enumerable.Range(0, newestRows.Length).Where(i => Time(newestRows[i]) > live.FittedUntil).ToArray();
        var predictions = _builder.Predict(live.Predictor, [.. unseen.Select(i => newestRows[i])]);
        return new(live.Number, unseen, RowLoss.Of(target, [.. unseen.Select(i => labels[i])], predictions), clock.GetUtcNow() - live.TrainedAt);
    }

    private static string NameOf(Calibration? calibration) => calibration switch
    {
        null => "none",
        IsotonicCalibration => "isotonic",
        LinearCalibration => "linear",
        _ => "Platt",
    };

    private DateTimeOffset Time(int row) => new(examples.Ticks(row), TimeSpan.Zero);
}
