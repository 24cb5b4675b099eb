using Looper.Core.Blueprints;

namespace Looper.Core.Decisions;

/// <summary>Differences between two training plans, and what follows from each.</summary>
internal static class TrainingChanges
{
    private const string Next = "Counts from the next training on.", Last = "Counts from the last training, whatever came of it.";

    public static IEnumerable<BlueprintChange> Between(TrainingPlan a, TrainingPlan b) =>
        Lines(a).Zip(Lines(b)).Where(pair => pair.First.Value != pair.Second.Value)
            .Select(pair => new BlueprintChange(BlueprintChanges.Starts, pair.First.Field, pair.First.Value, pair.Second.Value, pair.First.Consequence));

    private static IEnumerable<(string Field, string Value, string Consequence)> Lines(TrainingPlan plan)
    {
        yield return ("train by itself", plan.IsOn ? "yes" : "no", "Counts at once; a running training goes on.");
        yield return ("first model when", $"{plan.FirstModelAt} examples", "Counts from the next check on.");
        yield return ("retrain", plan.RetrainEvery is { } every ? Words.Every(every) : "by hand", Last);
        yield return ("retrain after", plan.RetrainAfter is { } after ? $"{after} more examples" : "never", Last);
        yield return ("retrain on drift", plan.RetrainOnDrift ? "yes" : "no", "Counts from the next look at drift on; an alert that is active and that no training has answered counts too.");
        yield return ("promote", plan.PromoteAutomatically ? "by the rule" : "by a person", "Counts at once, also for a candidate in the shadow and for one that is being trained.");
        yield return ("kind of model", Words.Of(plan.Family), Next);
        yield return ("search", plan.SearchSeconds == 0 ? "none" : $"{plan.SearchSeconds} seconds an outcome", Next);
        yield return ("fixed settings", Of(plan.Settings), Next);
        yield return ("objectives", plan.Objectives.IsEmpty ? "by the outcome’s kind" : string.Join(", ", plan.Objectives.Select(Of)), "The next model of the outcome is trained for it and judged by its loss.");
        yield return ("feature selection", Of(plan.Selection), Next);
        yield return ("fresh for", Words.Of(plan.Gate.FreshFor), Next);
        yield return ("not worse by", Words.Percent(plan.Gate.NotWorse), Next);
        yield return ("calibration error", Words.Number(plan.Gate.CalibrationError), Next);
        yield return ("scoring time", $"{Words.Number(plan.Gate.ScoringMicroseconds)} µs", "Counts at once for a candidate in the shadow, and from the next training on.");
        yield return ("shadow", plan.Gate.ShadowDecisions == 0 ? "none" : $"{plan.Gate.ShadowDecisions} decisions", "Counts at once for a candidate in the shadow; whether one goes there at all, from the next training on.");
    }

    private static string Of(FixedSettings s)
    {
        (string Name, double? Value)[] all =
        [
            ("rounds", s.Rounds), ("leaves", s.Leaves), ("learning rate", s.LearningRate), ("rows a leaf", s.MinLeafRows), ("L1", s.L1), ("L2", s.L2),
            ("features a tree", s.FeatureFraction), ("rows a tree", s.RowFraction),
        ];
        var given = all.Where(x => x.Value is not null).Select(x => $"{x.Name} {Words.Number(x.Value!.Value)}").ToList();
        return given.Count == 0 ? "none" : string.Join(", ", given);
    }

    private static string Of(OutcomeObjective o) => $"{o.Outcome}: {Words.Of(o.Target)}{(o.Quantile is { } q ? $" {Words.Number(q)}" : "")}";

    private static string Of(SelectionPlan s) => !s.IsOn && s.Tolerance == new SelectionPlan().Tolerance && s.Pinned.IsEmpty ? "off"
        : $"{(s.IsOn ? "on" : "off")}, tolerance {Words.Percent(s.Tolerance)}{(s.Pinned.IsEmpty ? "" : $", keeping {string.Join(", ", s.Pinned)}")}";
}
