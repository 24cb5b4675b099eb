using System.Net;
using System.Net.Http.Json;
using Looper.Core.Access;
using Looper.Web.Tests.Api;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Access;

public sealed class KeysApiTests
{
    [Fact]
    public async Task A_key_is_limited_to_decision_points_that_are_there()
    {
        await using var looper = new LooperApp();
        using var admin = await looper.SignedInAsync(Role.Admin);
        var (there, nowhere) = (await looper.PublishAsync("banner", ServedApp.Banner), Guid.CreateVersion7());
        using var made = await admin.PostAsJsonAsync("/api/keys", new { name = "shop", scopes = new[] { "decide" }, decisionPoints = new[] { there } });
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        using var refused = await admin.PostAsJsonAsync("/api/keys", new { name = "shop", scopes = new[] { "decide" }, decisionPoints = new[] { there, nowhere } });
        var problem = await Problem.IsAsync(refused, HttpStatusCode.UnprocessableEntity, "key.invalid");
        Assert.Equal("decisionPoints", problem["field"]!.GetValue<string>());
        Assert.Contains(nowhere.ToString(), problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }
}
