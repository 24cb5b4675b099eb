using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Web.Tests.Api;

namespace Looper.Web.Tests.Hosting;

/// <summary>Tests call from 127.0.0.1, as a proxy on the same machine would.</summary>
public sealed class TrustedProxiesTests
{
    private const string Host = "looper.example.com";

    private static LooperApp Behind(string proxies) => new(new()
    {
        ["Looper:TrustedProxies"] = proxies, ["AllowedHosts"] = $"127.0.0.1;{Host}", ["Looper:Limits:SignInsPerMinute"] = "1",
    }, listens: true);

    [Theory, InlineData("127.0.0.1"), InlineData("10.0.0.4; 127.0.0.0/8")]
    public async Task What_a_trusted_proxy_says_of_its_client_is_believed(string proxies)
    {
        await using var looper = Behind(proxies);
        var user = await looper.UserAsync(Role.Viewer);
        await looper.PublishAsync("banner", ServedApp.Banner);
        using var client = looper.Anonymous();
        using var first = await SignInAsync(client, user.Email, "203.0.113.7");
        Assert.StartsWith("__Host-looper=", Assert.Single(first.Headers.GetValues("Set-Cookie")), StringComparison.Ordinal);
        Assert.Contains("secure", Assert.Single(first.Headers.GetValues("Set-Cookie")), StringComparison.OrdinalIgnoreCase);
        Assert.True(first.Headers.Contains("Strict-Transport-Security"));
        using var again = await SignInAsync(client, user.Email, "203.0.113.7");
        Assert.Equal(HttpStatusCode.TooManyRequests, again.StatusCode);
        using var other = await SignInAsync(client, user.Email, "203.0.113.8");
        Assert.Equal(HttpStatusCode.NoContent, other.StatusCode);
        using var read = new HttpRequestMessage(HttpMethod.Get, "/api/decision-points/banner/snippets?language=curl");
        read.Headers.Add("X-Api-Key", await looper.KeyAsync(KeyScopes.Read));
        using var snippets = await client.SendAsync(Through(read, "203.0.113.8"));
        Assert.Contains($"https://{Host}/v1/decisions", await snippets.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory, InlineData(""), InlineData("10.0.0.4;192.168.0.0/16")]
    public async Task What_anybody_else_says_is_not(string proxies)
    {
        await using var looper = Behind(proxies);
        var user = await looper.UserAsync(Role.Viewer);
        using var client = looper.Anonymous();
        using var foreign = await SignInAsync(client, user.Email, "203.0.113.7"); // its own page would come from http://127.0.0.1
        await Problem.IsAsync(foreign, HttpStatusCode.Forbidden, "access.cross-site");
        using var first = await SignInAsync(client, user.Email, "203.0.113.7", origin: null);
        Assert.StartsWith("looper=", Assert.Single(first.Headers.GetValues("Set-Cookie")), StringComparison.Ordinal);
        Assert.False(first.Headers.Contains("Strict-Transport-Security"));
        using var again = await SignInAsync(client, user.Email, "203.0.113.8", origin: null);
        Assert.Equal(HttpStatusCode.TooManyRequests, again.StatusCode);
    }

    [Fact]
    public async Task A_host_that_is_not_allowed_is_not_taken_from_a_proxy_either()
    {
        await using var looper = Behind("127.0.0.1");
        await looper.PublishAsync("banner", ServedApp.Banner);
        using var client = looper.Anonymous();
        using var read = new HttpRequestMessage(HttpMethod.Get, "/api/decision-points/banner/snippets?language=curl");
        read.Headers.Add("X-Api-Key", await looper.KeyAsync(KeyScopes.Read));
        using var snippets = await client.SendAsync(Through(read, "203.0.113.8", "evil.example"));
        Assert.DoesNotContain("evil.example", await snippets.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> SignInAsync(HttpClient client, string email, string from, string? origin = $"https://{Host}")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/sign-in") { Content = JsonContent.Create(new JsonObject { ["email"] = email, ["password"] = LooperApp.Password }) };
        if (origin is not null) request.Headers.Add("Origin", origin);
        return await client.SendAsync(Through(request, from));
    }

    private static HttpRequestMessage Through(HttpRequestMessage request, string from, string host = Host)
    {
        request.Headers.Add("X-Forwarded-For", from);
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Add("X-Forwarded-Host", host);
        return request;
    }
}
