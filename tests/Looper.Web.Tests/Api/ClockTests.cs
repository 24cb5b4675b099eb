using System.Text.Json.Nodes;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Numerics;
using Looper.Testing;
using Looper.Web.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Web.Tests.Api;

public sealed class ClockTests(ITestOutputHelper output)
{
    private static readonly TimeSpan[] s_jumps =
    [
        TimeSpan.FromHours(1), TimeSpan.FromHours(-1), TimeSpan.FromDays(1), TimeSpan.FromDays(-1), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(-1), TimeSpan.FromMilliseconds(-1),
    ];

    [Fact]
    public async Task R10_however_the_clock_jumps_every_call_is_answered_ids_stay_ordered_and_every_outcome_joins()
    {
        var clock = new TestClock();
        await using var app = new LooperApp(services: s => s.AddSingleton<TimeProvider>(clock));
        var outcome = new Outcome("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromHours(2), Aggregation = Aggregation.Any };
        var point = await app.PublishAsync("banner", ServedApp.Banner with { Outcomes = [outcome] });
        using var client = await app.WithKeyAsync();
        var random = new Philox(Sizes.Seed, "R10");
        var ids = new List<Guid>();
        for (var jump = 0; jump < Sizes.R10Jumps; jump++)
        {
            clock.Turn(s_jumps[random.Below(s_jumps.Length)]);
            var decided = await client.OkAsync("/v1/decisions", """{"decisionPoint":"banner","unit":"u"}""");
            Assert.Null(decided["recorded"]);
            ids.Add(decided["decisionId"]!.GetValue<Guid>());
            if (random.Below(2) == 0) clock.Turn(-TimeSpan.FromDays(random.Below(3))); // a step back between a decision and its outcome
            var time = clock.GetUtcNow().AddYears(1).ToString("O"); // as a client of next year says
            var call = new JsonObject { ["decisionId"] = ids[^1].ToString(), ["outcomes"] = new JsonObject { ["purchase"] = true }, ["time"] = random.Below(2) == 0 ? time : null };
            if (call["time"] is null) call.Remove("time");
            await client.OkAsync("/v1/observations", call.ToJsonString());
        }
        Assert.Equal(ids.Select(Milliseconds), ids.Select(Milliseconds).Order());
        var observed = (await app.Get<EventReader>().ObservationsAsync(new(), null, 1_000, default)).Items;
        Assert.Equal(ids.Count, observed.Count);
        Assert.All(observed, o => Assert.Equal(o.ReceivedAt, o.Time));

        clock.Turn(TimeSpan.FromDays(2L * Sizes.R10Jumps)); // every window is over
        var examples = await app.Get<ExampleReader>().ReadAsync(new(point, [outcome]), default).ToListAsync();
        Assert.Equal(ids.Count, examples.Count);
        Assert.All(examples, e => Assert.Equal(1, e.Values[0]));
        await app.Get<Journal>().FlushAsync(default);
        await Eventually.IsTrueAsync(async () =>
            (await app.Get<EventReader>().HoursAsync(point, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200), default)).Sum(h => h.Decisions) == ids.Count);
        output.WriteLine(FaultLedger.Line("R10 over HTTP", Sizes.R10Jumps, "jumps of up to two days; every call answered, every outcome joined"));
    }

    // The first 48 bits of a UUID v7.
    private static long Milliseconds(Guid id) => Convert.ToInt64(id.ToString("N")[..12], 16);
}
