using System.Globalization;
using Looper.Core.Blueprints;

namespace Looper.Core.Experiments;

/// <summary>What audience, layer and ramp must keep. Pure: all faults, each with field, reason and fix.</summary>
internal static class DesignRules
{
    public const int MaxConditions = 10, MaxSteps = 10, MaxTesters = 200, MaxUnit = 256;
    private const double MaxHours = 90 * 24;

    public static void Check(ExperimentPlan plan, BlueprintContent blueprint, Action<string, string> fault)
    {
        if (plan.Audience.Length > MaxConditions) fault("audience", $"{plan.Audience.Length} conditions are more than {MaxConditions}. Keep fewer.");
        for (var i = 0; i < plan.Audience.Length; i++) CheckCondition(plan.Audience[i], $"audience[{i}]", blueprint, fault);
        if (plan.Layer is { } layer && (string.IsNullOrWhiteSpace(layer) || layer.Length > 64 || layer.Any(char.IsControl)))
            fault("layer", "give 1 to 64 characters, for example checkout, or leave it out.");
        if (plan.Ramp.Length > MaxSteps) fault("ramp", $"{plan.Ramp.Length} steps are more than {MaxSteps}. Take larger ones.");
        for (var i = 0; i < plan.Ramp.Length; i++)
        {
            if (plan.Ramp[i] is not { } step)
            {
                fault($"ramp[{i}]", "it is empty. Give share and hours.");
                continue;
            }
            var before = i == 0 ? 0 : plan.Ramp[i - 1]?.Share ?? 0;
            if (!(step.Share > before && step.Share < plan.Traffic))
                fault($"ramp[{i}].share", $"{Percent(step.Share)} does not lie between {Percent(before)} and the planned traffic of {Percent(plan.Traffic)}. Let the shares rise step by step.");
            if (!(step.Hours > 0 && step.Hours <= MaxHours)) fault($"ramp[{i}].hours", "give the hours it lasts at least, above 0 and up to 90 days.");
        }
    }

    /// <summary>Null when every tester names a unit once and an arm that is there.</summary>
    public static Refusal? CheckTesters(IReadOnlyList<Tester> testers, ExperimentPlan plan)
    {
        if (testers.Count > MaxTesters) return new("experiment.invalid", $"Testers: {testers.Count} are more than {MaxTesters}. Keep those who try it out.", "testers");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < testers.Count; i++)
        {
            if (testers[i] is not { } tester) return new("experiment.invalid", $"Tester {i + 1}: it is empty. Give unit and arm.", $"testers[{i}]");
            var (unit, arm) = tester;
            if (string.IsNullOrWhiteSpace(unit) || unit.Length > MaxUnit) return new("experiment.invalid", $"Tester {i + 1}: give the unit's id as your app sends it, up to {MaxUnit} characters.", $"testers[{i}].unit");
            if (!seen.Add(unit)) return new("experiment.invalid", $"Tester {i + 1}: unit '{unit}' stands there twice. Keep one.", $"testers[{i}].unit");
            if (arm is null || plan.ArmIndex(arm) < 0) return new("experiment.invalid", $"Tester {i + 1}: there is no arm '{arm}'. Choose one of {string.Join(", ", plan.Arms.Select(a => a.Key))}.", $"testers[{i}].arm");
        }
        return null;
    }

    private static void CheckCondition(ContextFilter? condition, string at, BlueprintContent blueprint, Action<string, string> fault)
    {
        if (condition is null)
        {
            fault(at, "it is empty. Give feature, rule and value.");
            return;
        }

        var feature = blueprint.Features.FirstOrDefault(f => f.Name == condition.Feature);
        var isNumber = double.TryParse(condition.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number);
        if (feature is null) fault($"{at}.feature", $"'{condition.Feature}' is not a feature of this blueprint.");
        else if (feature.Kind == FeatureKind.Time) fault($"{at}.feature", $"'{condition.Feature}' is a time. Ask for a part of it, derived as a feature of its own.");
        else if (FilterRules.TagFault(condition, feature) is { } unfit) fault($"{at}.rule", unfit);
        else if (condition.Rule is FilterRule.AtLeast or FilterRule.Below && (feature.Kind != FeatureKind.Number || !isNumber))
            fault($"{at}.value", $"“at least” and “below” take a number feature and a number, not '{condition.Feature}' and '{condition.Value}'.");
        else if (feature.Kind == FeatureKind.Boolean && condition.Value is not ("yes" or "no")) fault($"{at}.value", $"'{condition.Feature}' is yes or no.");
        else if (feature.Kind == FeatureKind.Number && !isNumber) fault($"{at}.value", $"'{condition.Value}' is not a number.");
        else if (string.IsNullOrEmpty(condition.Value)) fault($"{at}.value", "it is empty. Give the category.");
    }

    private static string Percent(double share) => (100 * share).ToString("0.###", CultureInfo.InvariantCulture) + "%";
}
