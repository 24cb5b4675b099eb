using System.Net;
using System.Text.Json.Nodes;
using Looper.Core;
using Looper.Core.Events;
using Looper.Testing;
using Looper.Testing.Events;
using Looper.Web.Hosting;
using Looper.Web.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Looper.Web.Tests.Api;

/// <summary>R3 and R4 as an application sees them: the whole program on a disk that fails or is full.</summary>
public sealed class DiskFaultsTests(ITestOutputHelper output)
{
    private const string Observe = "/v1/observations", Decide = "/v1/decisions";
    private readonly HashSet<string> _decided = [], _observed = [];
    private int _number, _unrecorded;

    [Fact]
    public async Task R4_on_a_full_disk_decisions_go_on_unrecorded_the_rest_is_refused_and_all_resumes_without_a_restart()
    {
        await using var app = OnFaultyDisk();
        using var plan = new FaultPlan(app.DataDirectory);
        await PublishAsync(app);
        using var client = await app.WithKeyAsync();
        await CallsAsync(client);
        plan.DiskBytes = 0;
        for (var i = 0; i < 50; i++) await CallsAsync(client, mustRecord: false);
        Assert.True(_unrecorded > 40, $"only {_unrecorded} were unrecorded");
        using (var decided = await client.SendAsync(Decide, Decision("banner")))
        {
            var answer = await decided.JsonAsync();
            Assert.Equal((HttpStatusCode.OK, false), (decided.StatusCode, answer["recorded"]!.GetValue<bool>()));
            Assert.NotNull(answer["decision"]);
        }
        using (var batch = await client.SendAsync(Decide + "/batch", $$"""{"items":[{{Decision("banner")}},{{Decision("ledger")}}]}"""))
            Assert.Equal([200, 503], (await batch.JsonAsync())["items"]!.AsArray().Select(i => i!["status"]!.GetValue<int>()));
        Assert.Equal([$$"""looper_decisions_unrecorded_total{decision_point="banner",experiment="",arm=""} {{_unrecorded + 2}}"""],
            app.Get<MetricsText>().Write().Split('\n').Where(l => l.StartsWith("looper_decisions_unrecorded", StringComparison.Ordinal))); // those of the calls, the one above, and one of a batch
        using (var durable = await client.SendAsync(Decide, Decision("ledger"))) await AssertUnavailableAsync(durable);
        using (var observed = await client.SendAsync(Observe, Observation())) await AssertUnavailableAsync(observed);
        using (var ready = await app.Anonymous().GetAsync(new Uri("/readyz", UriKind.Relative))) Assert.Equal((HttpStatusCode.OK, "Degraded"), (ready.StatusCode, await ready.Content.ReadAsStringAsync()));

        plan.DiskBytes = long.MaxValue;
        var before = _observed.Count;
        await Eventually.IsTrueAsync(async () =>
        {
            await CallsAsync(client, mustRecord: false);
            return _observed.Count > before;
        }, TimeSpan.FromSeconds(10));
        await CallsAsync(client);
        await AssertAllThereOnceAsync(app);
    }

    // One call after another fails, first in opening a file, then in the next write, and so on, while the program serves.
    [Fact]
    public async Task R3_whatever_file_operation_fails_every_call_is_answered_and_nothing_acknowledged_is_lost()
    {
        await using var app = OnFaultyDisk();
        using var plan = new FaultPlan(app.DataDirectory);
        await PublishAsync(app);
        var (failed, restarts) = (new Dictionary<FileCall, int>(), 0);
        var client = await app.WithKeyAsync();
        for (var at = 1; at <= Sizes.R3OverHttp; at++)
        {
            plan.Arm(1 + (at % 23));
            for (var call = 0; call < 40 && plan.Failed is null; call++) await CallsAsync(client, mustRecord: false);
            if (plan.Failed is { } what) failed[what] = failed.GetValueOrDefault(what) + 1;
            plan.Disarm();
            // What failed beside the writer may be noticed later than it is asked: until all is recorded again, or nothing is any more.
            await Eventually.IsTrueAsync(async () => HasFailed(app) || await AreRecordedAsync(client));
            if (HasFailed(app))
            {
                using (var observed = await client.SendAsync(Observe, Observation())) await AssertUnavailableAsync(observed);
                using (var ready = await app.Anonymous().GetAsync(new Uri("/readyz", UriKind.Relative))) Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
                client.Dispose();
                await app.RestartAsync(); // as its supervisor would
                client = await app.WithKeyAsync();
                restarts++;
            }
            await CallsAsync(client);
        }
        client.Dispose();
        await AssertAllThereOnceAsync(app);
        Assert.True(failed.ContainsKey(FileCall.Write) && failed.ContainsKey(FileCall.Sync), $"only {string.Join(", ", failed.Keys)} have failed");
        output.WriteLine(FaultLedger.Line("R3 over HTTP", Sizes.R3OverHttp,
            $"{string.Join(", ", failed.OrderBy(f => f.Key).Select(f => $"{f.Value} {f.Key}"))} failed, {restarts} restarts; {_decided.Count} decisions and {_observed.Count} observations acknowledged, all there once"));
    }

    private static bool HasFailed(LooperApp app) => app.Get<Journal>().FlushFailed.IsCompleted || app.Get<Journal>().Condition.State == JournalState.Failed;

    private async Task<bool> AreRecordedAsync(HttpClient client)
    {
        var (decided, observed) = (_decided.Count, _observed.Count);
        await CallsAsync(client, mustRecord: false);
        return (_decided.Count, _observed.Count) == (decided + 2, observed + 21);
    }

    internal static LooperApp OnFaultyDisk() => new(services: s =>
    {
        s.AddSingleton(p => JournalOptions.In(p.GetRequiredService<IOptions<LooperOptions>>().Value.DataDirectory) with
        {
            FileSystem = FaultFileSystem.Name, RetryAfter = TimeSpan.FromMilliseconds(10), CheckpointPages = 20, FoldEvery = TimeSpan.Zero,
        });
        s.Remove(s.Single(d => d.ServiceType == typeof(IHostedService) && d.ImplementationType == typeof(JournalGuard))); // it would end this process
    });

    private static async Task PublishAsync(LooperApp app)
    {
        await app.PublishAsync("banner", ServedApp.Banner);
        await app.PublishAsync("ledger", ServedApp.Banner with { Durable = true });
    }

    // Each kind of call once; each answer is one that the contract knows.
    private async Task CallsAsync(HttpClient client, bool mustRecord = true)
    {
        foreach (var point in new[] { "banner", "ledger" })
        {
            var id = $"d-{++_number}";
            using var decided = await client.SendAsync(Decide, Decision(point, id));
            if (decided.StatusCode != HttpStatusCode.OK)
            {
                Assert.Equal("ledger", point);
                await AssertUnavailableAsync(decided);
                Assert.False(mustRecord);
                continue;
            }
            var recorded = (await decided.JsonAsync())["recorded"] is null;
            Assert.True(recorded || (point == "banner" && !mustRecord));
            if (recorded) _decided.Add(id);
            else _unrecorded++;
        }
        var observation = $"o-{++_number}";
        using (var observed = await client.SendAsync(Observe, Observation(observation)))
        {
            if (observed.StatusCode == HttpStatusCode.Accepted) _observed.Add(observation);
            else await AssertUnavailableAsync(observed);
            Assert.True(!mustRecord || observed.StatusCode == HttpStatusCode.Accepted);
        }
        var ids = Enumerable.Range(0, 20).Select(_ => $"b-{++_number}").ToList();
        using var batch = await client.SendAsync(Observe + "/batch", $$"""{"items":[{{string.Join(',', ids.Select(Observation))}}]}""");
        Assert.Equal(HttpStatusCode.OK, batch.StatusCode);
        var items = (await batch.JsonAsync())["items"]!.AsArray();
        for (var i = 0; i < ids.Count; i++)
        {
            var status = items[i]!["status"]!.GetValue<int>();
            Assert.True(status == 202 || (status == 503 && !mustRecord), items[i]!.ToJsonString());
            if (status == 202) _observed.Add(ids[i]);
        }
    }

    private static async Task AssertUnavailableAsync(HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("journal.unavailable", (await answer.JsonAsync())["code"]!.GetValue<string>());
        Assert.NotNull(answer.Headers.RetryAfter);
    }

    private async Task AssertAllThereOnceAsync(LooperApp app)
    {
        var (decisions, observations) = (new List<string>(), new List<string>());
        var reader = app.Get<EventReader>();
        for (string? next = null; ;)
        {
            var page = await reader.ObservationsAsync(new(), next, 1_000, default);
            observations.AddRange(page.Items.Select(o => o.Id[..o.Id.IndexOf('/', StringComparison.Ordinal)]));
            if ((next = page.Next) is null) break;
        }
        foreach (var point in app.Get<Core.Serving.DecisionEngine>().Current.Points)
        {
            for (string? next = null; ;)
            {
                var page = await reader.DecisionsAsync(new(point.Id), next, 1_000, default);
                decisions.AddRange(page.Items.Select(d => d.Id));
                if ((next = page.Next) is null) break;
            }
        }
        Assert.Equal(decisions.Count, decisions.Distinct().Count());
        Assert.Equal(observations.Count, observations.Distinct().Count());
        Assert.Empty(_decided.Except(decisions));
        Assert.Empty(_observed.Except(observations));
    }

    private string Decision(string point) => Decision(point, $"x-{++_number}");

    private static string Decision(string point, string id) => new JsonObject { ["decisionPoint"] = point, ["unit"] = "u-1", ["decisionId"] = id }.ToJsonString();

    private string Observation() => Observation($"y-{++_number}");

    private static string Observation(string id) =>
        new JsonObject { ["observationId"] = id, ["decisionId"] = "d-1", ["outcomes"] = new JsonObject { ["purchase"] = true } }.ToJsonString();
}
