using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Looper.Core.Access;

namespace Looper.Web.Tests.Hosting;

/// <summary>What the framework itself refuses on a management route.</summary>
public sealed class BareRefusalsTests(HostingTests.Shared shared) : IClassFixture<HostingTests.Shared>
{
    private readonly LooperApp _looper = shared.Looper;

    [Theory]
    [InlineData("GET", "/api/audit?size=abc", 400, "request.malformed", "size", "size: 'abc' is no whole number, or is too large.")]
    [InlineData("GET", "/api/audit?before=99999999999999999999", 400, "request.malformed", "before", "before: '99999999999999999999' is no whole number, or is too large.")]
    [InlineData("GET", "/api/jobs?open=maybe", 400, "request.malformed", "open", "open: 'maybe' is no yes or no. Give true or false.")]
    [InlineData("GET", "/api/jobs?before=noon", 400, "request.malformed", "before", "before: 'noon' is no time. Write it like 2026-05-04T12:30:00Z.")]
    [InlineData("GET", "/api/experiments/size?arms=9999999999", 400, "request.malformed", "arms", "arms: '9999999999' is no whole number, or is too large.")]
    [InlineData("GET", "/api/nowhere", 404, "route.unknown", null, "There is no route /api/nowhere.")]
    [InlineData("POST", "/api/nowhere", 404, "route.unknown", null, "There is no route /api/nowhere.")]
    [InlineData("GET", "/api/jobs/abc", 404, "route.unknown", null, "There is no route /api/jobs/abc.")]
    [InlineData("DELETE", "/api/users", 405, "request.method", null, "DELETE is not a method of this route. It takes GET, POST.")]
    [InlineData("POST", "/api/users", 415, "request.content-type", null, "Content-Type: `text/plain; charset=utf-8` is not taken here.")]
    [InlineData("POST", "/api/imports", 415, "request.content-type", null, "Content-Type: `text/plain; charset=utf-8` is not taken here. Send a form with the header Content-Type: multipart/form-data.")]
    public async Task Each_is_told_what_why_and_what_helps(string method, string address, int status, string code, string? field, string begins)
    {
        using var client = await _looper.SignedInAsync(Role.Admin);
        using var request = new HttpRequestMessage(new(method), address);
        if (status == 415) request.Content = new StringContent("{}");
        using var answer = await client.SendAsync(request);
        var problem = await Problem.IsAsync(answer, (HttpStatusCode)status, code);
        Assert.Equal(field, (string?)problem["field"]);
        Assert.StartsWith(begins, (string?)problem["detail"], StringComparison.Ordinal);
        if (status == 405) Assert.Equal(["GET", "POST"], answer.Content.Headers.Allow.Order());
    }

    [Theory] // the reader's own words name types of ours, and one of them came as a fault of the server
    [InlineData("/api/decision-points/nowhere/apprentice", "{\"policy\":{}}", "policy.kind", "'policy' lacks 'kind'. Give one that the API reference lists.")]
    [InlineData("/api/decision-points/nowhere/apprentice", "{\"policy\":{\"kind\":\"guess\"}}", "policy", "'policy' has a kind that there is not. Give one that the API reference lists.")]
    [InlineData("/api/settings/general", "", null, "The body is missing. Send JSON with the fields that the API reference lists.")]
    [InlineData("/api/settings/general", "null", null, "The body is missing. Send JSON with the fields that the API reference lists.")]
    public async Task What_a_body_lacks_is_named(string address, string body, string? field, string reason)
    {
        using var client = await _looper.SignedInAsync(Role.Admin);
        using var answer = await client.PutAsync(address, Json(body));
        var problem = await Problem.IsAsync(answer, HttpStatusCode.BadRequest, "request.malformed");
        Assert.Equal((field, reason), ((string?)problem["field"], (string?)problem["detail"]));
    }

    [Fact]
    public async Task What_an_address_lacks_is_named()
    {
        using var client = await _looper.SignedInAsync(Role.Viewer);
        using var answer = await client.GetAsync($"/api/experiments/{Guid.Empty}/ship");
        var problem = await Problem.IsAsync(answer, HttpStatusCode.BadRequest, "request.malformed");
        Assert.Equal(("arm", "arm: it is missing, or cannot be read. Give it in the address as the API reference shows."), ((string?)problem["field"], (string?)problem["detail"]));
    }

    [Fact]
    public async Task Every_management_operation_lists_the_refusals_that_it_can_have()
    {
        using var client = await _looper.SignedInAsync(Role.Viewer);
        var document = JsonNode.Parse(await client.GetStringAsync("/openapi/v1.json"))!;
        var operations = document["paths"]!.AsObject().Where(p => p.Key.StartsWith("/api/", StringComparison.Ordinal)).SelectMany(p => p.Value!.AsObject()).Select(o => o.Value!).ToList();
        Assert.True(operations.Count > 100);
        foreach (var operation in operations)
        {
            Assert.NotNull(operation["responses"]!["403"]!["content"]!["application/problem+json"]!["schema"]);
            Assert.NotNull(operation["responses"]!["503"]);
            if (operation["requestBody"] is null) continue;
            foreach (var status in new[] { "400", "404", "413", "415", "422" }) Assert.NotNull(operation["responses"]![status]);
        }
        Assert.NotNull(document["paths"]!["/api/drafts/{id}"]!["put"]!["responses"]!["428"]);
        Assert.Null(document["paths"]!["/api/users"]!["get"]!["responses"]!["412"]);
        var problem = document["components"]!["schemas"]!["ProblemDetails"]!;
        Assert.All(new[] { "code", "field", "errors" }, name => Assert.NotNull(problem["properties"]![name]));
        Assert.NotEqual("false", problem["additionalProperties"]?.ToJsonString()); // such as traceId
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}
