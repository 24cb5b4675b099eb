using Looper.Core.Blueprints;

namespace Looper.Core.Experiments;

/// <summary>Which conditions can be asked of tags and vectors, and of nothing else.</summary>
internal static class FilterRules
{
    /// <summary>What is wrong with a condition on this feature; null when nothing is.</summary>
    public static string? TagFault(ContextFilter condition, Feature feature)
    {
        var ofTags = condition.Rule is FilterRule.Contains or FilterRule.Lacks;
        if (feature.Kind == FeatureKind.Vector) return $"'{feature.Name}' is a vector, of which no condition can be read. Choose another feature.";
        if (feature.Kind == FeatureKind.Tags && !ofTags) return $"'{feature.Name}' is tags. Ask whether they contain one, or do not.";
        if (feature.Kind != FeatureKind.Tags && ofTags) return $"'{feature.Name}' is {Decisions.Words.Being(feature.Kind)}; only tags contain something.";
        return ofTags && string.IsNullOrEmpty(condition.Value) ? "it names no tag. Give one as your app sends it." : null;
    }
}
