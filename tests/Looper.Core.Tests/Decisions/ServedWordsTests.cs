using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Serving;

namespace Looper.Core.Tests.Decisions;

public sealed class ServedWordsTests
{
    [Theory, InlineData(253_402_318_799, "9999-12-31T23:59:59Z"), InlineData(253_402_300_800, "9999-12-31T23:59:59Z"), InlineData(-62_135_600_400, "0001-01-01T00:00:00Z"), InlineData(0.25, "1970-01-01T00:00:00.25Z")]
    public void A_time_that_an_earlier_Looper_kept_beyond_the_calendar_is_shown_at_its_end(double seconds, string expected)
    {
        var served = new byte[16];
        var feature = Assert.Single(ServedWords.Features(served.AsSpan(0, ServedRow.WriteNumber(served, seconds)), [new("until", FeatureKind.Time)]));
        Assert.Equal((expected, "sent"), (feature.Value, feature.State));
    }
}
