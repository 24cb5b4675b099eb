using System.Collections.Immutable;
using Looper.Core.Blueprints;

namespace Looper.Core.Decisions;

/// <summary>Rules about what is sent.</summary>
internal static class FeatureRules
{
    private const int MaxDepth = 3;

    public static void Check(ImmutableArray<Feature> features, List<Refusal> faults)
    {
        if (features.Length > BlueprintRules.MaxFeatures) faults.Add(RuleTexts.TooManyFeatures(features.Length));
        var names = features.Select(f => f.Name).Where(n => n is not null).ToHashSet(StringComparer.Ordinal);
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (var i = 0; i < features.Length; i++)
        {
            var feature = features[i];
            if (!IsName(feature.Name))
            {
                faults.Add(RuleTexts.FeatureName(i));
                continue;
            }
            if (!BlueprintRules.IsPlain(feature.Name)) faults.Add(RuleTexts.InvisibleCharacters($"features[{i}].name", BlueprintRules.Shown(feature.Name)));
            if (!seen.Add(feature.Name)) faults.Add(RuleTexts.FeatureTwice(i, feature.Name));
            if (Group(feature.Name, names) is { } group) faults.Add(RuleTexts.FeatureInside(i, feature.Name, group));
            if (!Enum.IsDefined(feature.Kind)) faults.Add(RuleTexts.FeatureKind(i, feature.Name));
            if (feature.CostPerThousand is { } cost && !(cost >= 0 && double.IsFinite(cost))) faults.Add(RuleTexts.FeatureCost(i, feature.Name));
            if (feature.Description?.Length > BlueprintRules.MaxDescription) faults.Add(RuleTexts.FeatureDescription(i, feature.Name));
        }
    }

    private static bool IsName(string? name) => name is { Length: >= 1 and <= 100 } && name[0] != '@'
        && name.Split('.') is { Length: <= MaxDepth } parts && parts.All(p => p.Trim().Length > 0);

    private static string? Group(string name, HashSet<string> names)
    {
        for (var dot = name.IndexOf('.'); dot > 0; dot = name.IndexOf('.', dot + 1))
            if (names.Contains(name[..dot])) return name[..dot];
        return null;
    }
}
