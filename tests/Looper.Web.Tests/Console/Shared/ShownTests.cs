using Looper.Web.Console.Shared;

namespace Looper.Web.Tests.Console.Shared;

public sealed class ShownTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 12, 14, 3, 9, TimeSpan.Zero);

    [Theory]
    [InlineData(0, "0")]
    [InlineData(12345, "12,345")]
    [InlineData(-1234, "−1,234")]
    [InlineData(double.NaN, "—")]
    [InlineData(double.PositiveInfinity, "—")]
    public void Counts_are_written_in_full(double count, string shown) => Assert.Equal(shown, Shown.Count(count));

    [Theory]
    [InlineData(9_999, "9,999")]
    [InlineData(12_345, "12.3k")]
    [InlineData(999_949, "999.9k")]
    [InlineData(999_950, "1M")]
    [InlineData(2_500_000, "2.5M")]
    [InlineData(-12_345, "−12.3k")]
    [InlineData(double.NaN, "—")]
    public void Tiles_shorten_counts_from_ten_thousand(double count, string shown) => Assert.Equal(shown, Shown.Compact(count));

    [Theory]
    [InlineData(0.95, "95%")]
    [InlineData(0.975, "97.5%")]
    [InlineData(0.995, "99.5%")]
    [InlineData(0.9975, "99.75%")]
    [InlineData(0.999, "99.9%")]
    [InlineData(0.9, "90%")]
    [InlineData(double.NaN, "—")]
    public void A_level_is_shown_as_it_was_chosen(double level, string shown) => Assert.Equal(shown, Shown.Level(level));

    [Theory]
    [InlineData(24.9, "EUR", "24.9 EUR")]
    [InlineData(24.9, null, "24.9")]
    [InlineData(double.NaN, "EUR", "—")]
    public void No_unit_stands_behind_nothing(double value, string? unit, string shown) => Assert.Equal(shown, Shown.Amount(value, unit));

    [Theory]
    [InlineData(24.9, "24.9")]
    [InlineData(0.0123456, "0.01235")]
    [InlineData(1234.56, "1,235")]
    [InlineData(0, "0")]
    [InlineData(-0.00000000001, "0")]
    [InlineData(-3.5, "−3.5")]
    [InlineData(double.NaN, "—")]
    public void Numbers_have_four_significant_digits_and_no_minus_zero(double value, string shown) => Assert.Equal(shown, Shown.Number(value));

    [Theory]
    [InlineData(0.031, "0.031")]
    [InlineData(0.0009999, "<0.001")]
    [InlineData(0, "<0.001")]
    [InlineData(0.001, "0.001")]
    [InlineData(1, ">0.999")]
    [InlineData(double.NaN, "—")]
    public void A_p_value_is_never_zero(double p, string shown) => Assert.Equal(shown, Shown.PValue(p));

    [Theory]
    [InlineData(0.97, "97%")]
    [InlineData(0.9999, ">99.9%")]
    [InlineData(1, ">99.9%")]
    [InlineData(0.0001, "<0.1%")]
    [InlineData(0.995, "99.5%")]
    [InlineData(double.NaN, "—")]
    public void A_probability_that_rests_on_data_is_never_certain(double p, string shown) => Assert.Equal(shown, Shown.Probability(p));

    [Theory]
    [InlineData(0.62, "0.620")]
    [InlineData(0.0123456, "0.0123")]
    [InlineData(1, "1.00")]
    [InlineData(1.0 / 3, "0.333")]
    [InlineData(double.NaN, "—")]
    public void A_propensity_has_three_significant_digits(double p, string shown) => Assert.Equal(shown, Shown.Propensity(p));

    [Fact] // half the interval is 2.7: two significant digits of it are one decimal, for point and bounds alike
    public void An_effect_has_as_many_digits_as_half_its_interval_deserves() => Assert.Equal("+3.1% [+0.4%, +5.8%]", Shown.Effect(0.031, 0.004, 0.058));

    [Fact] // half the interval is 0.0271
    public void A_narrow_interval_earns_more_digits() => Assert.Equal("−0.123% [−0.150%, −0.096%]", Shown.Effect(-0.0012345, -0.0015, -0.000958));

    [Fact] // half the interval is 40
    public void A_wide_interval_takes_digits_away() => Assert.Equal("+12% [−28%, +52%]", Shown.Effect(0.1234, -0.28, 0.52));

    [Theory]
    [InlineData(2.347, 1.717, 2.97604, false, "2.35 [1.72, 2.98]")]
    [InlineData(1.946, 1.29, 2.602, false, "1.95 [1.29, 2.60]")]
    [InlineData(0.0492, 0.031, 0.067, true, "4.9% [3.1%, 6.7%]")]
    [InlineData(4321.5, 4000, 4643, false, "4,322 [4,000, 4,643]")]
    [InlineData(0.5, 0.5, 0.5, false, "0.50 [0.50, 0.50]")]
    [InlineData(0.5, double.NaN, double.NaN, true, "50.0%")]
    [InlineData(double.NaN, double.NaN, double.NaN, false, "—")]
    public void A_value_and_its_bounds_have_the_same_digits(double value, double low, double high, bool isRate, string shown) => Assert.Equal(shown, Shown.Interval(value, low, high, isRate));

    [Fact]
    public void A_zero_effect_has_no_sign() => Assert.Equal("0.0% [−1.0%, +1.0%]", Shown.Effect(0.0001, -0.0100, 0.0101));

    [Fact]
    public void An_undefined_effect_is_a_dash() => Assert.Equal("—", Shown.Effect(double.NaN, double.NaN, double.NaN));

    [Fact]
    public void A_one_sided_interval_says_infinity() => Assert.Equal("+3.1% [+0.4%, +∞]", Shown.Effect(0.031, 0.004, double.PositiveInfinity));

    [Fact]
    public void Differences_of_rates_are_in_percentage_points() => Assert.Equal("+0.62 pp [+0.11 pp, +1.13 pp]", Shown.Points(0.0062, 0.0011, 0.0113));

    [Fact]
    public void An_effect_is_read_aloud_in_words() => Assert.Equal("plus 3.1 percent, from plus 0.4 to plus 5.8 percent", Shown.EffectAloud(0.031, 0.004, 0.058));

    [Theory]
    [InlineData(0.0004, "0.4 ms")]
    [InlineData(0.21, "210 ms")]
    [InlineData(41.26, "41.2 s")]
    [InlineData(61, "1 min 1 s")]
    [InlineData(3600, "1 h")]
    [InlineData(273_600, "3 d 4 h")]
    public void A_duration_shows_its_two_largest_parts(double seconds, string shown) => Assert.Equal(shown, Shown.Duration(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(2, "just now")]
    [InlineData(75, "1 min ago")]
    [InlineData(90_000, "1 d ago")]
    [InlineData(-90, "in 1 min")]
    public void An_age_shows_its_largest_part(int seconds, string shown) => Assert.Equal(shown, Shown.Age(Noon, Noon.AddSeconds(seconds)));

    [Fact]
    public void A_time_has_its_year() => Assert.Equal("12 Nov 2026 14:03", Shown.Time(Noon));

    [Fact]
    public void Money_keeps_two_decimals_and_its_unit() => Assert.Equal("24.90 EUR", Shown.Money(24.9, "EUR"));

    [Theory]
    [InlineData(1, "1 arm")]
    [InlineData(0, "0 arms")]
    [InlineData(1200, "1,200 arms")]
    public void Words_follow_their_count(long count, string shown) => Assert.Equal(shown, Shown.Plural(count, "arm"));
}
