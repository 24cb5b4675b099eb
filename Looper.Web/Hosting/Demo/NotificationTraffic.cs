using System.Text.Json.Nodes;
using Looper.Core.Simulation;

namespace Looper.Web.Hosting.Demo;

/// <summary>Plays the simulated notification app: a user's phone asks for the settings of the rule, lives two weeks with them in a few
/// seconds, and reports what its clicks were worth and whether notifications were switched off.</summary>
internal sealed class NotificationTraffic(DemoCalls calls)
{
    private const long Seed = 1;

    public Task RunAsync(long first, Func<TimeSpan, double> perSecond, CancellationToken cancel) => calls.RunAsync(first, perSecond, n => VisitAsync(n, cancel), cancel);

    private async Task VisitAsync(long number, CancellationToken cancel)
    {
        var answer = await calls.PostAsync("v1/decisions", new JsonObject { ["decisionPoint"] = NotificationDemo.DecisionPointKey, ["unit"] = $"phone-{number:D6}" }, cancel);
        if (answer is null) return;
        var (worth, optedOut) = NotificationProduct.User(NotificationDemo.PolicyOf(answer["decision"]!.ToJsonString()), Seed, number);
        var outcomes = new JsonObject();
        if (worth > 0) outcomes[NotificationDemo.Worth] = worth;
        if (optedOut) outcomes[NotificationDemo.OptOut] = true;
        if (outcomes.Count > 0) calls.Observe(answer, outcomes, TimeSpan.FromSeconds(2 + number % 8));
    }
}
