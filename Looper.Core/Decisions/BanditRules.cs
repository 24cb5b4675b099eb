using Looper.Core.Blueprints;
using Looper.Core.Learning.Bandits;
using Looper.Core.Serving;

namespace Looper.Core.Decisions;

/// <summary>Whether a bandit can decide by a blueprint: as its policy, or as that of an arm.</summary>
internal static class BanditRules
{
    /// <param name="field">Where the policy stands.</param>
    public static IEnumerable<Refusal> Faults(string field, BanditPolicy bandit, BlueprintContent content)
    {
        if (content.Shape == DecisionShape.Value)
        {
            yield return RuleTexts.PolicyNeedsOptions("bandit");
            yield break;
        }
        if (BanditCheck.Fault(bandit, field) is { } fault) yield return fault with { Code = RuleTexts.Code };
        if (content.Shape.TakesCandidates() && BanditCheck.FaultOfCandidates(bandit, field) is { } unfit) yield return unfit with { Code = RuleTexts.Code };
        if (content.Goal.Terms.IsEmpty) yield return RuleTexts.BanditWithoutGoal();
        else if (BanditCheck.CountsYesAndNo(bandit) && content.Outcomes.Any(o => o.Kind != OutcomeKind.Boolean && content.Goal.Terms.Any(t => t.Outcome == o.Name)))
            yield return RuleTexts.BetaNeedsYesOrNo();
        if (FaultOfWidth(content) is { } wide) yield return wide;
    }

    // At least so many columns: what is derived and tags come to these.
    private static Refusal? FaultOfWidth(BlueprintContent content)
    {
        var (mostOfLists, mostColumns) = content.Shape.TakesCandidates()
            ? (BanditDesign.MostOfListsOfCandidates, BanditDesign.MostColumnsOfCandidates) : (BanditDesign.MostOfLists, BanditDesign.MostColumns);
        var numbers = (int)FeatureRules.NumbersOfVectors(content);
        var columns = numbers + content.AllFeatures.Count(f => f.Kind is FeatureKind.Number or FeatureKind.Boolean or FeatureKind.Category);
        return numbers > ListColumns.MostNumbers ? null // a fault of its own
            : numbers > mostOfLists ? RuleTexts.BanditOfVectors(numbers, mostOfLists)
            : columns > mostColumns ? RuleTexts.BanditOfMany(columns, mostColumns)
            : null;
    }
}
