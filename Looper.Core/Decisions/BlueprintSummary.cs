using Looper.Core.Blueprints;

namespace Looper.Core.Decisions;

/// <summary>A blueprint as a paragraph a colleague can check, and what deserves a second look. It grows with the draft: what is not filled in yet is left out.</summary>
public static class BlueprintSummary
{
    public static string Paragraph(string key, BlueprintContent content)
    {
        var unit = content.UnitName.Trim().Length == 0 ? "unit" : content.UnitName;
        List<string> sentences = [$"For each {unit} your app asks {(key.Length == 0 ? "Looper" : key)} {Asks(content)}."];
        var (sent, derived) = (content.Features.Count(f => f.Derived is null), content.Features.Count(f => f.Derived is not null));
        if (sent > 0) sentences.Add($"It sends {sent} feature{(sent == 1 ? "" : "s")}{(derived > 0 ? $", and {derived} more {(derived == 1 ? "is" : "are")} derived" : "")}.");
        if (content.CandidateFeatures.Length > 0) sentences.Add($"Each candidate comes with {content.CandidateFeatures.Length} feature{(content.CandidateFeatures.Length == 1 ? "" : "s")}.");
        sentences.Add(Starts(content, unit));
        if (content.Goal.Terms.Length > 0) sentences.Add(Aims(content));
        if (content.Rollout.Holdout > 0) sentences.Add($"{Words.Percent(content.Rollout.Holdout)} of {unit}s always keep today’s behaviour.");
        if (content.Shape.TakesCandidates()) sentences.Add($"If Looper cannot answer, your app gets {AsSent(content)}.");
        else if (content.Default.Length > 0) sentences.Add($"If Looper cannot answer, your app gets {Configuration.InWords(content.Default)}.");
        return string.Join(" ", sentences);
    }

    /// <summary>What may be published as it is but is seldom meant so.</summary>
    public static IReadOnlyList<string> Warnings(BlueprintContent content)
    {
        List<string> warnings = [];
        var goal = content.Goal.Terms.Select(t => t.Outcome).ToHashSet();
        foreach (var outcome in content.Outcomes.Where(o => goal.Contains(o.Name) && o.Window > TimeSpan.FromDays(7)))
            warnings.Add($"The first model waits {Words.Of(outcome.Window)} for {outcome.Name}. Add an earlier signal, such as `addedToBasket`?");
        if (content.Goal.Guardrails.IsEmpty && content.Shape != DecisionShape.Value) warnings.Add("There is no guardrail. What would make you stop?");
        foreach (var outcome in content.Outcomes.Where(o => goal.Contains(o.Name) && o.Kind is OutcomeKind.Number or OutcomeKind.Duration && o.Aggregation == Aggregation.Sum))
            warnings.Add($"{outcome.Name} is a sum without an upper limit: a few very large values may decide.");
        foreach (var name in content.Goal.Guardrails.Select(g => g.Outcome).Where(goal.Contains))
            warnings.Add($"{name} is both goal and guardrail; a guardrail watches what the goal does not.");
        if (content.Shape.TakesCandidates() && content.CandidateFeatures.IsEmpty) warnings.Add("Candidates come without features, so a model cannot tell them apart.");
        if (content.Features.IsEmpty && content.Shape != DecisionShape.Configuration && !content.Shape.TakesCandidates()) warnings.Add("No features are sent, so every unit gets the same best option.");
        if (content.Policy is FixedPolicy or BestPolicy or AsSentPolicy or TreePolicy { Explore: 0 } && content.Shape is not (DecisionShape.Value or DecisionShape.Configuration)) warnings.Add("Nothing is tried at random. Without some random choice there is no honest comparison.");
        if (content.Rollout.Holdout == 0 && content.Shape != DecisionShape.Value) warnings.Add("There is no holdout, so the gain cannot be measured after the start.");
        if (content.Rollout.Share == 0) warnings.Add("Looper decides for 0% of units: everybody gets the baseline.");
        if (content.Training.FirstModelAt == 0 && content.Shape != DecisionShape.Configuration) warnings.Add("Automatic training is off: the first model is trained by hand.");
        foreach (var feature in content.Features.Where(f => f.IsPersonal)) warnings.Add($"{feature.Name} is personal data. Looper rarely needs it.");
        return warnings;
    }

    private static string Asks(BlueprintContent content) => content.Shape switch
    {
        DecisionShape.Binary => "for yes or no",
        DecisionShape.Value => "for a number",
        DecisionShape.Pick => "which of the candidates it sends to take",
        DecisionShape.Ranking => $"how to order the candidates it sends, and shows the first {content.Positions}",
        DecisionShape.Configuration when content.Parameters.IsEmpty => "for its settings",
        DecisionShape.Configuration => "for " + Words.List([.. content.Parameters.Select(p => p.Name)]),
        _ when content.Options.IsEmpty => "which option to take",
        _ => "for " + Words.List([.. content.Options.Select(o => o.Key)], "or"),
    };

    private static string AsSent(BlueprintContent content) => content.Shape == DecisionShape.Ranking ? "the candidates as it sent them" : "the first candidate it sent";

    private static string Starts(BlueprintContent content, string unit)
    {
        var chooses = content.Policy switch
        {
            FixedPolicy one => $"answers always {Configuration.InWords(one.Option)}",
            AsSentPolicy => content.Shape == DecisionShape.Ranking ? "keeps the order they were sent in" : "takes the first one sent",
            RandomPolicy when content.Shape == DecisionShape.Ranking => "orders them at random",
            RandomPolicy => "chooses at random",
            SoftmaxPolicy when content.Shape == DecisionShape.Ranking => "draws each place at random, the more likely the better the prediction",
            EpsilonGreedyPolicy greedy when content.Shape == DecisionShape.Ranking => $"puts the best prediction first and explores {Words.Percent(greedy.Epsilon)} of each place",
            BanditPolicy bandit when content.Shape == DecisionShape.Ranking => $"learns minute by minute which candidates to put first for whom, with {Words.Percent(bandit.Explore)} of each place always at random{(bandit.Budget is { } budget ? $" and at most {Words.Percent(budget)} explored" : "")}",
            _ when content.Shape == DecisionShape.Ranking => "puts the best prediction first",
            TreePolicy tree => $"follows a rule: {tree.Root}{(tree.Explore > 0 ? $", and explores {Words.Percent(tree.Explore)}" : "")}",
            BanditPolicy bandit => $"learns minute by minute which {(content.Shape.TakesCandidates() ? "candidate" : "option")} is best for whom, with {Words.Percent(bandit.Explore)} always at random{(bandit.Budget is { } budget ? $" and at most {Words.Percent(budget)} explored" : "")}",
            SoftmaxPolicy => "chooses at random, the more likely the better the prediction",
            EpsilonGreedyPolicy greedy when content.Shape.TakesCandidates() => $"chooses the candidate with the best prediction and explores {Words.Percent(greedy.Epsilon)}",
            _ when content.Shape.TakesCandidates() => "chooses the candidate with the best prediction",
            EpsilonGreedyPolicy greedy => $"chooses the option with the best prediction and explores {Words.Percent(greedy.Epsilon)}",
            _ when content.Shape == DecisionShape.Value => "answers the predicted number once there is a model",
            _ => "chooses the option with the best prediction",
        };
        var share = content.Rollout.Share;
        return share >= 1 ? $"Looper {chooses}."
            : $"Looper {chooses} for {Words.Percent(share)} of {unit}s; the others get {(content.Shape.TakesCandidates() ? AsSent(content) : Configuration.InWords(content.Rollout.Baseline ?? content.Default))}, as today.";
    }

    private static string Aims(BlueprintContent content)
    {
        var outcomes = content.Outcomes.DistinctBy(o => o.Name).ToDictionary(o => o.Name);
        var terms = content.Goal.Terms.Where(t => outcomes.ContainsKey(t.Outcome)).Select(t => Aim(content, outcomes[t.Outcome])).ToList();
        var weights = content.Goal.Terms.Length > 1 ? $" (goal: {Words.Of(content.Goal, content.Outcomes)})" : "";
        var guards = content.Goal.Guardrails.Select(g => $"{g.Outcome} gets worse by more than {Words.Percent(g.MarginRelative)}").ToList();
        return $"{(content.Shape == DecisionShape.Configuration ? "A study tunes it to" : "It learns to")} {Words.List(terms)}{weights}{(guards.Count == 0 ? "" : content.Policy is BanditPolicy ? $" and leaves decisions to the baseline while it cannot rule out that {Words.List(guards, "or")}" : $" and warns if {Words.List(guards, "or")}")}.";
    }

    private static string Aim(BlueprintContent content, Outcome outcome) =>
        $"{(content.Shape == DecisionShape.Value ? "predict" : outcome.Better == Direction.Higher ? "raise" : "lower")} {outcome.Name} within {Words.Of(outcome.Window)}";
}
