using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Learning;
using Looper.Core.Serving;

namespace Looper.Core.Models;

/// <summary>Feature selection as a training plan asks for it: the option, the place shown at and pinned features stay, cost is what the blueprint says.</summary>
internal static class Selecting
{
    /// <summary>The newest rows that a selection looks at, at most: it fits once per feature.</summary>
    public const int MostRows = 50_000;

    /// <summary>What a thousand values of a feature with no stated cost count as, so that it is neither free nor dear.</summary>
    private const double UnstatedCost = 0.01;

    /// <param name="data">At most <see cref="MostRows"/>, in time order.</param>
    public static SelectedFeatures Run(BlueprintContent blueprint, DataSet data, LearnerSettings settings, long seed, CancellationToken cancel)
    {
        var plan = blueprint.Training.Selection;
        var stated = blueprint.AllFeatures.ToDictionary(f => f.Name, f => f.CostPerThousand ?? 0);
        string[] features = [.. data.Columns.Select(c => Column.FeatureOf(c.Name))];
        var columns = features.CountBy(f => f).ToDictionary();
        double[] costs = [.. features.Select(f => Math.Max(UnstatedCost, stated.GetValueOrDefault(f)) / columns[f])];
        var pinned = plan.Pinned.Concat([ModelEncoder.OptionColumn, BlueprintContent.PositionFeature]).ToHashSet(StringComparer.Ordinal);
        Selection found;
        try
        {
            found = FeatureSelection.Run(data, costs, pinned, settings, plan.Tolerance, seed, cancel);
        }
        catch (UnlearnableException unlearnable) // it learns from the oldest rows alone, where all outcomes may have been alike
        {
            return new([.. features.Distinct().Where(f => f is not (ModelEncoder.OptionColumn or BlueprintContent.PositionFeature))], [], 0,
                [new(null, double.NaN, stated.Values.Sum(), $"All features stay: of the oldest examples, which a selection learns from, nothing can be learned. {unlearnable.Refusal.Reason}")]);
        }
        ImmutableArray<string> dropped = [.. features.Except(found.Kept)];
        var left = new HashSet<string>();
        var steps = ImmutableArray.CreateBuilder<SelectedStep>();
        foreach (var step in found.Steps)
        {
            if (step.Dropped is { } name) left.Add(name);
            steps.Add(new(step.Dropped, step.Loss, Cost(blueprint, left), step.Why));
        }
        return new([.. found.Kept.Where(k => k is not (ModelEncoder.OptionColumn or BlueprintContent.PositionFeature))], dropped, Cost(blueprint, []) - Cost(blueprint, [.. dropped]), steps.ToImmutable());
    }

    // A derived feature stands behind what it takes: read backwards, all that is needed is known before it is met.
    private static double Cost(BlueprintContent blueprint, HashSet<string> dropped)
    {
        var (cost, taken) = (0.0, new HashSet<string>());
        foreach (var feature in blueprint.AllFeatures.Reverse())
        {
            if (dropped.Contains(feature.Name) && !taken.Contains(feature.Name)) continue;
            cost += feature.CostPerThousand ?? 0;
            taken.UnionWith(feature.Derived?.Takes ?? []);
        }
        return cost;
    }
}
