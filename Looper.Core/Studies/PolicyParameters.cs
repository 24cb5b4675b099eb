using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Optimization;

namespace Looper.Core.Studies;

/// <summary>The numbers of a policy that a study can tune on live arms and logged decisions, and the policy with other numbers. Of a configuration these are
/// its parameters, words included.</summary>
public static class PolicyParameters
{
    /// <summary>Why a study cannot go on when the policy has other numbers by now.</summary>
    internal const string Gone = "The policy was changed since the study began, and no longer has the numbers it tunes. Go back to it, or stop the study.";

    /// <summary>Why it cannot when they have other values, or the rule or goal around them is another: arms before and after are held against different policies.</summary>
    internal const string Moved = "The policy, or the goal that it is judged by, was published otherwise since the study began, so trials would be held against another policy than the one it tunes. Go back to what it was, or stop the study and begin one from here.";

    internal const string Share = "share:";

    /// <summary>Least share of an option that is drawn: one of nothing cannot be published.</summary>
    internal const double LeastShare = 0.01;

    /// <summary>What a policy leaves to be tuned, with ranges to begin with; empty when it has no numbers.</summary>
    public static ImmutableArray<StudyParameter> Of(BlueprintContent stored) => Whole(stored) is var content ? content.Policy switch
    {
        EpsilonGreedyPolicy greedy => [new("epsilon") { Low = 0, High = Math.Max(0.5, greedy.Epsilon) }],
        TreePolicy tree => [.. RuleCuts.Of(tree.Root), new("explore") { Low = 0, High = Math.Max(0.5, tree.Explore) }],
        SoftmaxPolicy soft => [new("temperature") { Low = soft.Temperature / 100, High = soft.Temperature * 100, Log = true }],
        RandomPolicy when content.Shape.HasOptions() => [.. content.Options.Skip(1).Select(o => ShareOf(content, Share + o.Key))],
        _ when content.Shape == DecisionShape.Configuration => [.. content.Parameters.Select(p => new StudyParameter(p.Name, Kind(p)) { Low = p.Low, High = p.High, Log = p.Log, Values = p.Values })],
        _ => [],
    } : [];

    /// <summary>Constraints that belong to the parameters: shares sum to at most 1, the first option has the rest.</summary>
    public static ImmutableArray<ParameterConstraint> ConstraintsOf(BlueprintContent stored) =>
        Whole(stored) is { Policy: RandomPolicy } content && content.Shape.HasOptions() && content.Options.Length > 2
            ? [new(content.Options.Skip(1).ToImmutableSortedDictionary(o => Share + o.Key, _ => 1.0, StringComparer.Ordinal), Math.Max(1 - LeastShare, Present(content).Values.Sum(v => v.Number)))] : [];

    /// <summary>Values of the policy as it is.</summary>
    public static ImmutableSortedDictionary<string, ParameterValue> Present(BlueprintContent stored)
    {
        var content = Whole(stored);
        var values = ImmutableSortedDictionary.CreateBuilder<string, ParameterValue>(StringComparer.Ordinal);
        if (content.Policy is EpsilonGreedyPolicy greedy) values["epsilon"] = new(greedy.Epsilon);
        if (content.Policy is SoftmaxPolicy soft) values["temperature"] = new(soft.Temperature);
        if (content.Policy is TreePolicy tree)
        {
            foreach (var (name, cut) in RuleCuts.Values(tree.Root)) values[name] = new(cut);
            values["explore"] = new(tree.Explore);
        }
        if (content.Policy is RandomPolicy random && content.Shape.HasOptions())
        {
            var sum = random.Weights.IsDefaultOrEmpty ? content.Options.Length : random.Weights.Sum();
            for (var i = 1; i < content.Options.Length; i++) values[Share + content.Options[i].Key] = new((random.Weights.IsDefaultOrEmpty ? 1 : random.Weights[i]) / sum);
        }
        if (content.Shape == DecisionShape.Configuration && Configuration.Read((content.Policy as FixedPolicy)?.Option ?? content.Default) is { } present)
        {
            foreach (var (name, value) in present) values[name] = value.Word is { } word ? new(word) : new(value.Number);
        }
        return values.ToImmutable();
    }

    /// <summary>The policy with these values in place of its own; null when a name is none of its numbers.</summary>
    public static PolicySpec? With(BlueprintContent stored, ImmutableSortedDictionary<string, ParameterValue> values)
    {
        var content = Whole(stored);
        if (values.IsEmpty || values.Keys.Except(Of(content).Select(p => p.Name)).Any()) return null;
        if (content.Shape == DecisionShape.Configuration)
        {
            var all = Present(content).SetItems(values).ToDictionary(v => v.Key, v => v.Value.Category is { } word ? ConfigurationValue.Of(word) : new ConfigurationValue(v.Value.Number));
            return Configuration.Of(all, content.Parameters, out _) is { } configuration ? new FixedPolicy(configuration.Text) : null;
        }
        double Value(string name) => values.TryGetValue(name, out var v) ? v.Number : Present(content)[name].Number;
        switch (content.Policy)
        {
            case EpsilonGreedyPolicy: return Value("epsilon") is > 0 and var epsilon ? new EpsilonGreedyPolicy(epsilon) : new BestPolicy();
            case TreePolicy tree: return tree with { Root = RuleCuts.With(tree.Root, Value), Explore = Value("explore") };
            case SoftmaxPolicy: return new SoftmaxPolicy(Value("temperature"));
            case RandomPolicy:
                double[] shares = [.. content.Options.Skip(1).Select(o => Value(Share + o.Key))];
                double[] weights = [Math.Max(0, 1 - shares.Sum()), .. shares];
                return weights.Count(w => w > 0) == 1 ? new FixedPolicy(content.Options[Array.FindIndex(weights, w => w > 0)].Key) : new RandomPolicy { Weights = [.. weights] };
            default: return null;
        }
    }

    // as far as the present share where that lies further out
    private static StudyParameter ShareOf(BlueprintContent content, string name)
    {
        var present = Present(content)[name].Number;
        return new(name) { Low = Math.Min(LeastShare, present), High = Math.Max(1 - LeastShare, present) };
    }

    // A yes-or-no blueprint is stored without its two options.
    private static BlueprintContent Whole(BlueprintContent stored) => BlueprintJson.WithOptions(stored);

    private static ParameterKind Kind(ConfigurationParameter parameter) => parameter.Kind switch
    {
        ConfigurationKind.Category => ParameterKind.Category,
        ConfigurationKind.Whole => ParameterKind.Whole,
        _ => ParameterKind.Real,
    };
}
