using Looper.Core.Blueprints;

namespace Looper.Core.Decisions;

/// <summary>Rules about features that look back on what was reported for the unit.</summary>
internal static class HistoryRules
{
    public const int MaxHistories = 32;

    /// <param name="i">Place of the feature in its list.</param>
    public static void Check(string list, Feature feature, int i, BlueprintContent content, List<Refusal> faults)
    {
        if (feature.Derived is not HistoryDerivation history) return;
        void Fault(string field, string what) => faults.Add(RuleTexts.Derived($"{list}[{i}].derived.{field}", feature.Name, what));
        if (list != "features") Fault("kind", "a history belongs to the unit, not to a candidate. Put it among the features of the context.");
        if (history.Of.Length == 0) Fault("of", "it does not say of which outcome. Name one that the decision point measures.");
        else if (content.Outcomes.All(o => o.Name != history.Of)) Fault("of", $"`{BlueprintRules.Shown(history.Of)}` is no outcome of this decision point. Name one that it measures, or add it.");
        if (!Enum.IsDefined(history.Aggregate)) Fault("aggregate", "it is not known. Use `count`, `sum`, `mean` or `recency`.");
        if (history.Window < HistoryDerivation.ShortestWindow || history.Window > HistoryDerivation.LongestWindow) Fault("window", $"{Words.Of(history.Window)} is too short or too long. Give 1 minute to 180 days, such as `7d`.");
        if (content.Features.Take(i + 1).Count(f => f.Derived is HistoryDerivation) is var count && count == MaxHistories + 1) Fault("kind", $"there are more than {MaxHistories} that look back, and each is looked for in every decision. Keep the ones that help.");
    }
}
