using Looper.Core.Decisions;
using Looper.Web.Console.Decisions;

namespace Looper.Web.Tests.Decisions;

public sealed class CountedTextsTests
{
    [Theory]
    [InlineData(20_002, 300, "Of the newest 20,002 decisions whose window is over")]
    [InlineData(19_702, 300, null)] // all there are: those that wait are counted whole
    [InlineData(20_000, 0, "Of the newest 20,000 decisions whose window is over")]
    public void Rates_of_the_newest_decisions_say_so(long closed, long open, string? text) =>
        Assert.Equal(text, CountedTexts.Of(new OutcomeOverview("purchase", true, closed, 5_717, open, 0, 0.29, [])));
}
