using System.Diagnostics;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Web.Tests.Console;

namespace Looper.Web.Tests.Api.Personalizer;

/// <summary>Microsoft's own libraries for Personalizer, of v1.0 and of the last v1.1 preview, against the whole program: nothing but the endpoint and the key is Looper's.</summary>
public sealed class PersonalizerLibraryTests(PersonalizerApp looper) : IClassFixture<PersonalizerApp>
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "Looper.Web.Tests", "Api", "Personalizer", "Library");

    [Theory, InlineData(""), InlineData("/")]
    public async Task An_app_written_for_Personalizer_needs_another_endpoint_and_key_alone(string end)
    {
        Assert.SkipUnless(Directory.Exists(Path.Combine(Folder, "node_modules", "@azure")), "The libraries are not installed here: npm brings them when the tests are built.");
        var point = end.Length == 0 ? "plain" : "slashed"; // an event's id is used once at a decision point
        var key = await looper.App.KeyAsync(KeyScopes.Decide | KeyScopes.Observe, await looper.App.PublishAsync(point, PersonalizerApp.Pick));
        var seen = await RunAsync(looper.Client.BaseAddress!.GetLeftPart(UriPartial.Authority) + end, key);

        var ranking = seen["first"]!["ranking"]!.AsArray();
        Assert.Equal(["sports"], ranking.Where(r => (double)r!["probability"]! == 0).Select(r => (string)r!["id"]!));
        Assert.Equal(("sports", "library/1"), ((string)ranking[1]!["id"]!, (string)seen["first"]!["eventId"]!));
        Assert.Equal((string)ranking[0]!["id"]!, (string)seen["first"]!["rewardActionId"]!);
        Assert.True(Guid.TryParse((string)seen["made"]!["eventId"]!, out _));
        Assert.Equal((400, "InvalidRankRequest"), ((int)seen["refused"]!["status"]!, (string)seen["refused"]!["error"]!["code"]!));
        Assert.StartsWith("actions: this is missing", (string)seen["refused"]!["error"]!["message"]!, StringComparison.Ordinal);
        Assert.Equal(("201", false, "library/2"), ((string)seen["second"]!["status"]!, (bool)seen["second"]!["unexpected"]!, (string)seen["second"]!["eventId"]!));
        Assert.Equal(("204", "204"), ((string)seen["activated"]!, (string)seen["rewarded"]!));
        Assert.Equal(("404", "ResourceNotFound"), ((string)seen["unknown"]!["status"]!, (string)seen["unknown"]!["code"]!));
        foreach (var (id, reward) in new[] { ("library/1", 0.75), ("library/2", -0.5) })
            Assert.Equal(("reward", reward), (await looper.Events.FindTrailAsync($"{point}:{id}", default))!.Observations.Select(o => (o.Outcome, o.Value)).Single());
    }

    private static async Task<JsonNode> RunAsync(string endpoint, string key)
    {
        var start = new ProcessStartInfo("node", [Path.Combine(Folder, "calls.mjs"), endpoint, key]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var run = Process.Start(start)!;
        var (output, error) = (run.StandardOutput.ReadToEndAsync(), run.StandardError.ReadToEndAsync());
        await run.WaitForExitAsync();
        Assert.True(run.ExitCode == 0, await error);
        return JsonNode.Parse(await output)!;
    }
}
