using Looper.Core.Numerics;
using Looper.Core.Statistics;

namespace Looper.Core.Tests.Statistics;

public class MomentsTests
{
    [Fact] // NIST StRD NumAcc4: 1,001 values 10000000.2 ± 0.1, certified mean 10000000.2 and standard deviation 0.1
    public void Variance_survives_a_mean_far_from_zero()
    {
        double[] values = [10000000.2, .. Enumerable.Range(0, 1_000).Select(i => i % 2 == 0 ? 10000000.1 : 10000000.3)];
        Assert.Equal(0.01, Moments.Of(values).Variance, 1e-8);
    }

    [Theory, InlineData(0), InlineData(1), InlineData(500), InlineData(1_000)]
    public void Merging_two_parts_gives_the_whole(int cut)
    {
        double[] x = Draw.Normals(1_000, new Philox(11));
        Moments whole = Moments.Of(x), merged = Moments.Of(x.AsSpan(..cut)) + Moments.Of(x.AsSpan(cut..));
        Assert.Equal(whole.Count, merged.Count);
        Assert.Equal(whole.Mean, merged.Mean, 1e-12);
        Assert.Equal(whole.Variance, merged.Variance, 1e-12);
        Assert.Equal(whole.Skewness, merged.Skewness, 1e-10);
    }

    [Fact] // the definition, in two passes
    public void Skewness_is_the_third_centred_moment()
    {
        double[] x = [.. Draw.Normals(500, new Philox(3)).Select(v => Math.Exp(v))];
        double mean = x.Average(), m2 = x.Average(v => Math.Pow(v - mean, 2)), m3 = x.Average(v => Math.Pow(v - mean, 3));
        Assert.Equal(m3 / Math.Pow(m2, 1.5), Moments.Of(x).Skewness, 1e-10);
    }

    [Fact]
    public void Nothing_has_no_variance_and_one_unit_has_none_either()
    {
        Assert.True(double.IsNaN(Moments.Empty.Variance));
        Assert.True(double.IsNaN(Moments.Of([3.0]).Variance));
    }

    [Fact]
    public void Joint_moments_merge_and_agree_with_the_definition()
    {
        var random = new Philox(5);
        double[][] rows = [.. Enumerable.Range(0, 400).Select(_ => new[] { random.Normal(), random.Normal() + 1e6, random.Uniform() })];
        foreach (var row in rows) row[2] += 0.5 * row[0];
        JointMoments whole = new(3), left = new(3), right = new(3);
        foreach (var (row, i) in rows.Select((r, i) => (r, i)))
        {
            whole.Add(row);
            (i < 150 ? left : right).Add(row);
        }

        var merged = JointMoments.Merge(left, right);
        double meanA = rows.Average(r => r[0]), meanC = rows.Average(r => r[2]);
        Assert.Equal(rows.Sum(r => (r[0] - meanA) * (r[2] - meanC)) / 399, whole.Covariance(0, 2), 1e-12);
        for (var i = 0; i < 3; i++)
            for (var j = 0; j < 3; j++)
                Assert.Equal(whole.Covariance(i, j), merged.Covariance(i, j), 1e-9);
    }
}
