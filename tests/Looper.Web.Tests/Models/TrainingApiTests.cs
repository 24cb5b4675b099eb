using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Web.Tests.Api;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Models;

public sealed class TrainingApiTests
{
    private const string Address = "/api/decision-points/banner/training";

    [Fact]
    public async Task Settings_are_read_changed_and_become_a_version()
    {
        await using var looper = new LooperApp();
        await looper.PublishAsync("banner", LiveModels.Banner);
        var admin = await looper.SignedInAsync(Role.Engineer);
        var read = (await admin.GetFromJsonAsync<JsonNode>(Address))!;
        Assert.Equal((1, 1), (read["version"]!.GetValue<int>(), read["training"]!["searchSeconds"]!.GetValue<int>()));
        read["training"]!["family"] = "trees";
        read["training"]!["settings"]!["leaves"] = 15;
        using var changed = await admin.PutAsJsonAsync(Address, new { version = 1, training = read["training"] });
        var now = await changed.JsonAsync();
        Assert.Equal((2, "trees", 15), (now["version"]!.GetValue<int>(), now["training"]!["family"]!.ToString(), now["training"]!["settings"]!["leaves"]!.GetValue<int>()));
        using var late = await admin.PutAsJsonAsync(Address, new { version = 1, training = read["training"] });
        await Problem.IsAsync(late, System.Net.HttpStatusCode.PreconditionFailed, "blueprint.changed-meanwhile");
    }

    [Theory]
    [InlineData("""{"settings":{"leaves":1}}""", "training.settings.leaves")]
    [InlineData("""{"searchSeconds":-5}""", "training.searchSeconds")]
    [InlineData("""{"objectives":[{"outcome":"purchase","target":"quantile","quantile":0.5}]}""", "training.objectives[0].target")]
    [InlineData("""{"selection":{"pinned":["colour"]}}""", "training.selection.pinned[0]")]
    [InlineData("""{"gate":{"notWorse":0.5}}""", "training.gate.notWorse")]
    public async Task What_cannot_be_used_is_refused_with_the_field(string training, string field)
    {
        await using var looper = new LooperApp();
        await looper.PublishAsync("banner", LiveModels.Banner);
        var admin = await looper.SignedInAsync(Role.Engineer);
        using var answer = await admin.PutAsJsonAsync(Address, new { version = 1, training = JsonNode.Parse(training) });
        Assert.Equal(422, (int)answer.StatusCode);
        Assert.Equal(field, (await answer.JsonAsync())["field"]!.ToString());
    }
}
