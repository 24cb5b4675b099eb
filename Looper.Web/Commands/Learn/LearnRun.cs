using System.Collections.Immutable;
using System.Diagnostics;
using Looper.Core.Learning;

namespace Looper.Web.Commands.Learn;

/// <summary>A model learned from a file, and what it cost.</summary>
internal sealed record LearnRun(string Family, IPredictor Predictor, LearnerSettings Settings, double TrainSeconds, double SearchSeconds)
{
    public static LearnRun Of(LearnPlan plan, LearnData data, TimeProvider clock, CancellationToken cancel)
    {
        var settings = new LearnerSettings
        {
            Objective = plan.Objective, Quantile = plan.Quantile, Threads = plan.Threads, Classes = plan.Objective == Objective.Multiclass ? data.Classes.Length : 0,
        };
        settings = settings with { Leaves = plan.Leaves ?? settings.Leaves, LearningRate = plan.LearningRate ?? settings.LearningRate };
        var start = clock.GetTimestamp();
        double Elapsed() => clock.GetElapsedTime(start).TotalSeconds;
        if (plan.BudgetSeconds > 0)
        {
            // a third of the budget is left for fitting the chosen one on all rows
            if (data.TestLiesAmongTrain) Say("the rows to predict lie among those to learn from: judged by rows spread over the file");
            var space = new SearchSpace
            {
                Family = plan.Trees is null && plan.Leaves is null && plan.LearningRate is null ? null : "boosting",
                Rounds = plan.Trees, Leaves = plan.Leaves, LearningRate = plan.LearningRate, Interleaved = data.TestLiesAmongTrain,
            };
            var found = ModelSearch.Within(data.Train, settings, space, plan.Seed, SearchBudget.Of(() => Elapsed() / (plan.BudgetSeconds * 2 / 3)),
                trial => Say($"{trial.Note}: loss {trial.Loss:G6}"), cancel);
            var parameters = found.Predictor is TreeEnsemble chosen ? found.Chosen.Settings with { Rounds = chosen.Trees.Length / chosen.Outputs } : found.Chosen.Settings;
            return new(found.Chosen.Family, Calibrated(found.Predictor, found.Chosen.Family, parameters, data.Train, plan.Seed, cancel), parameters, 0, Elapsed());
        }
        var last = 0;
        void Show(FitProgress p)
        {
            if (p.Round < last + 100 && p.Round > last) return;
            last = p.Round;
            Say($"round {p.Round} of at most {p.Rounds}{(double.IsNaN(p.ValidationLoss) ? "" : $", loss {p.ValidationLoss:G6}")}");
        }
        // rounds that were given are used exactly; otherwise the newest rows tell how many are enough, and whether to calibrate
        if (plan.Trees is { } trees)
        {
            var exact = new GradientBoosting().Fit(data.Train, null, settings with { Rounds = trees }, plan.Seed, Show, cancel);
            return new("boosting", exact, settings with { Rounds = trees }, Elapsed(), 0);
        }
        var all = BoostedFit.Fit(data.Train, settings, plan.Seed, Show, cancel).All;
        settings = settings with { Rounds = all.Trees.Length / all.Outputs };
        return new("boosting", Calibrated(all, "boosting", settings, data.Train, plan.Seed, cancel), settings, Elapsed(), 0);
    }

    private static IPredictor Calibrated(IPredictor fit, string family, LearnerSettings settings, DataSet train, long seed, CancellationToken cancel)
    {
        if (HeldOutCalibration.Interleaved(Learners.Of(family), train, settings, seed, cancel) is not { } calibration) return fit;
        Say($"calibrated ({calibration.GetType().Name})");
        return new TrainedPredictor(train.Columns, fit, calibration);
    }

    /// <summary>Parameters as used, in the order in which they are reported.</summary>
    public ImmutableDictionary<string, object> Parameters => Family == "boosting"
        ? ImmutableDictionary<string, object>.Empty.Add("trees", Settings.Rounds).Add("leaves", Settings.Leaves).Add("learningRate", Settings.LearningRate)
            .Add("minLeafRows", Settings.MinLeafRows).Add("l2", Settings.L2).Add("featureFraction", Settings.FeatureFraction)
        : ImmutableDictionary<string, object>.Empty;

    public static long PeakBytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }

    private static void Say(string line) => System.Console.Error.WriteLine(line);
}
