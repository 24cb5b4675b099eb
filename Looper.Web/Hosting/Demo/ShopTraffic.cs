using System.Text.Json.Nodes;
using Looper.Core.Simulation;

namespace Looper.Web.Hosting.Demo;

/// <summary>Plays the simulated shop's application: customers arrive, ask for a banner over HTTP, and some of them buy.</summary>
internal sealed class ShopTraffic(DemoCalls calls, BannerShop shop)
{
    public Task RunAsync(long first, Func<TimeSpan, double> perSecond, CancellationToken cancel) => calls.RunAsync(first, perSecond, n => VisitAsync(n, cancel), cancel);

    private async Task VisitAsync(long number, CancellationToken cancel)
    {
        var customer = shop.Customer(number);
        var answer = await calls.PostAsync("v1/decisions", new JsonObject
        {
            ["decisionPoint"] = ShopDemo.DecisionPointKey,
            ["unit"] = customer.Unit,
            ["context"] = new JsonObject
            {
                ["customerType"] = customer.CustomerType,
                ["country"] = customer.Country,
                ["cartValue"] = customer.CartValue,
                ["visits7d"] = customer.VisitsLastWeek,
                ["isMember"] = customer.IsMember,
            },
        }, cancel);
        if (answer is null || !shop.Buys(number, customer, answer["decision"]!.ToString())) return;
        calls.Observe(answer, new() { ["purchase"] = true, ["revenue"] = customer.CartValue }, TimeSpan.FromSeconds(2 + number % 10)); // nobody buys at once
    }
}
