using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Serving;

namespace Looper.Core.Decisions;

/// <summary>Rules about what is sent.</summary>
internal static class FeatureRules
{
    private const int MaxDepth = 3;

    public static void Check(BlueprintContent content, List<Refusal> faults)
    {
        Check("features", content.Features, content, BlueprintRules.MaxFeatures, faults);
        Check("candidateFeatures", content.CandidateFeatures, content, BlueprintRules.MaxCandidateFeatures, faults);
        var numbers = NumbersOfVectors(content);
        if (numbers > ListColumns.MostNumbers) faults.Add(RuleTexts.TooManyNumbers("features", (int)numbers));
        if (!content.Shape.TakesCandidates() && !content.CandidateFeatures.IsEmpty) faults.Add(RuleTexts.CandidateFeaturesWithoutCandidates());
        var ofContext = content.Features.Select(f => f.Name).ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < content.CandidateFeatures.Length; i++)
            if (content.CandidateFeatures[i].Name is { } name && ofContext.Contains(name)) faults.Add(RuleTexts.FeatureOfBoth(i, name));
    }

    private static void Check(string list, ImmutableArray<Feature> features, BlueprintContent content, int most, List<Refusal> faults)
    {
        if (features.Length > most) faults.Add(RuleTexts.TooManyFeatures(list, features.Length, most));
        var names = features.Select(f => f.Name).Where(n => n is not null).ToHashSet(StringComparer.Ordinal);
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (var i = 0; i < features.Length; i++)
        {
            var feature = features[i];
            if (!IsName(feature.Name))
            {
                faults.Add(RuleTexts.FeatureName(list, i));
                continue;
            }
            if (!BlueprintRules.IsPlain(feature.Name)) faults.Add(RuleTexts.InvisibleCharacters($"{list}[{i}].name", BlueprintRules.Shown(feature.Name)));
            if (!seen.Add(feature.Name)) faults.Add(RuleTexts.FeatureTwice(list, i, feature.Name));
            if (Group(feature.Name, names) is { } group) faults.Add(RuleTexts.FeatureInside(list, i, feature.Name, group));
            if (feature.Name.Contains('[')) faults.Add(RuleTexts.FeatureBracket(list, i, feature.Name));
            if (feature.Kind == FeatureKind.Vector && feature.Dimension is not (>= 1 and <= Feature.MostDimensions)) faults.Add(RuleTexts.Dimension(list, i, feature.Name));
            if (feature.Kind != FeatureKind.Vector && feature.Dimension is not null) faults.Add(RuleTexts.NoDimension(list, i, feature.Name));
            if (!Enum.IsDefined(feature.Kind)) faults.Add(RuleTexts.FeatureKind(list, i, feature.Name));
            DerivationRules.Check(list, features, i, faults);
            HistoryRules.Check(list, feature, i, content, faults);
            if (feature.CostPerThousand is { } cost && !(cost >= 0 && double.IsFinite(cost))) faults.Add(RuleTexts.FeatureCost(list, i, feature.Name));
            if (feature.Description?.Length > BlueprintRules.MaxDescription) faults.Add(RuleTexts.FeatureDescription(list, i, feature.Name));
        }
    }

    /// <summary>The numbers of all vectors together.</summary>
    public static long NumbersOfVectors(BlueprintContent content) => content.AllFeatures.Sum(f => f.Kind == FeatureKind.Vector ? (long)Math.Clamp(f.Dimension ?? 0, 0, Feature.MostDimensions) : 0);

    private static bool IsName(string? name) => name is { Length: >= 1 and <= 100 } && name[0] != '@'
        && name.Split('.') is { Length: <= MaxDepth } parts && parts.All(p => p.Trim().Length > 0);

    private static string? Group(string name, HashSet<string> names)
    {
        for (var dot = name.IndexOf('.'); dot > 0; dot = name.IndexOf('.', dot + 1))
            if (names.Contains(name[..dot])) return name[..dot];
        return null;
    }
}
