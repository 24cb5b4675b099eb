using System.Text;
using Looper.Core.Serving;

namespace Looper.Core.Tests.Serving;

public sealed class TimeTextTests
{
    [Theory]
    [InlineData("0001-01-01T00:00:00Z", -62_135_596_800)]
    [InlineData("9999-12-31T23:59:59Z", 253_402_300_799)]
    [InlineData("9999-12-31T23:59:59.9999999Z", 253_402_300_799)] // its fraction would round up into the year 10000
    [InlineData("9999-12-31T18:59:59-05:00", 253_402_300_799)]
    [InlineData("2026-05-04T12:30:00.250+02:00", 1_777_890_600.25)]
    public void A_time_of_the_years_1_to_9999_is_read_and_is_a_moment_again(string text, double expected)
    {
        Assert.True(TimeText.TryRead(Encoding.UTF8.GetBytes(text), out var seconds));
        Assert.Equal(expected, seconds);
        Assert.Equal(expected, DateTimeOffset.UnixEpoch.AddSeconds(seconds).ToUnixTimeMilliseconds() / 1_000.0);
    }

    [Theory, InlineData("9999-12-31T23:59:59-05:00"), InlineData("9999-12-31T23:59:59.5-00:01"), InlineData("0001-01-01T00:00:00+01:00"), InlineData("0000-12-31T00:00:00Z")]
    public void One_that_its_offset_takes_out_of_them_is_none(string text) => Assert.False(TimeText.TryRead(Encoding.UTF8.GetBytes(text), out _));
}
