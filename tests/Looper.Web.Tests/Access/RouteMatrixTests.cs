using System.Net;
using System.Text;
using Looper.Core.Access;
using Looper.Web.Tests.Hosting;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.Routing;

namespace Looper.Web.Tests.Access;

/// <summary>
/// S1. <c>routes.tsv</c> has a row per method and route, a column per caller, and a last column with the body that is sent. A cell is the
/// exact status of a call with ids that do not exist: choose a body that is well formed, so that who may not act gets 403 and who may 404.
/// A body of YAML begins with <c>application/yaml</c>. <c>CALLER</c> in a body becomes the column's name. The caller <c>no-scope-key</c> may observe where a decision is asked for, and decide everywhere else.
/// </summary>
public class RouteMatrixTests
{
    private static readonly string[] Callers =
        ["anonymous", "revoked-key", "expired-key", "no-scope-key", "data-key", "read-key", "manage-key", "viewer", "analyst", "engineer", "approver", "admin"];

    /// <summary>Begins a body that is no JSON.</summary>
    private const string Yaml = "application/yaml ";

    [Fact]
    public async Task S1_every_route_has_its_row_and_every_row_its_route()
    {
        await using var looper = new LooperApp();
        var routes = Routes(looper).ToHashSet();
        var rows = Rows().Select(r => r.Route).ToHashSet();
        var missing = routes.Except(rows).Order().ToList();
        var gone = rows.Except(routes).Order().ToList();
        var clients = missing.Count == 0 ? [] : await ClientsAsync(looper);
        var ready = new StringBuilder();
        foreach (var route in missing.OrderBy(IsSignOut))
        {
            ready.Append(route);
            for (var i = 0; i < Callers.Length; i++) ready.Append('\t').Append(await StatusAsync(ClientOf(clients, i, route), route, "{}"));
            ready.Append("\t{}\n");
        }
        Assert.True(missing.Count == 0, $"Routes without a row in tests/Looper.Web.Tests/Access/routes.tsv. As they answer now (check each cell before you paste):\n{ready}");
        Assert.True(gone.Count == 0, $"Rows of routes.tsv without a route:\n{string.Join('\n', gone)}");
    }

    [Fact]
    public async Task S1_every_caller_gets_exactly_the_status_in_the_matrix()
    {
        await using var looper = new LooperApp();
        var clients = await ClientsAsync(looper);
        var wrong = new List<string>();
        foreach (var (route, expected, body) in Rows().OrderBy(r => IsSignOut(r.Route)))
        {
            for (var i = 0; i < Callers.Length; i++)
            {
                var got = await StatusAsync(ClientOf(clients, i, route), route, body.Replace("CALLER", Callers[i], StringComparison.Ordinal));
                if (got != expected[i]) wrong.Add($"{route} by {Callers[i]}: {got}, the matrix says {expected[i]}");
            }
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task S1_anonymous_is_a_short_list()
    {
        await using var looper = new LooperApp();
        var open = looper.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<IAllowAnonymous>() is not null && !IsAsset(e))
            .Select(e => "/" + e.RoutePattern.RawText!.TrimStart('/')).Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(
            ["/api/setup", "/api/sign-in", "/healthz", "/readyz", "/setup", "/shared/{Token}", "/sign-in"], open);
    }

    private static IEnumerable<string> Routes(LooperApp looper) => looper.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(e => !IsAsset(e)).SelectMany(e =>
        (e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods is { Count: > 0 } methods ? methods : ["ANY"]).Select(method => $"{method} /{e.RoutePattern.RawText!.TrimStart('/')}"));

    /// <summary>Files are anonymous together: each is public by being in wwwroot.</summary>
    private static bool IsAsset(RouteEndpoint endpoint) => endpoint.Metadata.Any(m => m.GetType().Name is "StaticAssetDescriptor" or "StaticAssetEndpointDataSource");

    /// <summary>Ends the session it is called with, so it comes last.</summary>
    private static bool IsSignOut(string route) => route == "POST /api/sign-out";

    private static List<(string Route, string[] Expected, string Body)> Rows() => File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Access", "routes.tsv"))
        .Skip(1).Where(line => line.Length > 0).Select(line => line.Split('\t')).Select(cells => (cells[0], cells[1..^1], cells[^1])).ToList();

    private static async Task<HttpClient[]> ClientsAsync(LooperApp looper)
    {
        var keys = looper.Get<ApiKeyActions>();
        var revoked = (await keys.CreateAsync(Caller.System, new("revoked", KeyScopes.Manage, []), default)).Value!;
        await keys.RevokeAsync(Caller.System, revoked.Id, default);
        var soon = looper.Get<TimeProvider>().GetUtcNow().AddSeconds(1);
        var expired = (await keys.CreateAsync(Caller.System, new("expired", KeyScopes.Manage, [], soon), default)).Value!;
        await Task.Delay(TimeSpan.FromSeconds(1.1), looper.Get<TimeProvider>());
        return
        [
            looper.Anonymous(), WithKey(looper, revoked.Key), WithKey(looper, expired.Key), await looper.WithKeyAsync(KeyScopes.Decide),
            await looper.WithKeyAsync(), await looper.WithKeyAsync(KeyScopes.Read), await looper.WithKeyAsync(KeyScopes.Manage),
            .. await Task.WhenAll(Enum.GetValues<Role>().Select(looper.SignedInAsync)), await looper.WithKeyAsync(KeyScopes.Observe),
        ];
    }

    private static HttpClient ClientOf(HttpClient[] clients, int caller, string route) =>
        Callers[caller] == "no-scope-key" && (route.Contains("/v1/decisions", StringComparison.Ordinal) || route.EndsWith("/rank", StringComparison.Ordinal)) ? clients[^1] : clients[caller];

    private static HttpClient WithKey(LooperApp looper, string key)
    {
        var client = looper.Anonymous();
        client.DefaultRequestHeaders.Add("X-Api-Key", key);
        return client;
    }

    private static async Task<string> StatusAsync(HttpClient client, string route, string body)
    {
        var (method, pattern) = (route.Split(' ')[0], route.Split(' ')[1]);
        using var request = new HttpRequestMessage(new HttpMethod(method == "ANY" ? "GET" : method), Filled(pattern));
        if (request.Method != HttpMethod.Get) request.Content = body.StartsWith(Yaml, StringComparison.Ordinal) ? new StringContent(body[Yaml.Length..], Encoding.UTF8, Yaml.TrimEnd()) : new StringContent(body, Encoding.UTF8, "application/json");
        if (request.Method == HttpMethod.Put) request.Headers.TryAddWithoutValidation("If-Match", "\"0\"");
        using var answer = await client.SendAsync(request);
        return ((int)answer.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Parameters become ids that do not exist.</summary>
    private static string Filled(string pattern)
    {
        var text = new StringBuilder();
        foreach (var part in pattern.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            text.Append('/').Append(!part.Contains('{', StringComparison.Ordinal) ? part
                : part.Contains(":guid", StringComparison.OrdinalIgnoreCase) ? "00000000-0000-7000-8000-000000000000"
                : part.Contains(":int", StringComparison.OrdinalIgnoreCase) || part.Contains(":long", StringComparison.OrdinalIgnoreCase) ? "999999999" : "unknown");
        }
        return text.Length == 0 ? "/" : text.ToString();
    }
}
