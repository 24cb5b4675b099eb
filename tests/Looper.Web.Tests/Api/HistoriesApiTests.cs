using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Models;
using Looper.Core.Serving;
using Looper.Testing;
using Looper.Web.Hosting;
using Looper.Web.Tests.Decisions;
using Looper.Web.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Web.Tests.Api;

/// <summary>Features that look back, from the management API to the next decision's logged features and to training. After a decision for each, at noon Ann buys for 10, at ten past for 30;
/// Bob does not buy; of Carl nothing is known.</summary>
public sealed class HistoriesApiTests : IAsyncLifetime
{
    private const string Observations = "/v1/observations";
    private readonly TestClock _clock = new(new(2026, 11, 22, 11, 59, 0, TimeSpan.Zero));
    private readonly LooperApp _looper;
    private HttpClient _engineer = null!, _app = null!;

    public HistoriesApiTests() => _looper = new(services: services => services.AddSingleton<TimeProvider>(_clock));

    public async ValueTask InitializeAsync()
    {
        await ConnectAsync();
        await ChangeAsync("""[{"name":"country","kind":"category"}]""");
        await DecideAsync("ann-1", "ann");
        await DecideAsync("bob-1", "bob");
        _clock.Turn(TimeSpan.FromMinutes(1));
        await _app.OkAsync(Observations, """{"decisionId":"ann-1","observationId":"o-1","outcomes":{"purchase":true,"revenue":10}}""");
        await _app.OkAsync(Observations, """{"decisionId":"bob-1","outcomes":{"purchase":false,"revenue":0}}""");
        _clock.Turn(TimeSpan.FromMinutes(20));
        await _app.OkAsync(Observations + "/batch", """{"items":[{"unit":"ann","time":"2026-11-22T12:10:00Z","outcomes":{"purchase":true,"revenue":30}}]}""");
        await DecideAsync("ann-2", "ann"); // before anything looks back
        await ChangeAsync("""
            [
              {"name":"country","kind":"category"},
              {"name":"purchases","kind":"number","derived":{"kind":"history","of":"purchase","aggregate":"count","window":"1h"}},
              {"name":"spent","kind":"number","derived":{"kind":"history","of":"revenue","aggregate":"sum","window":"2h"}},
              {"name":"basket","kind":"number","derived":{"kind":"history","of":"revenue","aggregate":"mean","window":"2h"}},
              {"name":"since","kind":"number","derived":{"kind":"history","of":"purchase","aggregate":"recency","window":"2h"}}
            ]
            """);
    }

    public ValueTask DisposeAsync() => _looper.DisposeAsync();

    [Fact]
    public async Task The_next_decision_is_served_and_logged_with_what_was_reported_for_its_unit()
    {
        Assert.Equal(["2", "40", "20", "600"], await DecideAsync("ann-3", "ann"));
        Assert.Equal(["0", "0", "0", "missing"], await DecideAsync("bob-2", "bob")); // reported as nothing: a mean there is, a last time there is not
        Assert.Equal(["0", "0", "missing", "missing"], await DecideAsync("carl-1", "carl"));
        using var again = await _app.SendAsync(Observations, """{"decisionId":"ann-1","observationId":"o-1","outcomes":{"purchase":true,"revenue":10}}""");
        Assert.Equal("true", again.Headers.GetValues("Idempotent-Replayed").Single());
        Assert.Equal(["2", "40", "20", "600"], await DecideAsync("ann-4", "ann"));
        var examples = await _engineer.GetFromJsonAsync<JsonArray>("/api/decision-points/offers/examples");
        Assert.Equal(["2", "40", "20", "600"], Shown(examples!.Single(e => e!["decisionId"]!.ToString() == "ann-4")!));

        _clock.Turn(TimeSpan.FromMinutes(40) - TimeSpan.FromTicks(1)); // a window ends on the tick, and a late report counts from when it happened
        Assert.Equal(["2", "40", "20"], (await DecideAsync("ann-5", "ann"))[..3]);
        _clock.Turn(TimeSpan.FromTicks(1));
        Assert.Equal(["1", "40", "20", "3000"], await DecideAsync("ann-6", "ann")); // noon is an hour ago
        await _app.OkAsync(Observations, """{"unit":"ann","time":"2026-11-22T11:30:00Z","outcomes":{"purchase":true,"revenue":5}}""");
        Assert.Equal(["1", "45", "15", "3000"], await DecideAsync("ann-7", "ann")); // too old to be counted, not too old to be summed
        _clock.Turn(TimeSpan.FromMinutes(30));
        Assert.Equal(["0", "40", "20", "4800"], await DecideAsync("ann-8", "ann"));
        _clock.Turn(TimeSpan.FromMinutes(40));
        Assert.Equal(["0", "0", "missing", "missing"], await DecideAsync("ann-9", "ann"));
    }

    [Fact]
    public async Task After_a_restart_the_journal_gives_the_same_bytes_and_training_has_them_too()
    {
        await DecideAsync("ann-3", "ann");
        await DecideAsync("bob-2", "bob");
        _clock.Turn(TimeSpan.FromMinutes(10));
        await DecideAsync("ann-4", "ann");
        await _looper.RestartAsync();
        await ConnectAsync();
        await DecideAsync("ann-5", "ann");
        Assert.Equal(Convert.ToHexString((await ServedAsync("ann-4")).Span), Convert.ToHexString((await ServedAsync("ann-5")).Span));
        await _app.OkAsync(Observations, """{"unit":"ann","time":"2026-11-22T12:15:00Z","outcomes":{"purchase":true,"revenue":100}}"""); // nobody knew when they were made

        var rows = await TrainedOnAsync();
        Assert.Equal(7, rows.Count);
        foreach (var id in new[] { "ann-3", "bob-2", "ann-4", "ann-5" }) Assert.Equal(Convert.ToHexString((await ServedAsync(id)).Span), rows[id]);
        Assert.Equal(rows["ann-3"], rows["ann-2"]); // the same moment, decided by the version that did not look back
        Assert.NotEqual(Convert.ToHexString((await ServedAsync("ann-2")).Span), rows["ann-2"]);
        Assert.Equal(4, rows.Values.Distinct().Count()); // both before noon, when nothing was known; Ann at twenty past and at half past; Bob at twenty past
    }

    /// <summary>Of each decision the row that a training reads, as hexadecimal.</summary>
    private async Task<Dictionary<string, string>> TrainedOnAsync()
    {
        var contents = new Dictionary<int, BlueprintContent>();
        foreach (var version in new[] { 1, 2 }) contents[version] = BlueprintJson.Stored((await _engineer.GetFromJsonAsync<JsonNode>($"/api/decision-points/offers/blueprints/{version}"))!["content"]!.ToJsonString());
        var (reader, query) = (_looper.Get<ExampleReader>(), new ExampleQuery(_looper.Get<DecisionEngine>().Current.Find("offers")!.Id, contents[2].Outcomes));
        var reading = new ExampleReading(contents[2].Outcomes, new VersionTable(contents[2], contents, recalls: true), provisional: true);
        await reading.ReadAsync(reader, query, (_, _) => { }, default);
        var ids = await reader.ReadAsync(query, default).Select(e => e.Decision.Id).ToListAsync();
        return ids.Select((id, row) => (id, Bytes: Convert.ToHexString(reading.Examples.Served(row)))).ToDictionary(r => r.id, r => r.Bytes);
    }

    private async Task ConnectAsync()
    {
        (_engineer, _app) = (await _looper.SignedInAsync(Role.Engineer), await _looper.WithKeyAsync());
        await _looper.Get<Journal>().Histories.Settled;
    }

    /// <summary>Publishes the next version with these features, through the management API, and waits until it serves.</summary>
    private async Task ChangeAsync(string features)
    {
        var draft = _looper.Get<DecisionEngine>().Current.Find("offers") is null ? await _engineer.CreateDraftAsync("offers") : await _engineer.EditAsync("offers");
        var content = draft["content"]!;
        content["features"] = JsonNode.Parse(features);
        content["outcomes"] = JsonNode.Parse("""[{"name":"purchase","kind":"boolean","aggregation":"any","window":"10m"},{"name":"revenue","kind":"number","aggregation":"sum","window":"10m"}]""");
        content["goal"] = JsonNode.Parse("""{"terms":[{"outcome":"purchase","weight":1}]}""");
        content["policy"] = JsonNode.Parse("""{"kind":"random"}""");
        content["rollout"] = JsonNode.Parse("""{"share":1,"holdout":0}""");
        content["training"]!["isOn"] = false;
        using var saved = await _engineer.SaveAsync(draft, draft.Revision());
        using var published = await _engineer.PublishAsync(await saved.ReadAsync(HttpStatusCode.OK));
        await published.ReadAsync(HttpStatusCode.Created);
        await _looper.Get<SnapshotRefresher>().RefreshAsync(default);
        await _looper.Get<Journal>().Histories.Settled;
    }

    /// <summary>Decides, and reads from the management API what the decision was served with beyond its context: values, or that they are missing.</summary>
    private async Task<string[]> DecideAsync(string id, string unit)
    {
        await _app.OkAsync("/v1/decisions", string.Create(CultureInfo.InvariantCulture, $$$"""{"decisionPoint":"offers","unit":"{{{unit}}}","decisionId":"{{{id}}}","context":{"country":"NL"}}"""));
        return Shown((await _engineer.GetFromJsonAsync<JsonNode>($"/api/decisions/{id}"))!);
    }

    private static string[] Shown(JsonNode decision) => [.. decision["features"]!.AsArray().Skip(1).Select(f => f!["value"]?.ToString() ?? f["state"]!.ToString())];

    private async Task<ReadOnlyMemory<byte>> ServedAsync(string id) => (await _looper.Get<EventReader>().FindDecisionAsync(id, default))!.Served;
}
