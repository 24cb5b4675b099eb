using Looper.Core.Blueprints;
using Looper.Core.Costs;

namespace Looper.Core.Tests.Costs;

public sealed class CostKernelTests
{
    private static readonly DateOnly s_day = new(2026, 5, 1);

    [Fact]
    public void Bytes_are_kept_from_the_day_they_were_written_until_retention_removes_them()
    {
        var kept = Kept(s_day, 10, (s_day, 1_000_000_000), (s_day.AddDays(2), 500_000_000));
        Assert.Equal([0, 1e9, 1e9, 1.5e9, 1.5e9, 0.5e9, 0.5e9, 0], new[] { -1, 0, 1, 2, 9, 10, 11, 12 }.Select(d => kept.On(s_day.AddDays(d))));
        Assert.Equal(1.5 / (365.25 / 12), kept.GigabyteMonths(s_day.AddDays(5)), 1e-12);
        Assert.Equal(0.5e9, Kept(s_day.AddDays(1), 10, (s_day, 1_000_000_000), (s_day.AddDays(2), 500_000_000)).On(s_day.AddDays(3))); // cleared, and begun again
        Assert.Equal(0, Kept(null, 10, (s_day, 1_000_000_000)).On(s_day));
    }

    private static KeptBytes Kept(DateOnly? oldest, int days, params (DateOnly Day, long Bytes)[] written)
    {
        var kept = new KeptBytes(oldest, days);
        foreach (var (day, bytes) in written) kept.Write(day, bytes);
        return kept;
    }

    [Fact]
    public void Features_cost_what_is_stated_of_those_that_are_sent()
    {
        var content = new BlueprintContent
        {
            Shape = DecisionShape.Binary, Default = "false",
            Features = [new("cart", FeatureKind.Number) { CostPerThousand = 2 }, new("score", FeatureKind.Number) { CostPerThousand = 0.5 }, new("country", FeatureKind.Category)],
        };
        Assert.Equal(2.5, FeatureCosts.Of(content));
        Assert.Null(FeatureCosts.Of(content with { Features = [new("country", FeatureKind.Category)] }));
        Assert.Null(FeatureCosts.Of(null));
    }

    [Theory]
    [InlineData("currency", "", null, null)]
    [InlineData("currency", "ninechars", null, null)]
    [InlineData("processorHour", "EUR", -1.0, null)]
    [InlineData("processorHour", "EUR", double.NaN, null)]
    [InlineData("gigabyteMonth", "EUR", null, double.PositiveInfinity)]
    [InlineData(null, "EUR", 0.0, 1e9)]
    [InlineData(null, "€", null, null)]
    public void Prices_that_cannot_be_are_refused_by_field(string? field, string currency, double? hour, double? month) =>
        Assert.Equal(field, new Prices(currency) { ProcessorHour = hour, GigabyteMonth = month }.Check()?.Field);

    [Fact]
    public void A_goal_has_one_worth_and_what_is_counted_in_the_currency_is_worth_itself()
    {
        var prices = new Prices("EUR") { Worths = [new("purchase", 12), new("feed:goal", 0.5)] };
        Assert.Null(prices.Check());
        Assert.Equal([12.0, 1.0, null, 0.5], new[] { prices.WorthOf("purchase", null), prices.WorthOf("revenue", "eur"), prices.WorthOf("minutes", "min"), prices.WorthOf("feed:goal", null) });
        Assert.Equal([5.0, 1.0, null], new[] { 0, 1, 2 }.Select(i => (prices with { Worths = [new("value", 5, "min")] }).WorthOf("value", new[] { "min", "EUR", "h" }[i]))); // one name, three units
        Assert.Equal("worths[0]", (prices with { Worths = [null!] }).Check()?.Field);
        Assert.Equal("worths[1].goal", (prices with { Worths = [new("a", 1), new("a", 2)] }).Check()?.Field);
        Assert.Equal("worths[0].each", (prices with { Worths = [new("a", -1)] }).Check()?.Field);
        Assert.Equal(prices.Write(), Prices.Read(prices.Write()).Write());
    }
}
