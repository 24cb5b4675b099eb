using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Core.Persistence;
using Looper.Web.Tests.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Tests.Access;

/// <summary>S16. <c>audited.tsv</c> says for every route that is no read which action it writes to the audit, or why it writes none.</summary>
public class AuditedRoutesTests
{
    [Fact]
    public async Task S16_every_unsafe_route_says_what_it_writes_to_the_audit()
    {
        await using var looper = new LooperApp();
        var routes = (from endpoint in looper.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
                      where endpoint.RoutePattern.RawText!.TrimStart('/').StartsWith("api/", StringComparison.Ordinal)
                      from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []
                      where method is not ("GET" or "HEAD")
                      select $"{method} /{endpoint.RoutePattern.RawText!.TrimStart('/')}").Distinct().Order().ToList();
        var rows = Rows().Keys.Order().ToList();
        Assert.True(routes.SequenceEqual(rows),
            $"tests/Looper.Web.Tests/Access/audited.tsv misses:\n{string.Join('\n', routes.Except(rows))}\nand names routes that are gone:\n{string.Join('\n', rows.Except(routes))}");
    }

    [Fact]
    public async Task S16_each_change_of_access_writes_one_row_and_the_chain_holds()
    {
        await using var looper = new LooperApp();
        var admin = await looper.SignedInAsync(Role.Admin);
        var rows = Rows();
        var user = await DoAsync("POST /api/users/", "/api/users", new { email = "bob@example.com", name = "Bob", role = "viewer", password = LooperApp.Password });
        await DoAsync("PATCH /api/users/{id:guid}", $"/api/users/{user}", new { role = "analyst" });
        await DoAsync("POST /api/users/{id:guid}/password", $"/api/users/{user}/password", new { password = "quite another sentence 43" });
        await DoAsync("POST /api/users/{id:guid}/sign-out", $"/api/users/{user}/sign-out", null);
        await DoAsync("DELETE /api/users/{id:guid}", $"/api/users/{user}", null);
        var key = await DoAsync("POST /api/keys/", "/api/keys", new { name = "shop", scopes = new[] { "decide" } });
        await DoAsync("DELETE /api/keys/{id:guid}", $"/api/keys/{key}", null);
        await DoAsync("PUT /api/settings/general", "/api/settings/general", new { name = "Shop" });
        await DoAsync("PATCH /api/profile/", "/api/profile", new { name = "Ada" });
        await DoAsync("POST /api/profile/password", "/api/profile/password", new { current = LooperApp.Password, password = "quite another sentence 43" });
        await DoAsync("POST /api/sign-out", "/api/sign-out", null);
        var check = await looper.Get<AuditQueries>().VerifyAsync(Caller.System, default);
        Assert.Null(check.Value!.FirstBroken);

        async Task<string?> DoAsync(string route, string address, object? body)
        {
            var before = await AuditAsync(looper);
            using var request = new HttpRequestMessage(new HttpMethod(route.Split(' ')[0]), address) { Content = body is null ? null : JsonContent.Create(body) };
            using var answer = await admin.SendAsync(request);
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.IsSuccessStatusCode, $"{route}: {answer.StatusCode} {text}");
            var added = (await AuditAsync(looper)).Skip(before.Count).ToList();
            Assert.True(added.Count == 1 && added[0] == rows[route], $"{route} wrote [{string.Join(", ", added)}], not [{rows[route]}]");
            return text.Length == 0 ? null : JsonNode.Parse(text)!["id"]?.GetValue<string>();
        }
    }

    private static Dictionary<string, string> Rows() => File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Access", "audited.tsv"))
        .Skip(1).Where(line => line.Length > 0).Select(line => line.Split('\t')).ToDictionary(cells => cells[0], cells => cells[1]);

    private static async Task<List<string>> AuditAsync(LooperApp looper)
    {
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        return await db.Set<AuditEntry>().OrderBy(e => e.Id).Select(e => e.Action).ToListAsync();
    }
}
