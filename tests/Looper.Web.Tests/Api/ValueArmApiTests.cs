using System.Net;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Web.Hosting;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Api;

public sealed class ValueArmApiTests
{
    [Theory, InlineData("""{"kind":"random"}"""), InlineData("""{"kind":"epsilon-greedy","epsilon":0.1}""")]
    public async Task An_arm_that_no_number_can_come_of_does_not_start_and_everybody_is_still_answered(string policy)
    {
        await using var app = new LooperApp();
        await app.PublishAsync("price", new()
        {
            Shape = DecisionShape.Value, Default = "10", Policy = new FixedPolicy("12"),
            Outcomes = [new("revenue", OutcomeKind.Number)], Goal = new() { Terms = [new("revenue")] },
        });
        using var engineer = await app.SignedInAsync(Role.Engineer);
        var created = await engineer.OkAsync("/api/experiments", $$$"""{"decisionPoint":"price","key":"drawn","name":"Drawn","plan":{"arms":[{"key":"now","weight":0.5},{"key":"drawn","weight":0.5,"policy":{{{policy}}}}]}}""");
        using var refused = await engineer.SendAsync($"/api/experiments/{created["id"]}/start", """{"reason":"agreed"}""");
        Assert.Equal("arms[1].policy", (string?)(await Problem.IsAsync(refused, HttpStatusCode.UnprocessableEntity, "experiment.invalid"))["field"]);
        await app.Get<SnapshotRefresher>().RefreshAsync(default);
        using var client = await app.WithKeyAsync();
        var answer = await client.OkAsync("/v1/decisions", """{"decisionPoint":"price","unit":"u"}""");
        Assert.Equal(("policy", 12), ((string?)answer["reason"], (double?)answer["decision"]));
    }
}
