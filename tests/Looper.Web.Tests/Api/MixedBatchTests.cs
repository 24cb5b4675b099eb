using System.Text.Json.Nodes;
using Looper.Core.Events;
using Looper.Testing.Events;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Api;

/// <summary>A batch of decisions of which some are answered only once they are flushed.</summary>
public sealed class MixedBatchTests
{
    [Fact]
    public async Task Whatever_file_operation_fails_what_is_said_to_be_unrecorded_is_not_stored_and_what_is_not_is()
    {
        var (unrecorded, sync) = (0, 0);
        for (var at = 1; at <= 12; at++)
        {
            await using var app = DiskFaultsTests.OnFaultyDisk();
            using var plan = new FaultPlan(app.DataDirectory);
            await app.PublishAsync("banner", ServedApp.Banner);
            await app.PublishAsync("ledger", ServedApp.Banner with { Durable = true });
            using var client = await app.WithKeyAsync();
            plan.Arm(at);
            string[] points = ["banner", "ledger", "banner"];
            using var answer = await client.SendAsync("/v1/decisions/batch", new JsonObject
            {
                ["items"] = new JsonArray([.. points.Select((point, i) => new JsonObject { ["decisionPoint"] = point, ["unit"] = "u-1", ["decisionId"] = $"d-{i}" })]),
            }.ToJsonString());
            var items = (await answer.JsonAsync())["items"]!.AsArray();
            if (plan.Failed == FileCall.Sync) sync++;
            plan.Disarm();
            await app.RestartAsync();
            for (var i = 0; i < points.Length; i++)
            {
                var (status, isStored) = (items[i]!["status"]!.GetValue<int>(), await app.Get<EventReader>().FindDecisionAsync($"d-{i}", default) is not null);
                if (status == 503)
                {
                    Assert.Equal("ledger", points[i]); // may have been stored: send it again
                    continue;
                }
                Assert.Equal(200, status);
                var isUnrecorded = items[i]!["result"]!["recorded"] is not null;
                if (isUnrecorded) unrecorded++;
                Assert.True(isStored != isUnrecorded, $"call {at}: item {i} of {points[i]} is {(isStored ? "stored" : "not stored")}, and was answered {items[i]!.ToJsonString()}");
            }
        }
        Assert.True(unrecorded > 0 && sync > 0, $"{unrecorded} were unrecorded, {sync} flushes failed");
    }
}
