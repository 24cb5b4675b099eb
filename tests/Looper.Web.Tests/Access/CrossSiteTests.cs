using System.Net;
using System.Net.Http.Json;
using System.Text;
using Looper.Core.Access;
using Looper.Core.Persistence;
using Looper.Web.Tests.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Tests.Access;

public class CrossSiteTests
{
    private static readonly (string Header, string Value)[] Foreign =
    [
        ("Origin", "https://evil.example"), ("Origin", "null"), ("Origin", "http://localhost:81"), ("Origin", "https://localhost"),
        ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site"),
    ];

    [Fact]
    public async Task S17_another_site_changes_nothing_with_the_cookie_of_its_visitor()
    {
        await using var looper = new LooperApp();
        var client = await looper.SignedInAsync(Role.Admin);
        var before = await AuditedAsync(looper);
        foreach (var (header, value) in Foreign)
        {
            client.DefaultRequestHeaders.TryAddWithoutValidation(header, value);
            await RefusesAllAsync(looper, client);
            client.DefaultRequestHeaders.Remove(header);
        }
        Assert.Equal(before, await AuditedAsync(looper));
    }

    private static async Task RefusesAllAsync(LooperApp looper, HttpClient client)
    {
        foreach (var (method, address) in Unsafe(looper))
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), address) { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
            using var answer = await client.SendAsync(request);
            await Problem.IsAsync(answer, HttpStatusCode.Forbidden, "access.cross-site");
        }
        using var circuit = await client.GetAsync("/_blazor");
        await Problem.IsAsync(circuit, HttpStatusCode.Forbidden, "access.cross-site");
    }

    [Fact]
    public async Task S17_this_site_does()
    {
        await using var looper = new LooperApp();
        foreach (var (header, value) in new[] { ("Origin", "http://localhost"), ("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Site", "none") })
        {
            var client = await looper.SignedInAsync(Role.Viewer);
            client.DefaultRequestHeaders.TryAddWithoutValidation(header, value);
            using var answer = await client.PatchAsJsonAsync("/api/profile", new { name = "New name" });
            Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        }
    }

    [Fact]
    public async Task S17_a_form_without_its_token_is_refused()
    {
        await using var looper = new LooperApp();
        var user = await looper.UserAsync(Role.Viewer);
        var form = await SignInForm.OpenAsync(looper.Anonymous());
        using var without = await form.SubmitAsync(user.Email, LooperApp.Password, without: true);
        Assert.Equal(HttpStatusCode.BadRequest, without.StatusCode);
        using var with = await form.SubmitAsync(user.Email, LooperApp.Password);
        Assert.Equal(HttpStatusCode.Found, with.StatusCode);
        var client = await looper.SignedInAsync(Role.Viewer);
        using var signOut = await client.PostAsync("/api/sign-out", new FormUrlEncodedContent([]));
        await Problem.IsAsync(signOut, HttpStatusCode.Forbidden, "access.cross-site");
    }

    private static IEnumerable<(string Method, string Address)> Unsafe(LooperApp looper) =>
        from endpoint in looper.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []
        where method is "POST" or "PUT" or "PATCH" or "DELETE"
        select (method, "/" + endpoint.RoutePattern.RawText!.TrimStart('/').Replace("{id:guid}", Guid.Empty.ToString(), StringComparison.Ordinal).Replace('{', 'x').Replace('}', 'x'));

    private static async Task<int> AuditedAsync(LooperApp looper)
    {
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        return await db.Set<AuditEntry>().CountAsync();
    }
}
