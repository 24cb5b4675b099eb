using Looper.Core;
using Looper.Core.Blueprints;
using Looper.Core.Experiments;

namespace Looper.Web.Console.Experiments;

/// <summary>What a new experiment compares.</summary>
internal enum Comparing
{
    Baseline,
    Options,
    Random,
    Same,
}

/// <summary>The plan that a new experiment begins with.</summary>
internal static class FirstPlans
{
    /// <param name="content">Of the current blueprint, with its options written out.</param>
    public static Answered<ExperimentPlan> Of(Comparing compare, BlueprintContent content) => compare switch
    {
        Comparing.Options => EachOption(content),
        Comparing.Random => new ExperimentPlan { Arms = [new("random", 0.5) { Policy = new RandomPolicy() }, new("looper", 0.5) { Name = "What Looper decides" }] },
        Comparing.Same => new ExperimentPlan { Arms = [new("a", 0.5), new("a-again", 0.5)] },
        _ => ExperimentActions.DefaultPlan(content),
    };

    private static Answered<ExperimentPlan> EachOption(BlueprintContent content)
    {
        var (options, baseline) = (content.Options, content.Rollout.Baseline ?? content.Default);
        if (options.Length < 2) return new Refusal("experiment.no-options", "The current version has fewer than two options, so there are none to compare with each other. Choose another comparison.", "compare");
        return new ExperimentPlan { Arms = [.. options.OrderByDescending(o => o.Key == baseline).Select(o => new Arm(o.Key, 1.0 / options.Length) { Name = o.Name, Option = o.Key })] };
    }
}
