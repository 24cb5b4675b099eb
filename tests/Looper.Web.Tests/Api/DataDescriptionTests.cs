using System.Text.Json.Nodes;
using Looper.Core.Access;

namespace Looper.Web.Tests.Api;

public sealed class DataDescriptionTests(BannerApp banner) : IClassFixture<BannerApp>
{
    [Fact]
    public async Task The_document_shows_every_data_route_with_schemas_and_an_example_that_works()
    {
        using var signedIn = await banner.App.SignedInAsync(Role.Viewer);
        var document = JsonNode.Parse(await signedIn.GetStringAsync("/openapi/v1.json"))!;
        await banner.App.PublishAsync("checkout-banner", ServedApp.Banner);
        foreach (var (route, id, status) in new[]
        {
            ("/v1/decisions", "decide", "200"), ("/v1/decisions/batch", "decideBatch", "200"),
            ("/v1/observations", "observe", "202"), ("/v1/observations/batch", "observeBatch", "200"), ("/v1/decisions/made", "decisionsMade", "200"),
        })
        {
            var operation = document["paths"]![route]!["post"]!;
            Assert.Equal(id, operation["operationId"]!.GetValue<string>());
            var request = operation["requestBody"]!["content"]!["application/json"]!;
            Assert.NotNull(request["schema"]);
            Assert.NotNull(operation["responses"]![status]!["content"]!["application/json"]!["schema"]);
            Assert.NotNull(operation["responses"]![status]!["content"]!["application/json"]!["example"]);
            foreach (var problem in new[] { "400", "401", "403", "404", "408", "409", "413", "415", "422", "429", "503" })
                Assert.NotNull(operation["responses"]![problem]!["content"]!["application/problem+json"]!["schema"]);
            await banner.Client.OkAsync(route, request["example"]!.ToJsonString());
        }
        var snapshot = document["paths"]!["/v1/snapshots/{decisionPoint}"]!["get"]!;
        Assert.Equal("snapshot", snapshot["operationId"]!.GetValue<string>());
        Assert.Equal([("decisionPoint", "path"), ("If-None-Match", "header")], snapshot["parameters"]!.AsArray().Select(p => ((string)p!["name"]!, (string)p["in"]!)));
        Assert.NotNull(snapshot["responses"]!["200"]!["content"]!["application/octet-stream"]);
        Assert.NotNull(snapshot["responses"]!["304"]);
        Assert.NotNull(snapshot["responses"]!["409"]!["content"]!["application/problem+json"]);
    }
}
