using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Simulation;

namespace Looper.Web.Hosting.Demo;

/// <summary>Plays the simulated shop's application: customers arrive, ask for a banner over HTTP, and some of them buy.</summary>
internal sealed class DemoTraffic(HttpClient http, BannerShop shop, TimeProvider clock)
{
    private readonly PriorityQueue<JsonObject, DateTimeOffset> _purchases = new();
    private readonly Lock _gate = new();

    /// <summary>Lets the customers from <paramref name="first"/> on arrive, at <paramref name="perSecond"/>, until cancelled or refused.</summary>
    public async Task RunAsync(long first, Func<TimeSpan, double> perSecond, CancellationToken cancel)
    {
        var started = clock.GetTimestamp();
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(200), clock);
        var due = 0.0;
        for (var number = first; await tick.WaitForNextTickAsync(cancel);)
        {
            due = Math.Min(due + perSecond(clock.GetElapsedTime(started)) * tick.Period.TotalSeconds, 200); // a slow machine drops customers rather than piling them up
            var arriving = Enumerable.Range(0, (int)due).Select(i => number + i).ToList();
            number += arriving.Count;
            due -= arriving.Count;
            await Task.WhenAll(arriving.Select(n => VisitAsync(n, cancel)));
            await ReportPurchasesAsync(cancel);
        }
    }

    private async Task VisitAsync(long number, CancellationToken cancel)
    {
        var customer = shop.Customer(number);
        var answer = await PostAsync("v1/decisions", new JsonObject
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
        var purchase = new JsonObject
        {
            ["decisionId"] = answer["decisionId"]!.ToString(),
            ["outcomes"] = new JsonObject { ["purchase"] = true, ["revenue"] = customer.CartValue },
        };
        lock (_gate) _purchases.Enqueue(purchase, clock.GetUtcNow() + TimeSpan.FromSeconds(2 + number % 10)); // nobody buys at once
    }

    private async Task ReportPurchasesAsync(CancellationToken cancel)
    {
        var ready = new List<JsonObject>();
        lock (_gate)
        {
            while (_purchases.TryPeek(out _, out var at) && at <= clock.GetUtcNow()) ready.Add(_purchases.Dequeue());
        }

        await Task.WhenAll(ready.Select(purchase => PostAsync("v1/observations", purchase, cancel)));
    }

    /// <summary>Null when the server is busy: the simulated shop shrugs, as a real one would.</summary>
    /// <exception cref="HttpRequestException">The decision point or the key is gone: the simulation was removed.</exception>
    private async Task<JsonNode?> PostAsync(string path, JsonObject body, CancellationToken cancel)
    {
        using var response = await http.PostAsJsonAsync(path, body, cancel);
        if ((int)response.StatusCode is 429 or 503) return null;
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<JsonNode>(cancel);
    }
}
