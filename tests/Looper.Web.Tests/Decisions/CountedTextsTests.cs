using Looper.Core.Decisions;
using Looper.Web.Console.Decisions;

namespace Looper.Web.Tests.Decisions;

public sealed class CountedTextsTests
{
    [Theory]
    [InlineData(19_702, 300, "Of the newest 20,002 decisions")]
    [InlineData(19_702, 297, null)] // all there are
    [InlineData(20_000, 0, "Of the newest 20,000 decisions")]
    public void Rates_of_the_newest_decisions_say_so(long closed, long open, string? text) =>
        Assert.Equal(text, CountedTexts.Of(new OutcomeOverview("purchase", true, closed, 5_717, open, 0, 0.29, [])));
}
