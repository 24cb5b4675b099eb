using Looper.Core.Simulation;

namespace Looper.Core.Tests.Simulation;

public class BannerShopTests
{
    private const int Customers = 40_000;
    private readonly BannerShop _shop = new(seed: 3);

    [Theory, InlineData("free-shipping"), InlineData("ten-percent"), InlineData("loyalty-points")]
    public void The_stated_truth_of_a_banner_is_what_its_customers_do(string banner)
    {
        var expected = BannerShop.ExpectedRate(banner);
        var bought = Enumerable.Range(0, Customers).Count(i => _shop.Buys(i, _shop.Customer(i), banner));
        var error = Math.Sqrt(expected * (1 - expected) / Customers);
        Assert.InRange(bought / (double)Customers, expected - 3.3 * error, expected + 3.3 * error);
    }

    [Fact]
    public void The_best_possible_rate_is_reached_by_showing_each_type_its_banner()
    {
        var bought = Enumerable.Range(0, Customers).Count(i => _shop.Customer(i) is var c && _shop.Buys(i, c, BannerShop.BestBanner(c.CustomerType)));
        var error = Math.Sqrt(BannerShop.BestPossibleRate * (1 - BannerShop.BestPossibleRate) / Customers);
        Assert.InRange(bought / (double)Customers, BannerShop.BestPossibleRate - 3.3 * error, BannerShop.BestPossibleRate + 3.3 * error);
        Assert.Equal(3, BannerShop.CustomerTypes.Select(BannerShop.BestBanner).Distinct().Count());
    }

    [Fact]
    public void A_customer_is_the_same_every_time() => Assert.Equal(_shop.Customer(17), new BannerShop(seed: 3).Customer(17));
}
