using System.Net;
using System.Text.Json.Nodes;

namespace Looper.Web.Tests.Hosting;

public static class Problem
{
    /// <summary>The answer is a problem with this status and code; returns its body.</summary>
    public static async Task<JsonNode> IsAsync(HttpResponseMessage answer, HttpStatusCode status, string code)
    {
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(status == answer.StatusCode, $"Expected {status}, got {answer.StatusCode}: {body}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = JsonNode.Parse(body)!;
        Assert.Equal(code, problem["code"]?.GetValue<string>());
        Assert.False(string.IsNullOrWhiteSpace(problem["detail"]?.GetValue<string>()));
        return problem;
    }
}
