using System.Collections.Immutable;
using Looper.Core.Blueprints;

namespace Looper.Core.Studies;

/// <summary>The thresholds of an if/else rule as parameters: one a condition on a number, named after its feature, the second on the same feature
/// <c>cut:feature:2</c>, in the order in which the rule reads them.</summary>
internal static class RuleCuts
{
    /// <summary>With ranges to begin with: as far below and above as the threshold is from 0, at least 1.</summary>
    public static ImmutableArray<StudyParameter> Of(RuleNode root) => [.. Values(root).Select(v =>
    {
        var reach = Math.Max(1, Math.Abs(v.Cut));
        return new StudyParameter(v.Name) { Low = v.Cut - reach, High = v.Cut + reach };
    })];

    public static ImmutableArray<(string Name, double Cut)> Values(RuleNode root)
    {
        var cuts = ImmutableArray.CreateBuilder<(string, double)>();
        With(root, (name, cut) =>
        {
            cuts.Add((name, cut));
            return cut;
        }, new(StringComparer.Ordinal));
        return cuts.ToImmutable();
    }

    /// <summary>The rule with other thresholds.</summary>
    public static RuleNode With(RuleNode root, Func<string, double> value) => With(root, (name, _) => value(name), new(StringComparer.Ordinal));

    private static RuleNode With(RuleNode node, Func<string, double, double> value, Dictionary<string, int> seen)
    {
        if (node is { AtMost: { } cut, Feature: { } feature })
        {
            var nth = seen[feature] = seen.GetValueOrDefault(feature) + 1;
            node = node with { AtMost = value(nth == 1 ? $"cut:{feature}" : $"cut:{feature}:{nth}", cut) };
        }
        return node with { Then = node.Then is { } then ? With(then, value, seen) : null, Else = node.Else is { } otherwise ? With(otherwise, value, seen) : null };
    }
}
