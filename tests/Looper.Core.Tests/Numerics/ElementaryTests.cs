using System.Runtime.Intrinsics;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Numerics;

public class ElementaryTests
{
    [Theory] // Python's decimal module, 40 digits
    [InlineData(0.5, 1.648721270700128146848650787814163571654)]
    [InlineData(-0.5, 0.6065306597126334236037995349911804534419)]
    [InlineData(1, 2.718281828459045235360287471352662497757)]
    [InlineData(10.25, 28282.54192033497908989374577215024315685)]
    [InlineData(-700, 9.859676543759770856705372947849465105116E-305)]
    [InlineData(700, 1.014232054735004509455329595231267615205E+304)]
    public void Exponential_is_right_to_the_last_digits(double x, double expected) =>
        Assert.InRange(Elementary.Exp(x) / expected, 1 - 4e-16, 1 + 4e-16);

    [Theory] // Python's decimal module, 40 digits
    [InlineData(0.5, -0.6931471805599453094172321214581765680755)]
    [InlineData(0.1, -2.302585092994045628506840223426538727163)]
    [InlineData(3, 1.098612288668109691395245236922525704647)]
    [InlineData(1e300, 690.7755278982137052579021966605136811507)]
    [InlineData(1e-300, -690.7755278982137051803383445701005029086)]
    public void Logarithm_is_right_to_the_last_digits(double x, double expected) =>
        Assert.InRange(Elementary.Log(x) / expected, 1 - 4e-16, 1 + 4e-16);

    [Fact]
    public void Logarithm_of_nothing_is_minus_infinity() =>
        Assert.Equal([double.NegativeInfinity, double.NaN, 0, double.PositiveInfinity],
            new[] { 0, -1, 1, double.PositiveInfinity }.Select(Elementary.Log));

    [Fact]
    public void Eight_lanes_equal_one_to_the_last_bit()
    {
        var random = new Philox(1);
        for (var i = 0; i < 10_000; i++)
        {
            var x = random.Normal() * 100;
            Assert.Equal(Elementary.Exp(x), Elementary.Exp(Vector512.Create(x))[3]);
        }
        Assert.Equal(0, Elementary.Exp(Vector512.Create(-1000.0))[0]);
    }

    [Fact]
    public void Far_out_it_saturates_and_NaN_stays_NaN()
    {
        Assert.Equal(0, Elementary.Exp(-1e9));
        Assert.True(double.IsFinite(Elementary.Exp(1e9)));
        Assert.True(double.IsNaN(Elementary.Exp(double.NaN)));
        Assert.Equal(0.5, Elementary.Sigmoid(0));
        Assert.Equal(1, Elementary.Sigmoid(800));
    }
}
