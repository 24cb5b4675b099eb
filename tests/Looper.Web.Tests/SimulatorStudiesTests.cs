using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Core.Studies;
using Looper.Testing;
using Looper.Web.Tests.Api;
using Looper.Web.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Looper.Web.Tests;

/// <summary>A study whose trials are measured by an HTTP endpoint outside, over a real connection.</summary>
public sealed class SimulatorStudiesTests
{
    /// <summary>Answers with a hill whose top is at 0.3, from the third call on.</summary>
    private static async Task<WebApplication> SimulatorAsync(ConcurrentQueue<int> asked)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var simulator = builder.Build();
        simulator.MapPost("/measure", (JsonNode body) =>
        {
            asked.Enqueue((int)body["trial"]!);
            if (asked.Count < 3) return Results.StatusCode(503);
            var x = (double)body["parameters"]!["threshold"]!;
            return Results.Json(new { metrics = new { revenue = new { mean = 5 - (x - 0.3) * (x - 0.3), standardError = 0.001 } }, units = 700 });
        });
        await simulator.StartAsync();
        return simulator;
    }

    [Fact]
    public async Task Trials_are_measured_by_the_endpoint_and_one_that_is_away_is_awaited()
    {
        var asked = new ConcurrentQueue<int>();
        await using var simulator = await SimulatorAsync(asked);
        await using var looper = new LooperApp();
        using var client = await looper.SignedInAsync(Role.Engineer);
        using var created = await client.PostAsJsonAsync("/api/studies", new
        {
            name = "Threshold", plan = new
            {
                source = "simulator", simulatorUrl = simulator.Urls.Single() + "/measure", trials = 8,
                parameters = new[] { new { name = "threshold", low = 0, high = 1 } }, goals = new[] { new { metric = "revenue" } },
            },
        });
        Assert.True(created.StatusCode == HttpStatusCode.Created, await created.Content.ReadAsStringAsync());
        var id = (Guid)(await created.JsonAsync())["id"]!;
        using var started = await client.PostAsync($"/api/studies/{id}/start", null);
        Assert.Equal(HttpStatusCode.NoContent, started.StatusCode);
        JsonNode? study = null;
        await Eventually.IsTrueAsync(async () =>
        {
            await looper.Get<StudyLoop>().AdvanceAllAsync(default);
            study = await client.GetFromJsonAsync<JsonNode>($"/api/studies/{id}");
            return (string)study!["study"]!["state"]! == "finished";
        });
        Assert.Equal(Enumerable.Range(1, 8), asked.Distinct()); // the job of the program may ask meanwhile, too
        Assert.True(asked.Count(trial => trial == 1) >= 3);
        Assert.All(study!["trials"]!.AsArray(), t => Assert.Equal(("measured", 700), ((string)t!["state"]!, (int)t["units"]!)));
        Assert.Equal(0.3, (double)study["best"]!["parameters"]!["threshold"]!, 0.05);
        Assert.InRange((double)study["furtherGain"]!, 0, 0.01);
        var page = WebUtility.HtmlDecode(await client.GetStringAsync($"/studies/{id}"));
        foreach (var part in (string[])["measured by a simulator", "About equally good, the others kept: threshold from"]) Assert.Contains(part, page, StringComparison.Ordinal);
        using var nowhere = await client.PostAsJsonAsync("/api/studies", new { name = "Nowhere", plan = new { source = "simulator", parameters = new[] { new { name = "x", low = 0, high = 1 } }, goals = new[] { new { metric = "y" } } } });
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "simulatorUrl"), (nowhere.StatusCode, (string)(await nowhere.JsonAsync())["field"]!));
    }
}
