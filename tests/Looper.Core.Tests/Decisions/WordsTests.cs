using Looper.Core.Decisions;

namespace Looper.Core.Tests.Decisions;

public sealed class WordsTests
{
    [Theory]
    [InlineData(0.0004, "<0.001")]
    [InlineData(0.0314, "0.031")]
    [InlineData(0.9996, ">0.999")]
    [InlineData(1, ">0.999")]
    public void A_p_value_is_never_nothing_and_never_certain(double p, string text) => Assert.Equal(text, Words.P(p));
}
