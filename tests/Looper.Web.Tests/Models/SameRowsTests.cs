using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Models;
using Looper.Web.Tests.Api;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Models;

/// <summary>One loss judges two models only where both predict the same.</summary>
public sealed class SameRowsTests
{
    private const string Path = "/api/decision-points/banner/models";

    [Fact] // a probability beside an amount: a loss of both would mean nothing
    public async Task Models_of_an_outcome_whose_kind_changed_between_them_are_not_compared()
    {
        await using var looper = new LooperApp(recurs: false);
        var point = await looper.PublishAsync("banner", LiveModels.Banner);
        await looper.PublishAsync("banner", LiveModels.Banner with { Outcomes = [LiveModels.Banner.Outcomes[0] with { Kind = OutcomeKind.Number }] });
        await looper.AddModelAsync(point, 1, ModelState.Retired, metrics: Quality("binary"));
        await looper.AddModelAsync(point, 2, ModelState.Live, version: 2, metrics: Quality("number"));
        await looper.AddModelAsync(point, 3, ModelState.Candidate, version: 2, metrics: Quality("number"));
        using var viewer = await looper.SignedInAsync(Role.Viewer);
        await Problem.IsAsync(await viewer.GetAsync($"{Path}/1/compare/2/same-rows"), HttpStatusCode.Conflict, "model.other-target");
        Assert.Equal(0, (int)(await viewer.GetFromJsonAsync<JsonNode>($"{Path}/2/compare/3/same-rows"))!["rows"]!);
    }

    private static string Quality(string task) => $$"""{"task":"{{task}}","rows":0,"units":0,"rarer":0,"metrics":[],"reliability":[],"byOption":[],"tau":null}""";
}
