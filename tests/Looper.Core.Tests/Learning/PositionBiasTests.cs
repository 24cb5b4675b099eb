using Looper.Core.Learning;
using Looper.Core.Learning.Ranking;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Learning;

public class PositionBiasTests
{
    private const int Depth = 10;
    private static readonly LearnerSettings s_relevance = new() { Rounds = 15, Leaves = 8, LearningRate = 0.4, FeatureFraction = 1, Threads = 2 };

    /// <summary>Lists shown in the order of a poor ranker; a click needs a look, whose chance falls as 1/rank, and relevance.</summary>
    private sealed record ClickLog(DataSet Data, int[] Positions, double[] Clicks, double[] Relevance)
    {
        public static ClickLog Of(int lists, bool randomised, long seed)
        {
            var random = new Philox(seed, "clicks");
            double[][] x = [new double[lists * Depth], new double[lists * Depth]];
            var (positions, clicks, relevance, groups) = (new int[lists * Depth], new double[lists * Depth], new double[lists * Depth], new int[lists * Depth]);
            for (var q = 0; q < lists; q++)
            {
                // the live ranker likes the first column too much: what it shows on top is clicked because it is on top
                var items = Enumerable.Range(0, Depth).Select(_ => (A: random.Normal(), B: random.Normal()))
                    .OrderByDescending(item => randomised ? random.Normal() : item.A + 0.7 * random.Normal()).ToArray();
                for (var k = 0; k < Depth; k++)
                {
                    var i = q * Depth + k;
                    (x[0][i], x[1][i], positions[i], groups[i]) = (items[k].A, items[k].B, k, q);
                    relevance[i] = 1 / (1 + Math.Exp(-(0.3 * items[k].A + 2 * items[k].B - 1)));
                    clicks[i] = random.Uniform() < relevance[i] / (k + 1) ? 1 : 0;
                }
            }
            return new(new([new("a", ColumnKind.Number, []), new("b", ColumnKind.Number, [])], x, clicks) { Groups = groups }, positions, clicks, relevance);
        }
    }

    [Fact] // statistics.md, bar "Position bias": θ_k = 1/k, error of the first five at most 0.05
    public void Randomised_positions_give_the_examination_curve()
    {
        var log = ClickLog.Of(20_000, randomised: true, 1);
        var bias = PositionBias.FromRandomised(log.Positions, log.Clicks)!;
        Assert.All(Enumerable.Range(0, 5), k => Assert.Equal(1.0 / (k + 1), bias.Examination[k], 0.05));
        Assert.Null(PositionBias.FromRandomised(log.Positions.AsSpan(0, 1_000), log.Clicks.AsSpan(0, 1_000)));
    }

    [Fact]
    public void Regression_recovers_the_curve_from_a_ranked_log()
    {
        var log = ClickLog.Of(6_000, randomised: false, 2);
        var bias = PositionBias.ByRegression(log.Data, log.Positions, log.Clicks, s_relevance, 1, default);
        Assert.All(Enumerable.Range(0, 5), k => Assert.Equal(1.0 / (k + 1), bias.Examination[k], 0.05));
    }

    [Fact]
    public void Without_enough_randomised_positions_the_regression_is_taken()
    {
        var log = ClickLog.Of(600, randomised: false, 3);
        PositionBias Of(bool[] drawn) => PositionBias.Of(log.Data, log.Positions, log.Clicks, drawn, s_relevance with { Rounds = 3 }, 1, default);
        Assert.Equal("regression-em", Of(new bool[log.Clicks.Length]).Method);
        var many = ClickLog.Of(20_000, randomised: true, 1);
        Assert.Equal("randomised", PositionBias.Of(many.Data, many.Positions, many.Clicks, [.. many.Clicks.Select(_ => true)], s_relevance, 1, default).Method);
    }

    [Theory, InlineData(true), InlineData(false)] // 20 of 20 seeds, with either source of the propensities
    public void A_corrected_ranking_beats_the_naive_one_every_time(bool randomised)
    {
        var settings = new LearnerSettings { Objective = Objective.Ranking, Rounds = 40, Leaves = 8, LearningRate = 0.1, FeatureFraction = 1 };
        var known = ClickLog.Of(randomised ? 20_000 : 3_000, randomised, 9);
        var theta = PositionBias.Of(known.Data, known.Positions, known.Clicks, [.. known.Clicks.Select(_ => randomised)], s_relevance, 1, default);
        Assert.Equal(randomised ? "randomised" : "regression-em", theta.Method);
        for (var seed = 1; seed <= 20; seed++)
        {
            var (log, test) = (ClickLog.Of(1_000, false, seed), ClickLog.Of(300, true, 100 + seed));
            var weights = log.Clicks.Select((c, i) => c > 0 ? theta.Weight(log.Positions[i]) : 1).ToArray();
            var corrected = new DataSet(log.Data.Columns, log.Data.Values, log.Clicks, weights) { Groups = log.Data.Groups };
            var truth = new DataSet(test.Data.Columns, test.Data.Values, [.. test.Relevance.Select(r => Math.Round(4 * r))]) { Groups = test.Data.Groups };
            double Ndcg(DataSet train) => RankingSimulation.MeanNdcg(truth, truth.Predictions(Simulated.Boost(train, settings)), 5);
            Assert.True(Ndcg(corrected) > Ndcg(log.Data), $"seed {seed}: {Ndcg(corrected):F4} against {Ndcg(log.Data):F4}");
        }
    }
}
