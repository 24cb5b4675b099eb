using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Learning;

namespace Looper.Core.Models;

/// <summary>A model before it is judged.</summary>
/// <param name="Family">In words.</param>
/// <param name="Settings">As used.</param>
/// <param name="Rounds">Trees a prediction adds up; 0 for other families.</param>
/// <param name="Trials">What the search tried; empty without one.</param>
/// <param name="Search">How far the search went; null without one.</param>
internal sealed record Fitted(
    TrainedPredictor Predictor, string Family, LearnerSettings Settings, int Rounds, ImmutableArray<TriedSettings> Trials, SearchLength? Search);

/// <summary>
/// Searches, fits and calibrates. Without a search the validation rows stop the fit and fit the calibration; with one, the newest
/// rows before the judging slice choose family and settings, the chosen one is fitted again on all rows, and the calibration
/// rests on the predictions of the fit that had not seen those newest rows.
/// </summary>
/// <param name="again">How far an earlier search went, to go exactly as far; null goes by the clock.</param>
internal sealed class Fitting(TrainingPlan plan, Target target, ExampleSet examples, TimeProvider clock, Action<string, double> say, SearchLength? again = null)
{
    /// <summary>Few examples want small trees: what an option does for whom is an interaction, and large trees drown it in noise. With a
    /// few thousand examples eight leaves halve the distance to the best possible predictions of the simulated shop.</summary>
    private const int RowsPerLeaf = 1_000;

    /// <summary>Fits of a search at most: the defaults of each family, the starting points, the steps around the best and its slower twin, and five
    /// finalists on three stretches of earlier rows.</summary>
    private const int MostTrials = 98;

    private const int FewestLeaves = 8;
    private const int MostLeaves = 31;

    /// <param name="build">Makes a data set of rows; called once for each that is needed, as each may be large.</param>
    /// <param name="gap">Time that lies at least between what is fitted on and what judges it.</param>
    /// <exception cref="UnlearnableException">These rows admit no model.</exception>
    public Fitted Run(Func<int[], DataSet> build, int[] trainRows, int[] validationRows, TimeSpan gap, long seed, CancellationToken cancel)
    {
        ulong[] units = [.. validationRows.Select(examples.Unit)];
        if (plan.SearchSeconds <= 0) return Once(build(trainRows), build(validationRows), units, seed, cancel);
        int[] rows = [.. trainRows, .. validationRows];
        int Before(int row)
        {
            var until = row;
            while (until > 0 && examples.Ticks(rows[until - 1]) > examples.Ticks(rows[row]) - gap.Ticks) until--;
            return until;
        }
        return Search(build(rows), new(trainRows.Length, Before), units, seed, cancel);
    }

    /// <summary>Where every fit starts from: the objective, trees that suit the number of rows, and what the plan fixes.</summary>
    public LearnerSettings SettingsFor(int rows) => Fixed(new()
    {
        Objective = target.Objective,
        Quantile = double.IsNaN(target.Tau) ? 0.5 : target.Tau,
        Leaves = Math.Clamp(rows / RowsPerLeaf, FewestLeaves, MostLeaves),
        Threads = Math.Max(1, Environment.ProcessorCount / 2), // decisions are answered on the same machine
    });

    private Fitted Once(DataSet train, DataSet validation, ulong[] units, long seed, CancellationToken cancel)
    {
        var settings = SettingsFor(train.Rows);
        var family = Named(plan.Family) ?? "boosting";
        var predictor = Learners.Of(family).Fit(train, validation, settings, seed,
            progress => say("Fit", 0.6 + 0.15 * progress.Round / Math.Max(1, progress.Rounds)), cancel);
        say("Calibrate", 0.76);
        return new(new(train.Columns, predictor, Calibrated(validation, predictor, units)), InWords(family), settings, Rounds(predictor), [], null);
    }

    private Fitted Search(DataSet data, SearchSplit split, ulong[] units, long seed, CancellationToken cancel)
    {
        var (started, family) = (clock.GetTimestamp(), Named(plan.Family));
        var (done, most) = (0, family is null or "boosting" ? MostTrials : 1);
        void Tell(int trial) => say(Text($"Search settings ({trial} of {most})"), 0.2 + 0.35 * Math.Min(1, (double)trial / most));
        Tell(0);
        var found = ModelSearch.Within(
            data, SettingsFor(data.Rows), Space(family) with { Split = split }, seed,
            again is null ? SearchBudget.Of(() => clock.GetElapsedTime(started).TotalSeconds / plan.SearchSeconds) : SearchBudget.Again(again), _ => Tell(++done), cancel);
        say("Fit", 0.7); // the search has fitted the chosen one again on all rows
        say("Calibrate", 0.76);
        var newest = data.Take(BoostedFit.Rows(split.From, data.Rows));
        return new(
            new(data.Columns, found.Predictor, Calibrated(newest, found.Honest, units)), InWords(found.Chosen.Family), found.Chosen.Settings, Rounds(found.Predictor),
            [.. found.Trials.Select(t => new TriedSettings(InWords(t.Family), Described(t), t.Loss, t.Cost, t == found.Chosen))], found.Length);
    }

    /// <summary>What the search may vary. Leaves and rounds belong to trees alone.</summary>
    private SearchSpace Space(string? family)
    {
        var (given, trees) = (plan.Settings, family is null or "boosting");
        return new()
        {
            Family = family,
            Rounds = trees ? given.Rounds : null,
            Leaves = trees ? given.Leaves : null,
            LearningRate = given.LearningRate,
            MinLeafRows = given.MinLeafRows,
            L2 = given.L2,
            FeatureFraction = given.FeatureFraction,
        };
    }

    /// <summary>For yes or no the calibration that helps; a quantile is moved to where the right share of unseen outcomes lies below it.</summary>
    private Calibration? Calibrated(DataSet unseen, IPredictor predictor, ulong[] units)
    {
        if (target.Task == PredictionTask.Binary) return Calibrating.Best(unseen.Labels, unseen.Predictions(predictor), units);
        if (target.Task != PredictionTask.Quantile || unseen.Rows == 0) return null;
        var residuals = unseen.Predictions(predictor);
        for (var i = 0; i < residuals.Length; i++) residuals[i] = unseen.Labels[i] - residuals[i];
        return new LinearCalibration(1, target.Constant(residuals));
    }

    private LearnerSettings Fixed(LearnerSettings settings)
    {
        var given = plan.Settings;
        return settings with
        {
            Rounds = given.Rounds ?? settings.Rounds,
            Leaves = given.Leaves ?? settings.Leaves,
            LearningRate = given.LearningRate ?? settings.LearningRate,
            MinLeafRows = given.MinLeafRows ?? settings.MinLeafRows,
            L1 = given.L1 ?? settings.L1,
            L2 = given.L2 ?? settings.L2,
            FeatureFraction = given.FeatureFraction ?? settings.FeatureFraction,
            RowFraction = given.RowFraction ?? settings.RowFraction,
        };
    }

    private static string? Named(ModelFamily family) => family switch
    {
        ModelFamily.Trees => "boosting",
        ModelFamily.Linear => "linear",
        ModelFamily.Network => "network",
        _ => null,
    };

    private static string InWords(string family) => family switch
    {
        "boosting" => "gradient-boosted trees",
        "linear" => "linear model",
        _ => "small network",
    };

    private static int Rounds(IPredictor predictor) => predictor is TreeEnsemble trees ? trees.Trees.Length / trees.Outputs : 0;

    private static string Described(Trial trial) => trial.Family != "boosting" ? trial.Note : Text(
        $"{trial.Settings.Rounds} rounds, {trial.Settings.Leaves} leaves, rate {trial.Settings.LearningRate:0.###}, {trial.Settings.MinLeafRows} rows a leaf, L2 {trial.Settings.L2:0.##}, features {trial.Settings.FeatureFraction:0.##}{(trial.On.Length > 0 ? ", " : "")}{trial.On}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
