using Looper.Core.Blueprints;
using Looper.Core.Numerics;
using Looper.Core.Serving.Candidates;

namespace Looper.Core.Tests.Serving.Candidates;

public sealed class CandidatePolicyTests
{
    public static TheoryData<PolicySpec> Drawn => [new SoftmaxPolicy(0.05), new SoftmaxPolicy(1e-6), new EpsilonGreedyPolicy(0.1), new EpsilonGreedyPolicy(0.001)];

    [Theory, MemberData(nameof(Drawn))]
    public void Shares_sum_to_one_keep_the_order_and_respect_the_floor(PolicySpec spec)
    {
        var policy = CandidatePolicy.Compile(spec).Value!;
        var random = new Philox(3, "scores");
        foreach (var n in new[] { 1, 2, 3, 5, 19, 20, 21, 22, 100, 500 })
        {
            double[] scores = [.. Enumerable.Range(0, n).Select(_ => random.Uniform())], shares = new double[n];
            int[] order = [.. Enumerable.Range(0, n).OrderByDescending(i => scores[i])];
            policy.Distribute(order, scores, shares);
            Assert.Equal(1, shares.Sum(), 1e-12);
            var head = Math.Min(n, CandidatePolicy.HeadSize);
            for (var i = 0; i < head; i++)
            {
                Assert.True(shares[i] >= Math.Max(0.01 / head, 0.001) - 1e-15, $"{n}: place {i} has {shares[i]}");
                if (i > 0) Assert.True(shares[i] <= shares[i - 1] + 1e-15, $"{n}: {i} is above {i - 1}");
            }
            for (var i = head; i < n; i++) Assert.Equal(0.01 / (n - head), shares[i], 1e-15);
        }
    }

    [Fact] // e^(0.1/0.05) = 7.389…, both far above the floor
    public void Softmax_shares_are_in_proportion_to_the_exponential()
    {
        var shares = new double[2];
        CandidatePolicy.Compile(new SoftmaxPolicy(0.05)).Value!.Distribute([1, 0], [0.2, 0.3], shares);
        Assert.Equal(Math.Exp(2), shares[0] / shares[1], 1e-12);
    }

    [Fact] // 0.9 + 0.1/4 for the best, 0.1/4 for the others
    public void Epsilon_is_spread_evenly()
    {
        var shares = new double[4];
        CandidatePolicy.Compile(new EpsilonGreedyPolicy(0.1)).Value!.Distribute([3, 2, 1, 0], [0.1, 0.2, 0.3, 0.4], shares);
        Assert.Equal([0.925, 0.025, 0.025, 0.025], shares.Select(s => Math.Round(s, 12)));
    }

    [Fact]
    public void Candidates_with_equal_scores_keep_the_order_they_were_sent_in()
    {
        var workspace = new Looper.Core.Serving.DecisionWorkspace();
        var set = workspace.Candidates;
        for (var i = 0; i < 200; i++) set.Add([(byte)i], []);
        for (var i = 0; i < 200; i++) set.ScoreBuffer[i] = i % 4;
        set.HasScores = true;
        var order = new int[200];
        CandidatePolicy.Compile(new BestPolicy()).Value!.Prefer(set, order);
        Assert.Equal(Enumerable.Range(0, 200).OrderByDescending(i => i % 4).ThenBy(i => i), order);
    }

    public static TheoryData<PolicySpec, string> Poison => new()
    {
        { new FixedPolicy("a"), "policy.kind" },
        { new RandomPolicy { Weights = [1, 2] }, "policy.weights" },
        { new EpsilonGreedyPolicy(1.5), "policy.epsilon" },
        { new SoftmaxPolicy(0), "policy.temperature" },
        { new SoftmaxPolicy(double.NaN), "policy.temperature" },
        { new SoftmaxPolicy(double.PositiveInfinity), "policy.temperature" },
    };

    [Theory, MemberData(nameof(Poison))]
    public void R8_a_policy_that_makes_no_sense_is_refused_with_its_field(PolicySpec spec, string field) =>
        Assert.Equal(field, CandidatePolicy.Compile(spec).Refusal?.Field);
}
