using Looper.Core.Statistics;

namespace Looper.Core.Tests.Statistics;

public class TailProbabilityTests
{
    [Theory] // mpmath 40 digits: betainc(df/2, 1/2, 0, df/(df+t²), regularized)/2
    [InlineData(2.0, 5, 0.050969739414929178)]
    [InlineData(1.0, 1_000, 0.15877620904233615)]
    [InlineData(0.1, 30, 0.46050480589513558)]
    [InlineData(-1.5, 8, 0.91399835402404436)]
    [InlineData(12.0, 100_000, 1.8722529059781755e-33)]
    public void Student_tail_agrees_with_SciPy(double t, double degrees, double expected) =>
        Assert.Equal(expected, TailProbability.Student(t, degrees), 1e-9 * expected);

    [Theory, InlineData(1e6, 0.999), InlineData(1e7, 1.0)]
    public void Student_tail_is_continuous_where_the_formula_changes(double degrees, double factor)
    {
        double below = TailProbability.Student(3, degrees * factor), above = TailProbability.Student(3, degrees * 1.001);
        Assert.Equal(below, above, 1e-9 * below + 1e-9);
    }

    [Theory, InlineData(3), InlineData(12.5), InlineData(499), InlineData(1e5), InlineData(2e6)]
    public void Student_quantile_undoes_the_tail(double degrees)
    {
        foreach (var p in new[] { 0.6, 0.975, 0.9999, 1 - 1e-9 })
        {
            var t = TailProbability.StudentQuantile(p, degrees);
            Assert.Equal(1 - p, TailProbability.Student(t, degrees), 1e-9 * (1 - p) + 1e-16);
        }
    }

    [Fact] // closed forms: cot πq of one degree of freedom, (1 − 2q)/√(2q(1 − q)) of two
    public void Student_quantile_is_exact_where_there_is_a_formula()
    {
        foreach (var p in new[] { 0.500001, 0.6, 0.975, 0.9999, 1 - 1e-9 })
        {
            var q = 1 - p;
            Close(1 / Math.Tan(Math.PI * q), TailProbability.StudentQuantile(p, 1));
            Close((1 - 2 * q) / Math.Sqrt(2 * q * (1 - q)), TailProbability.StudentQuantile(p, 2));
        }
        void Close(double expected, double actual) => Assert.Equal(expected, actual, 1e-9 * expected);
    }

    [Fact]
    public void A_far_normal_tail_is_not_zero() =>
        Assert.Equal(7.6198530241605261e-24, TailProbability.Normal(10), 1e-35); // mpmath: erfc(10/√2)/2

    [Fact]
    public void Normal_quantile_is_exact_at_the_usual_level() =>
        Assert.Equal(1.959963984540054, TailProbability.NormalQuantile(0.975), 1e-14);

    [Fact]
    public void Undefined_degrees_give_undefined()
    {
        Assert.True(double.IsNaN(TailProbability.Student(1, double.NaN)));
        Assert.True(double.IsNaN(TailProbability.StudentQuantile(0.9, 0)));
    }
}
