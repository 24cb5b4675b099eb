using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Serving;

namespace Looper.Core.Tests.Serving;

public sealed class PolicyTests
{
    private static readonly string[] Options = ["a", "b", "c"];

    public static TheoryData<string, PolicySpec, double[]> Policies => new()
    {
        { "fixed", new FixedPolicy("b"), [] },
        { "random", new RandomPolicy(), [] },
        { "weights", new RandomPolicy { Weights = [0.2, 0.5, 1.3] }, [] },
        { "best", new BestPolicy(), [0.1, 0.7, 0.3] },
        { "best without a model", new BestPolicy(), [] },
        { "greedy", new EpsilonGreedyPolicy(0.1), [0.1, 0.2, 0.3] },
        { "greedy without a model", new EpsilonGreedyPolicy(0.1), [] },
        { "ties", new EpsilonGreedyPolicy(0.3), [0.5, 0.5, 0.5] },
    };

    [Theory, MemberData(nameof(Policies))]
    public void Propensities_sum_to_one_and_are_those_drawn_with(string name, PolicySpec spec, double[] scores)
    {
        var policy = Compile(spec);
        Span<double> probabilities = stackalloc double[3];
        policy.Distribute(scores, probabilities);
        Assert.Equal(1, probabilities[0] + probabilities[1] + probabilities[2], 1e-12);
        const int n = 100_000;
        var counts = new int[3];
        for (var i = 0; i < n; i++)
        {
            var choice = policy.Choose(scores, Assignment.Uniform(11, $"{name}-{i}"), probabilities);
            Assert.Equal(probabilities[choice.Option], choice.Propensity);
            counts[choice.Option]++;
        }
        for (var option = 0; option < 3; option++) // each share within 4 standard errors; exact where p is 0 or 1
            Assert.Equal(probabilities[option], counts[option] / (double)n, 1e-12 + 4 * Math.Sqrt(probabilities[option] * (1 - probabilities[option]) / n));
    }

    [Fact] // 1 − ε + ε/n and ε/n
    public void Epsilon_greedy_prefers_the_best_and_explores_evenly()
    {
        Span<double> p = stackalloc double[3];
        Assert.Equal(2, Compile(new EpsilonGreedyPolicy(0.3)).Distribute([1, 2, 3], p));
        Assert.Equal(0.1, p[0], 1e-15);
        Assert.Equal(0.1, p[1], 1e-15);
        Assert.Equal(0.8, p[2], 1e-15);
    }

    [Fact]
    public void Reasons_say_whether_the_draw_was_preferred()
    {
        Span<double> p = stackalloc double[3];
        Assert.Equal(Reason.Explore, Compile(new EpsilonGreedyPolicy(0.3)).Choose([1, 2, 3], 0.05, p).Reason);
        Assert.Equal(Reason.Policy, Compile(new EpsilonGreedyPolicy(0.3)).Choose([1, 2, 3], 0.95, p).Reason);
        Assert.Equal(Reason.Explore, Compile(new EpsilonGreedyPolicy(0.3)).Choose([], 0.95, p).Reason);
        Assert.Equal(Reason.DefaultNoModel, Compile(new BestPolicy()).Choose([], 0.5, p).Reason);
        Assert.Equal(Reason.Explore, Compile(new RandomPolicy()).Choose([], 0.5, p).Reason);
        Assert.Equal(Reason.Policy, Compile(new FixedPolicy("c")).Choose([], 0.5, p).Reason);
    }

    public static TheoryData<PolicySpec, string> Poison => new()
    {
        { new FixedPolicy("nowhere"), "policy.option" },
        { new RandomPolicy { Weights = [1, 1] }, "policy.weights" },
        { new RandomPolicy { Weights = [0, 0, 0] }, "policy.weights" },
        { new RandomPolicy { Weights = [1, double.NaN, 1] }, "policy.weights" },
        { new RandomPolicy { Weights = [1, double.PositiveInfinity, 1] }, "policy.weights" },
        { new RandomPolicy { Weights = [2, -1, 1] }, "policy.weights" },
        { new EpsilonGreedyPolicy(1.1), "policy.epsilon" },
        { new EpsilonGreedyPolicy(double.NaN), "policy.epsilon" },
    };

    [Theory, MemberData(nameof(Poison))]
    public void R8_a_policy_that_makes_no_sense_is_refused_with_its_field(PolicySpec spec, string field) =>
        Assert.Equal(field, Policy.Compile(spec, Options, 0).Refusal?.Field);

    private static Policy Compile(PolicySpec spec) => Policy.Compile(spec, Options, @default: 0).Value!;
}
