using Looper.Core.Optimization;

namespace Looper.Core.Tests.Optimization;

public class NormalLogsTests
{
    [Theory] // mpmath, 50 digits
    [InlineData(-1, -2.485121025713)]
    [InlineData(-5, -16.744301162661)]
    [InlineData(-20, -206.917838509425)]
    [InlineData(-100, -5010.129578800250)]
    public void Log_improvement_keeps_its_digits_far_out(double z, double expected) => Assert.Equal(expected, NormalLogs.LogImprovement(z), 1e-9);

    [Fact] // identity: h(z) − h(−z) = z
    public void Improvement_and_its_mirror_differ_by_z()
    {
        foreach (var z in (double[])[0.1, 0.9, 0.99999, 1.00001, 1.5, 3])
            Assert.Equal(z, Math.Exp(NormalLogs.LogImprovement(z)) - Math.Exp(NormalLogs.LogImprovement(-z)), 1e-12);
    }

    [Fact]
    public void Log_improvement_is_monotone_and_smooth_across_its_branches()
    {
        Assert.Equal(NormalLogs.LogImprovement(-1 - 1e-12), NormalLogs.LogImprovement(-1 + 1e-12), 1e-9);
        var last = double.NegativeInfinity;
        for (var z = -1e9; z < 10; z = z < -1 ? z / 1.3 : z + 0.1)
        {
            Assert.True(NormalLogs.LogImprovement(z) > last);
            last = NormalLogs.LogImprovement(z);
        }
    }

    [Theory] // scipy.special.log_ndtr
    [InlineData(-40, -804.6084420137538)]
    [InlineData(-2, -3.7831843336820317)]
    [InlineData(1, -0.17275377902344988)]
    public void Log_of_the_distribution_keeps_its_digits(double z, double expected) => Assert.Equal(expected, NormalLogs.LogCumulative(z), 1e-11 * Math.Abs(expected) + 1e-13);
}
