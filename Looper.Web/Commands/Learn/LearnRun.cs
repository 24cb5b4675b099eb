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
            var found = ModelSearch.Run(data.Train, settings, plan.Trees is null ? null : "boosting", plan.Seed, () => Elapsed() > plan.BudgetSeconds * 2 / 3,
                trial => Say($"{trial.Note}: loss {trial.Loss:G6}"), cancel);
            var parameters = found.Predictor is TreeEnsemble chosen ? found.Chosen.Settings with { Rounds = chosen.Trees.Length / chosen.Outputs } : found.Chosen.Settings;
            return new(found.Chosen.Family, found.Predictor, parameters, 0, Elapsed());
        }
        var last = 0;
        void Show(FitProgress p)
        {
            if (p.Round < last + 100 && p.Round > last) return;
            last = p.Round;
            Say($"round {p.Round} of at most {p.Rounds}{(double.IsNaN(p.ValidationLoss) ? "" : $", loss {p.ValidationLoss:G6}")}");
        }
        // rounds that were given are used exactly; otherwise the newest rows tell how many are enough
        var predictor = plan.Trees is { } trees
            ? (TreeEnsemble)new GradientBoosting().Fit(data.Train, null, settings with { Rounds = trees }, plan.Seed, Show, cancel)
            : BoostedFit.Fit(data.Train, settings, plan.Seed, Show, cancel).All;
        return new("boosting", predictor, settings with { Rounds = predictor.Trees.Length / predictor.Outputs }, Elapsed(), 0);
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
