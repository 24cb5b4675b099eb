using System.Net;
using Looper.Core.Access;
using Looper.Testing.Events;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Api.Personalizer;

/// <summary>R4 in Personalizer's form: on a full disk a rank is answered and says that it is not recorded, unless it must be; nothing that a reward says is acknowledged.</summary>
public sealed class PersonalizerDiskTests
{
    private const string Call = """{"actions":[{"id":"a"},{"id":"b"}],"eventId":"EVENT"}""";

    [Fact]
    public async Task R4_on_a_full_disk_what_could_not_be_stored_is_said()
    {
        await using var app = DiskFaultsTests.OnFaultyDisk();
        using var plan = new FaultPlan(app.DataDirectory);
        await app.PublishAsync("offers", PersonalizerApp.Pick);
        await app.PublishAsync("ledger", PersonalizerApp.Pick with { Durable = true });
        using var client = await app.WithKeyAsync(KeyScopes.Decide | KeyScopes.Observe);
        var stored = await client.OkAsync("/personalizer/offers/personalizer/v1.0/rank", Call);
        Assert.Null(stored["recorded"]);
        plan.DiskBytes = 0;
        var recorded = true; // until the journal meets the full disk
        for (var i = 0; i < 500 && recorded; i++)
        {
            var answer = await client.OkAsync("/personalizer/offers/personalizer/v1.0/rank", Call.Replace("EVENT", $"e{i}", StringComparison.Ordinal));
            Assert.NotNull(answer["rewardActionId"]);
            recorded = (bool?)answer["recorded"] ?? true;
        }
        Assert.False(recorded);
        foreach (var (route, body) in new[] { ("ledger/personalizer/v1.0/rank", Call), ("offers/personalizer/v1.0/events/EVENT/reward", """{"value":1}""") })
        {
            var refused = await client.SendAsync("/personalizer/" + route, body);
            for (var i = 0; i < 500 && refused.IsSuccessStatusCode; i++) // a log that starts over has room once more
            {
                refused.Dispose();
                refused = await client.SendAsync("/personalizer/" + route.Replace("EVENT", $"r{i}", StringComparison.Ordinal), body.Replace("EVENT", $"r{i}", StringComparison.Ordinal));
            }
            using (refused)
            {
                await PersonalizerApp.ErrorAsync(refused, HttpStatusCode.ServiceUnavailable, "503", "journal.unavailable");
                Assert.Equal("5", refused.Headers.GetValues("Retry-After").Single());
            }
        }
    }
}
