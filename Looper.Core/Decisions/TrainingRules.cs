using Looper.Core.Blueprints;

namespace Looper.Core.Decisions;

/// <summary>Rules about when and how models are made. Bounds of the learner's settings are those of the learners themselves.</summary>
internal static class TrainingRules
{
    public static void Check(BlueprintContent content, List<Refusal> faults)
    {
        var plan = content.Training;
        if (plan.FirstModelAt is not (0 or >= 20 and <= 100_000_000)) faults.Add(RuleTexts.FirstModelSize(plan.FirstModelAt));
        if (plan.RetrainEvery is { } every && (every < TimeSpan.FromMinutes(1) || every > TimeSpan.FromDays(365))) faults.Add(RuleTexts.RetrainPeriod());
        Number("retrainAfter", "Retrain after", plan.RetrainAfter, 20, 100_000_000, "more examples, or leave it empty for never", faults);
        Number("searchSeconds", "Search", plan.SearchSeconds, 0, 86_400, "seconds; 0 takes the defaults", faults);
        if (!Enum.IsDefined(plan.Family)) faults.Add(Fault("family", "Family: use `auto`, `trees`, `linear` or `network`."));
        Settings(plan.Settings, faults);
        Objectives(content, faults);
        Selection(content, faults);
        Gate(plan.Gate, faults);
    }

    private static void Settings(FixedSettings fixedOnes, List<Refusal> faults)
    {
        Number("settings.rounds", "Rounds", fixedOnes.Rounds, 1, 10_000, "or leave it empty", faults);
        Number("settings.leaves", "Leaves", fixedOnes.Leaves, 2, 1_024, "or leave it empty", faults);
        Number("settings.learningRate", "Learning rate", fixedOnes.LearningRate, 0.0001, 1, "or leave it empty", faults);
        Number("settings.minLeafRows", "Rows a leaf", fixedOnes.MinLeafRows, 0, 1_000_000, "or leave it empty", faults);
        Number("settings.l1", "L1", fixedOnes.L1, 0, 1e6, "or leave it empty", faults);
        Number("settings.l2", "L2", fixedOnes.L2, 0, 1e6, "or leave it empty", faults);
        Number("settings.featureFraction", "Features a tree", fixedOnes.FeatureFraction, 0.01, 1, "as a share, or leave it empty", faults);
        Number("settings.rowFraction", "Rows a tree", fixedOnes.RowFraction, 0.01, 1, "as a share, or leave it empty", faults);
    }

    private static void Objectives(BlueprintContent content, List<Refusal> faults)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (var i = 0; i < content.Training.Objectives.Length; i++)
        {
            var objective = content.Training.Objectives[i];
            var (field, name) = ($"objectives[{i}]", BlueprintRules.Shown(objective.Outcome ?? ""));
            var outcome = content.Outcomes.FirstOrDefault(o => o.Name == objective.Outcome);
            if (outcome is null) faults.Add(Fault($"{field}.outcome", $"Objective {i + 1}: there is no outcome `{name}`. Name one of the outcomes."));
            else if (!seen.Add(outcome.Name)) faults.Add(Fault($"{field}.outcome", $"Objective {i + 1}: `{name}` has one already. Remove one of the two."));
            if (!Enum.IsDefined(objective.Target)) faults.Add(Fault($"{field}.target", $"Objective of `{name}`: use `mean`, `quantile` or `count`."));
            if (outcome is { Kind: OutcomeKind.Boolean } && objective.Target != OutcomeTarget.Mean)
                faults.Add(Fault($"{field}.target", $"Objective of `{name}`: a yes/no outcome has a chance, no {Words.Of(objective.Target)}. Use `mean`, or remove the objective."));
            if (outcome is { Kind: OutcomeKind.Number } && objective.Target == OutcomeTarget.Count)
                faults.Add(Fault($"{field}.target", $"Objective of `{name}`: a number may be below 0, which a count is not. Use `mean` or `quantile`, or make the outcome a count."));
            if (objective.Target == OutcomeTarget.Quantile && objective.Quantile is not (> 0 and < 1))
                faults.Add(Fault($"{field}.quantile", $"Objective of `{name}`: the quantile must be inside 0 and 1. Use 0.5 for the middle, 0.9 for a cautious upper value."));
            if (objective.Target != OutcomeTarget.Quantile && objective.Quantile is not null)
                faults.Add(Fault($"{field}.quantile", $"Objective of `{name}`: only the target `quantile` has a quantile. Remove it, or change the target."));
        }
    }

    private static void Selection(BlueprintContent content, List<Refusal> faults)
    {
        var selection = content.Training.Selection;
        Number("selection.tolerance", "Selection", selection.Tolerance, 0, 0.1, "of the loss; 0.002 accepts a rise of 0.2%", faults);
        for (var i = 0; i < selection.Pinned.Length; i++)
            if (content.AllFeatures.All(f => f.Name != selection.Pinned[i]))
                faults.Add(Fault($"selection.pinned[{i}]", $"Kept feature {i + 1}: there is no feature `{BlueprintRules.Shown(selection.Pinned[i])}`. Name one of the features, or remove it."));
    }

    private static void Gate(GatePlan gate, List<Refusal> faults)
    {
        if (gate.FreshFor < TimeSpan.FromMinutes(1) || gate.FreshFor > TimeSpan.FromDays(3_650))
            faults.Add(Fault("gate.freshFor", "Fresh for: the time must be between 1 minute and 3650 days. Use `14d` if you have no reason for another."));
        Number("gate.notWorse", "Not worse by", gate.NotWorse, 0, 0.1, "as a share of the loss; 0.005 is half a percent", faults);
        Number("gate.calibrationError", "Calibration error", gate.CalibrationError, 0.001, 0.5, "for example 0.05", faults);
        Number("gate.scoringMicroseconds", "Scoring time", gate.ScoringMicroseconds, 1, 100_000, "microseconds a row", faults);
        Number("gate.shadowDecisions", "Shadow", gate.ShadowDecisions, 0, 100_000, "decisions; 0 skips the shadow", faults);
    }

    private static void Number(string field, string label, double? value, double low, double high, string use, List<Refusal> faults)
    {
        if (value is null || (value >= low && value <= high)) return;
        faults.Add(Fault(field, $"{label}: {Words.Number(value.Value)} is not between {Words.Number(low)} and {Words.Number(high)}. Give a number in that range, {use}."));
    }

    private static Refusal Fault(string field, string reason) => new(RuleTexts.Code, reason, $"training.{field}");
}
