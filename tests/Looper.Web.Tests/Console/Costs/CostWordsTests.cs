using Looper.Web.Console.Costs;

namespace Looper.Web.Tests.Console.Costs;

public sealed class CostWordsTests
{
    [Theory]
    [InlineData(null, "—")]
    [InlineData(0.0, "0.00 EUR")]
    [InlineData(0.0000123, "under 0.0001 EUR")]
    [InlineData(0.0012344, "0.001234 EUR")]
    [InlineData(0.25, "0.25 EUR")]
    [InlineData(0.999, "1.00 EUR")]
    [InlineData(1234.5, "1,234.50 EUR")]
    public void An_amount_has_the_digits_that_say_something(double? amount, string words) => Assert.Equal(words, CostWords.Amount(amount, "EUR"));
}
