using System.Text.Json.Nodes;
using Looper.Core.Access;

namespace Looper.Web.Tests.Api.Personalizer;

public sealed class PersonalizerDescriptionTests(PersonalizerApp looper) : IClassFixture<PersonalizerApp>
{
    [Fact]
    public async Task The_document_shows_each_call_under_both_endpoints_with_its_parameters_bodies_and_refusals()
    {
        using var signedIn = await looper.App.SignedInAsync(Role.Viewer);
        var paths = JsonNode.Parse(await signedIn.GetStringAsync("/openapi/v1.json"))!["paths"]!.AsObject();
        foreach (var (call, status, takes) in new[] { ("rank", "201", "RankRequest"), ("events/{eventId}/reward", "204", "RewardRequest"), ("events/{eventId}/activate", "204", null) })
        {
            foreach (var endpoint in new[] { "/personalizer/", "/personalizer/{decisionPoint}/personalizer/" })
            {
                var route = $"{endpoint}v1.0/{call}";
                var operation = paths[route]!["post"]!;
                Assert.Equal(route.Split('/').Where(p => p.StartsWith('{')).Select(p => p.Trim('{', '}')), operation["parameters"]?.AsArray().Select(p => (string)p!["name"]!) ?? []);
                Assert.Equal(takes, ((string?)operation["requestBody"]?["content"]!["application/json"]!["schema"]!["$ref"])?.Split('/')[^1]);
                Assert.NotNull(operation["responses"]![status]);
                foreach (var refusal in new[] { "400", "401", "403", "404", "409", "413", "415", "429", "503" })
                    Assert.EndsWith("/PersonalizerErrorResponse", (string)operation["responses"]![refusal]!["content"]!["application/json"]!["schema"]!["$ref"]!, StringComparison.Ordinal);
            }
        }
        Assert.Equal(6, paths.Count(p => p.Key.StartsWith("/personalizer", StringComparison.Ordinal)));
    }
}
