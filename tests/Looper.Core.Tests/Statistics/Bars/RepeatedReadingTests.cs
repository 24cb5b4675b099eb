using System.Globalization;
using Looper.Core.Numerics;
using Looper.Core.Statistics;
using Looper.Testing;

namespace Looper.Core.Tests.Statistics.Bars;

/// <summary>A/A experiments that are looked at a hundred times.</summary>
public class RepeatedReadingTests
{
    private const int Looks = 100, Step = 200;

    [Fact] // 2,000 experiments at full size: at most 6.6 %, while Welch at every look passes 25 %
    public void Only_always_valid_readings_survive_a_hundred_looks()
    {
        int runs = Sizes.FalsePositives;
        var readings = new (string Name, Func<JointMoments, JointMoments, double> P, int Found)[]
        {
            ("always-valid, mean", (a, b) => ConfidenceSequence.Read(Plain(a, b), Looks * Step, 0.95).P, 0),
            ("always-valid, CUPED", (a, b) => ConfidenceSequence.Read(Cuped.Between(a, b).Absolute, Looks * Step, 0.95).P, 0),
            ("always-valid, one-sided", (a, b) => ConfidenceSequence.Read(Plain(a, b), Looks * Step, 0.95, Sides.Greater).P, 0),
            ("mixture test", (a, b) => MixtureTest.Read(b.Mean(0) - a.Mean(0), a.Count, (a.Covariance(0, 0) + b.Covariance(0, 0)) / 2, 0.01, 0.95).P, 0),
            ("Welch at every look", (a, b) => Reading.Fixed(Plain(a, b), 0.95).P, 0),
        };
        for (var run = 0; run < runs; run++)
        {
            var random = new Philox(85, "looks", run);
            JointMoments a = new(2), b = new(2);
            var least = new double[readings.Length];
            Array.Fill(least, 1);
            for (var look = 0; look < Looks; look++)
            {
                for (var i = 0; i < Step / 2; i++)
                {
                    a.Add(Row(random));
                    b.Add(Row(random));
                }

                for (var k = 0; k < readings.Length; k++) least[k] = Math.Min(least[k], readings[k].P(a, b));
            }

            for (var k = 0; k < readings.Length; k++)
                if (least[k] < 0.05) readings[k].Found++;
        }

        var limit = Draw.Band(0.05, runs).High;
        foreach (var (name, _, found) in readings)
        {
            var share = found / (double)runs;
            TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"false positives, 100 looks | {name} | {runs} | {share:P2}"));
            if (name.StartsWith("Welch", StringComparison.Ordinal)) Assert.True(share > 0.25, $"{name}: {share}");
            else Assert.True(share <= limit, $"{name}: {share} above {limit}");
        }
    }

    private static Effect Plain(JointMoments a, JointMoments b) => MeanDifference.Between(MetricSummary.OfMean(a.Of(0)), MetricSummary.OfMean(b.Of(0)));

    private static double[] Row(Philox random)
    {
        var x = random.Normal();
        return [0.5 * x + Math.Sqrt(0.75) * random.Normal(), x];
    }
}
