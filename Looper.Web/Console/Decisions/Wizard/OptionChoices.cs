using Looper.Core.Blueprints;

namespace Looper.Web.Console.Decisions.Wizard;

/// <summary>The options of any shape as an editor offers them, and what follows when one is renamed or the shape changes.</summary>
internal static class OptionChoices
{
    private const string Threshold = """{"threshold":0.5}""";

    public static IReadOnlyList<string> Of(BlueprintContent content) => content.Shape switch
    {
        DecisionShape.Binary => ["false", "true"],
        DecisionShape.Choice => [.. content.Options.Select(o => o.Key)],
        var shape when shape.TakesCandidates() => [DecisionShapes.AsSent],
        _ => [],
    };

    public static string Named(BlueprintContent content, string key) => content.Shape == DecisionShape.Binary
        ? (key == "true" ? "yes (true)" : "no (false)")
        : content.Shape == DecisionShape.Ranking ? "the candidates in the order sent"
        : content.Shape.TakesCandidates() ? "the first candidate sent"
        : content.Options.FirstOrDefault(o => o.Key == key)?.Name is { } name ? $"{name} ({key})" : key;

    /// <summary>Whatever named the option goes on naming it.</summary>
    /// <param name="rows">Knows whose a key is that two options have.</param>
    public static BlueprintContent Renamed(BlueprintContent content, RowNames rows, int i, string key)
    {
        var renamed = content with { Options = content.Options.SetItem(i, content.Options[i] with { Key = key }) };
        foreach (var (from, to) in rows.Rename(Keys(content), i, key))
        {
            renamed = renamed with
            {
                Default = renamed.Default == from ? to : renamed.Default,
                Rollout = renamed.Rollout.Baseline == from ? renamed.Rollout with { Baseline = to } : renamed.Rollout,
                Policy = renamed.Policy is FixedPolicy policy && policy.Option == from ? new FixedPolicy(to) : renamed.Policy,
            };
        }
        return renamed;
    }

    public static BlueprintContent Removed(BlueprintContent content, RowNames rows, int i)
    {
        rows.Remove(Keys(content), i);
        return content with { Options = content.Options.RemoveAt(i) };
    }

    private static string[] Keys(BlueprintContent content) => [.. content.Options.Select(o => o.Key)];

    public static BlueprintContent Reshaped(BlueprintContent content, DecisionShape shape)
    {
        if (content.Shape == shape) return content;
        var value = shape == DecisionShape.Value;
        return content with
        {
            Shape = shape,
            Options = shape == DecisionShape.Choice ? [new("variant-a"), new("variant-b")] : [],
            Default = shape switch { DecisionShape.Binary => "false", DecisionShape.Choice => "variant-a", DecisionShape.Value => "0", DecisionShape.Configuration => Threshold, _ => DecisionShapes.AsSent },
            Parameters = shape == DecisionShape.Configuration ? [new("threshold")] : [],
            CandidateFeatures = shape.TakesCandidates() ? content.CandidateFeatures : [],
            Positions = shape == DecisionShape.Ranking ? 10 : null,
            Range = null,
            Rollout = content.Rollout with { Baseline = null },
            Policy = shape == DecisionShape.Configuration ? new FixedPolicy(Threshold) : value ? new BestPolicy() : new EpsilonGreedyPolicy(0.1),
            Training = shape == DecisionShape.Configuration ? content.Training with { FirstModelAt = 0 } : content.Training,
            Goal = value ? content.Goal with { Terms = [.. content.Goal.Terms.Take(1)] } : content.Goal,
        };
    }
}
