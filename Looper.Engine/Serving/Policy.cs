using Looper.Core.Blueprints;
using Looper.Core.Numerics;

namespace Looper.Core.Serving;

/// <summary>An option and the exact probability with which this policy picks it here.</summary>
public readonly record struct Choice(int Option, double Propensity, Reason Reason);

/// <summary>
/// A policy compiled for one set of options. First the whole distribution p(·|x), then one draw from it: the propensity is
/// exact because it is the number that was drawn with.
/// </summary>
/// <remarks>
/// Without a model <c>best</c> answers the default. <c>epsilon-greedy</c> and <c>softmax</c> draw evenly instead: their author asked for
/// exploration, and the first model needs something to learn from. A draw that the predictions did not prefer is
/// <see cref="Reason.Explore"/>, as is every draw of <c>random</c>. <c>softmax</c> gives every option at least max(0.01/n, 0.001).
/// </remarks>
public sealed class Policy
{
    private enum Rule
    {
        Fixed,
        Random,
        Best,
        EpsilonGreedy,
        Softmax,
    }

    private readonly Rule _rule;
    private readonly int _options;
    private readonly int _default;
    private readonly int _fixed;
    private readonly double _parameter;
    private readonly double[] _weights;

    private Policy(PolicySpec spec, Rule rule, int options, int @default, int @fixed = -1, double parameter = 0, double[]? weights = null) =>
        (UsesScores, _rule, _options, _default, _fixed, _parameter, _weights) = (spec.UsesScores, rule, options, @default, @fixed, parameter, weights ?? []);

    /// <summary>Scores change what this policy does.</summary>
    public bool UsesScores { get; }

    /// <param name="options">Keys in the blueprint's order; at least one.</param>
    /// <param name="default">Index of the default option.</param>
    public static Answered<Policy> Compile(PolicySpec spec, IReadOnlyList<string> options, int @default)
    {
        switch (spec)
        {
            case FixedPolicy { Option: var key }:
                var index = options.ToList().IndexOf(key);
                return index >= 0 ? new Policy(spec, Rule.Fixed, options.Count, @default, index)
                    : new Refusal("policy.invalid", $"There is no option '{key}'. Name one of the decision point's options.", "policy.option");
            case RandomPolicy { Weights: { IsDefaultOrEmpty: false } weights }:
                if (weights.Length != options.Count)
                    return new Refusal("policy.invalid", $"{weights.Length} weights for {options.Count} options. Give one per option, or none.", "policy.weights");
                var total = weights.Sum();
                if (weights.Any(w => !(w >= 0)) || !double.IsFinite(total) || total <= 0)
                    return new Refusal("policy.invalid", "Weights must be finite, not negative, and not all zero.", "policy.weights");
                return new Policy(spec, Rule.Random, options.Count, @default, weights: [.. weights.Select(w => w / total)]);
            case RandomPolicy:
                return new Policy(spec, Rule.Random, options.Count, @default, weights: [.. Enumerable.Repeat(1.0 / options.Count, options.Count)]);
            case BestPolicy:
                return new Policy(spec, Rule.Best, options.Count, @default);
            case EpsilonGreedyPolicy { Epsilon: >= 0 and <= 1 } greedy:
                return new Policy(spec, Rule.EpsilonGreedy, options.Count, @default, parameter: greedy.Epsilon);
            case EpsilonGreedyPolicy:
                return new Refusal("policy.invalid", "Epsilon must lie in [0, 1].", "policy.epsilon");
            case SoftmaxPolicy { Temperature: > 0 and < double.PositiveInfinity } soft:
                return new Policy(spec, Rule.Softmax, options.Count, @default, parameter: soft.Temperature);
            case SoftmaxPolicy:
                return new Refusal("policy.invalid", "Temperature must be a finite number above 0.", "policy.temperature");
            default:
                return new Refusal("policy.invalid", $"'{spec.GetType().Name}' is not a policy this version can serve.", "policy.kind");
        }
    }

    /// <summary>Writes p(option | x) for every option; sums to 1.</summary>
    /// <param name="scores">One per option, higher is better; empty without a model.</param>
    /// <param name="probabilities">One per option, overwritten.</param>
    /// <returns>The option the policy prefers, or −1 where it prefers none.</returns>
    public int Distribute(ReadOnlySpan<double> scores, Span<double> probabilities)
    {
        probabilities.Clear();
        switch (_rule)
        {
            case Rule.Fixed:
                probabilities[_fixed] = 1;
                return _fixed;
            case Rule.Random:
                _weights.CopyTo(probabilities);
                return -1;
            case Rule.Best when scores.IsEmpty:
                probabilities[_default] = 1;
                return _default;
            case Rule.EpsilonGreedy or Rule.Softmax when scores.IsEmpty:
                probabilities.Fill(1.0 / _options);
                return -1;
            case Rule.Softmax:
                return Softmax(scores, probabilities);
            default:
                var best = Best(scores);
                probabilities.Fill(_parameter / _options);
                probabilities[best] += 1 - _parameter;
                return best;
        }
    }

    /// <summary>Draws one option.</summary>
    /// <param name="uniform">In [0, 1).</param>
    public Choice Choose(ReadOnlySpan<double> scores, double uniform, Span<double> probabilities)
    {
        var preferred = Distribute(scores, probabilities);
        var option = Assignment.Pick(uniform, probabilities);
        return new(option, probabilities[option], AnswersDefault(scores) ? Reason.DefaultNoModel : ReasonOf(option, preferred));
    }

    /// <summary>What it prefers rests on no prediction, though it should.</summary>
    internal bool AnswersDefault(ReadOnlySpan<double> scores) => _rule == Rule.Best && scores.IsEmpty;

    /// <summary>An option that the policy did not prefer was explored.</summary>
    internal static Reason ReasonOf(int option, int preferred) => option == preferred ? Reason.Policy : Reason.Explore;

    private int Softmax(ReadOnlySpan<double> scores, Span<double> probabilities)
    {
        var best = Best(scores);
        var sum = 0.0;
        for (var i = 0; i < scores.Length; i++) sum += probabilities[i] = Elementary.Exp((scores[i] - scores[best]) / _parameter);
        for (var i = 0; i < scores.Length; i++) probabilities[i] /= sum;
        Shares.Lift(probabilities, Math.Max(0.01 / scores.Length, 0.001));
        return best;
    }

    /// <summary>The highest; the first of equals.</summary>
    private static int Best(ReadOnlySpan<double> scores)
    {
        var best = 0;
        for (var i = 1; i < scores.Length; i++)
        {
            if (scores[i] > scores[best]) best = i;
        }
        return best;
    }
}
