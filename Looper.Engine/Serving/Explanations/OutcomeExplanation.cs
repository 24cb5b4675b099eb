using System.Collections.Immutable;
using Looper.Core.Learning;

namespace Looper.Core.Serving.Explanations;

/// <summary>What moved the prediction of one outcome for the answer that was given.</summary>
/// <param name="Weight">The prediction's factor in the goal: the goal's weight, negative where lower is better; 1 for <c>value</c>.</param>
/// <param name="Contributions">The largest first; what did not move the score is left out.</param>
public sealed record OutcomeExplanation(string Outcome, int ModelNumber, double Weight, Margin Margin, ImmutableArray<FeatureContribution> Contributions)
{
    internal static OutcomeExplanation Of(string outcome, int model, double weight, Margin margin, ImmutableArray<Column> columns, double[] contributions) => new(
        outcome, model, weight, margin,
        [
            .. columns.Select((column, j) => (Feature: Column.FeatureOf(column.Name), Value: contributions[j])).GroupBy(c => c.Feature)
                .Select(f => new FeatureContribution(f.Key, f.Sum(c => c.Value))).Where(c => c.Value != 0)
                .OrderByDescending(c => Math.Abs(c.Value)).ThenBy(c => c.Feature, StringComparer.Ordinal),
        ]);
}

/// <param name="Feature">Name, or <see cref="ModelEncoder.OptionColumn"/> for the option answered, or
/// <see cref="Blueprints.BlueprintContent.PositionFeature"/> for the place that all candidates of a ranking are compared at.</param>
/// <param name="Value">On the margin's scale.</param>
public readonly record struct FeatureContribution(string Feature, double Value);
