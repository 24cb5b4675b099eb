using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Looper.Core.Blueprints;

/// <summary>The rule from predictions to a decision, as written in a blueprint or an arm. Compiled by <c>Serving</c>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(FixedPolicy), "fixed")]
[JsonDerivedType(typeof(RandomPolicy), "random")]
[JsonDerivedType(typeof(BestPolicy), "best")]
[JsonDerivedType(typeof(EpsilonGreedyPolicy), "epsilon-greedy")]
[JsonDerivedType(typeof(SoftmaxPolicy), "softmax")]
[JsonDerivedType(typeof(AsSentPolicy), "as-sent")]
[JsonDerivedType(typeof(TreePolicy), "tree")]
[JsonDerivedType(typeof(BanditPolicy), "bandit")]
public abstract record PolicySpec
{
    /// <summary>Its kind, as blueprints write it.</summary>
    [JsonIgnore]
    public string Word => this switch
    {
        FixedPolicy => "fixed",
        RandomPolicy => "random",
        BestPolicy => "best",
        EpsilonGreedyPolicy => "epsilon-greedy",
        SoftmaxPolicy => "softmax",
        AsSentPolicy => "as-sent",
        TreePolicy => "tree",
        BanditPolicy => "bandit",
        _ => "unknown",
    };

    /// <summary>What a model predicts changes what it does: without one it waits for it.</summary>
    [JsonIgnore]
    public bool UsesScores => this is BestPolicy or EpsilonGreedyPolicy or SoftmaxPolicy;
}

/// <summary>Always the same option.</summary>
public sealed record FixedPolicy(string Option) : PolicySpec;

/// <summary>A random option per decision; equal weights when none are given, else one weight per option, in the options' order.</summary>
public sealed record RandomPolicy : PolicySpec
{
    public ImmutableArray<double> Weights { get; init; } = [];
}

/// <summary>The option with the highest predicted goal; for <c>value</c> the predicted number itself.</summary>
public sealed record BestPolicy : PolicySpec;

/// <summary>The best option with probability 1 − ε + ε/n, every other with ε/n.</summary>
public sealed record EpsilonGreedyPolicy(double Epsilon) : PolicySpec;

/// <summary>Every candidate in proportion to exp(predicted goal / temperature): near the best it draws often, far below seldom.</summary>
/// <param name="Temperature">Above 0, in the unit of the goal: a difference of this much makes a candidate e times as likely.</param>
public sealed record SoftmaxPolicy(double Temperature) : PolicySpec;

/// <summary>An if/else rule over the features: no model decides. The rule's option with probability 1 − ε + ε/n, every other with ε/n.</summary>
/// <param name="Root">The first condition.</param>
public sealed record TreePolicy(RuleNode Root) : PolicySpec
{
    /// <summary>Share of decisions drawn evenly, in [0, 1].</summary>
    public double Explore { get; init; }

    /// <summary>The decisions that the rule was made from: they flatter it, so its value on them is not what new ones would bring. Also those by which a study chose its numbers. Null where a person wrote it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LearnedSpan? MadeFrom { get; init; }
}

/// <summary>When the decisions were made that something was learned from.</summary>
public sealed record LearnedSpan(DateTimeOffset From, DateTimeOffset Until);

/// <summary>Learns from its own decisions, minute by minute, which option is best for whom: no model decides. Until it has learned something every option
/// is drawn alike.</summary>
public sealed record BanditPolicy : PolicySpec
{
    /// <summary>linucb, squarecb, thompson, thompson-beta, bootstrapped-trees, epsilon-greedy or softmax.</summary>
    public string Algorithm { get; init; } = "linucb";

    /// <summary>Share of decisions drawn evenly whatever has been learned, in [0, 1]: what reports and other policies are judged with.</summary>
    public double Explore { get; init; } = 0.02;

    /// <summary>Exploration budget: most of the decisions of any context, as a share, that may go to other options than the one believed to be best there. Null
    /// leaves it to the algorithm. With one, the default is given while nothing is known.</summary>
    public double? Budget { get; init; }
}

/// <summary>The candidates in the order they were sent.</summary>
public sealed record AsSentPolicy : PolicySpec;
