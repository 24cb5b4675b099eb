using System.Net;
using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using Looper.Core;
using Looper.Core.Access;
using Looper.Jobs;
using Looper.Web.Hosting;

namespace Looper.Web.Tests.Hosting;

public sealed class HostingTests(HostingTests.Shared shared) : IClassFixture<HostingTests.Shared>
{
    private readonly LooperApp _looper = shared.Looper;

    [Theory, InlineData("/sign-in"), InlineData("/healthz"), InlineData("/api/users"), InlineData("/v1/decisions"), InlineData("/nowhere"), InlineData("/css/tokens.css")]
    public async Task Every_response_tells_the_browser_what_not_to_do(string address)
    {
        using var answer = await _looper.Anonymous().GetAsync(address);
        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe-eval", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.False(answer.Headers.Contains("Server"));
    }

    [Fact] // a point in an address makes it no file
    public async Task Management_is_limited_whatever_the_address_holds()
    {
        await using var looper = new LooperApp(new() { ["Looper:Limits:AnonymousPerSecond"] = "1" });
        using var client = looper.Anonymous();
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => client.GetAsync("/api/decisions/order.981")));
        Assert.Contains(answers, a => a.StatusCode == HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task Another_host_name_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/healthz");
        request.Headers.Host = "evil.example";
        using var answer = await _looper.Anonymous().SendAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Ready_says_the_word_to_everybody_and_the_list_to_who_may_read()
    {
        var anonymous = await _looper.Anonymous().GetStringAsync("/readyz");
        Assert.Contains(anonymous, new[] { "Healthy", "Degraded" });
        Assert.Equal(anonymous, await (await _looper.WithKeyAsync(KeyScopes.Decide)).GetStringAsync("/readyz"));
        var list = JsonNode.Parse(await (await _looper.SignedInAsync(Role.Viewer)).GetStringAsync("/readyz"))!;
        Assert.Contains(list["checks"]!.AsArray(), c => c!["name"]!.GetValue<string>() == "database");
    }

    [Theory]
    [InlineData("{\"name\":\"x\"", "request.malformed", null)]
    [InlineData("{\"name\":7}", "request.malformed", "name")]
    [InlineData("{\"name\":\"x\",\"role\":\"admin\"}", "request.malformed", "role")]
    [InlineData("{\"name\":\"x\",\"name\":\"y\"}", "request.malformed", "name")]
    [InlineData("{\"name\":null}", "request.malformed", "name")]
    [InlineData("[1]", "request.malformed", null)]
    public async Task A_body_that_is_not_as_described_is_refused_naming_the_field(string body, string code, string? field)
    {
        var client = await _looper.SignedInAsync(Role.Admin);
        using var answer = await client.PatchAsync("/api/profile", new StringContent(body, Encoding.UTF8, "application/json"));
        var problem = await Problem.IsAsync(answer, HttpStatusCode.BadRequest, code);
        if (field is not null) Assert.Equal(field, problem["field"]?.GetValue<string>());
        Assert.DoesNotContain("Looper.", problem.ToJsonString(), StringComparison.Ordinal); // no names of types
        Assert.Contains("script-src 'self';", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal); // a fault's answer begins anew
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
    }

    [Theory]
    [InlineData("/api/keys", """{"name":"x","scopes":["decide"],"expiresAt":"2099-05-04T12:30:00"}""", "expiresAt")]
    [InlineData("/api/decision-points/banner/decisions/search", """{"from":"2026-05-04"}""", "from")]
    [InlineData("/api/drafts/00000000-0000-0000-0000-000000000000/value", """{"until":"2026-05-04T12:30:00.5"}""", "until")]
    public async Task A_time_without_its_offset_from_utc_is_refused_for_nobody_knows_whose_clock_it_was(string address, string body, string field)
    {
        using var client = await _looper.SignedInAsync(Role.Admin);
        using var answer = await client.PostAsync(address, new StringContent(body, Encoding.UTF8, "application/json"));
        var problem = await Problem.IsAsync(answer, HttpStatusCode.BadRequest, "request.malformed");
        Assert.Equal((field, $"'{field}' is no time with its offset from UTC. Write it like 2026-05-04T12:30:00Z."), ((string?)problem["field"], (string?)problem["detail"]));
    }

    [Fact]
    public void Every_setting_stands_in_appsettings_with_its_default()
    {
        var file = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "appsettings.json")))!;
        var options = new[] { typeof(LooperOptions).Assembly, typeof(JobsSetup).Assembly, typeof(LimitOptions).Assembly }.SelectMany(a => a.GetTypes())
            .Where(t => t.Name.EndsWith("Options", StringComparison.Ordinal) && t.GetField("Section", BindingFlags.Public | BindingFlags.Static) is not null).ToList();
        Assert.Contains(typeof(LooperOptions), options);
        foreach (var type in options)
        {
            var section = ((string)type.GetField("Section")!.GetValue(null)!).Split(':').Aggregate((JsonNode?)file, (node, name) => node?[name]);
            foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
            {
                Assert.True(section?.AsObject().ContainsKey(property.Name) == true, $"appsettings.json lacks {type.Name}.{property.Name}");
                var shipped = section[property.Name] is { } node ? node.ToString() : "";
                var preset = property.GetValue(Activator.CreateInstance(type));
                Assert.Equal(Convert.ToString(preset, System.Globalization.CultureInfo.InvariantCulture), shipped, ignoreCase: preset is bool);
            }
        }
    }

    /// <summary>One program for tests that only read.</summary>
    public sealed class Shared : IAsyncDisposable
    {
        public LooperApp Looper { get; } = new();

        public ValueTask DisposeAsync() => Looper.DisposeAsync();
    }
}
