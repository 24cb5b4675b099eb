using System.Net;
using System.Net.Http.Json;
using Looper.Core.Access;
using Looper.Web.Hosting;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Access;

public class SessionTests
{
    [Fact]
    public async Task S13_a_restart_keeps_users_signed_in()
    {
        await using var looper = new LooperApp();
        var cookie = await CookieAsync(looper, await looper.UserAsync(Role.Viewer));
        await looper.RestartAsync();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(looper, cookie));
    }

    [Fact]
    public async Task S13_signing_out_ends_every_session_of_the_user()
    {
        await using var looper = new LooperApp();
        var user = await looper.UserAsync(Role.Viewer);
        var (here, there) = (await CookieAsync(looper, user), await CookieAsync(looper, user));
        Assert.Equal(HttpStatusCode.NoContent, await StatusAsync(looper, here, HttpMethod.Post, "/api/sign-out"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(looper, here));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(looper, there));
    }

    [Fact]
    public async Task S13_a_changed_password_ends_the_other_sessions_and_keeps_this_one()
    {
        await using var looper = new LooperApp();
        var user = await looper.UserAsync(Role.Viewer);
        var other = await CookieAsync(looper, user);
        var client = looper.Anonymous();
        (await client.PostAsJsonAsync("/api/sign-in", new { email = user.Email, password = LooperApp.Password })).Dispose();
        using var changed = await client.PostAsJsonAsync("/api/profile/password", new { current = LooperApp.Password, password = "quite another sentence 43" });
        Assert.Equal(HttpStatusCode.NoContent, changed.StatusCode);
        using var here = await client.GetAsync("/api/profile");
        Assert.Equal(HttpStatusCode.OK, here.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(looper, other));
    }

    [Fact]
    public async Task S13_a_lower_role_acts_on_a_session_that_is_open()
    {
        await using var looper = new LooperApp();
        var user = await looper.UserAsync(Role.Admin);
        await looper.UserAsync(Role.Admin);
        var cookie = await CookieAsync(looper, user);
        var principal = SessionEvents.PrincipalOf(looper.Get<UserRing>().Find(user.Id)!);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(looper, cookie, HttpMethod.Get, "/api/users"));
        Assert.True(SessionEvents.StillHolds(looper.Get<UserRing>(), principal));
        await looper.Get<UserActions>().ChangeRoleAsync(Caller.System, user.Id, Role.Viewer, default);
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(looper, cookie, HttpMethod.Get, "/api/users"));
        Assert.False(SessionEvents.StillHolds(looper.Get<UserRing>(), principal)); // what an open page asks every 30 s
    }

    [Fact]
    public async Task S13_what_changes_here_is_known_without_waiting()
    {
        await using var looper = new LooperApp();
        var user = await looper.UserAsync(Role.Viewer);
        await looper.Get<UserActions>().SignOutEverywhereAsync(Caller.System, user.Id, default);
        Assert.Null(looper.Get<UserRing>().Find(user.Id, user.SecurityStamp));
    }

    [Fact]
    public async Task The_session_cookie_is_kept_from_scripts_and_other_sites()
    {
        await using var looper = new LooperApp();
        var user = await looper.UserAsync(Role.Viewer);
        using var answer = await looper.Anonymous().PostAsJsonAsync("/api/sign-in", new { email = user.Email, password = LooperApp.Password });
        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"), c => c.StartsWith("looper=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("path=/", cookie, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<string> CookieAsync(LooperApp looper, User user)
    {
        using var answer = await looper.Anonymous().PostAsJsonAsync("/api/sign-in", new { email = user.Email, password = LooperApp.Password });
        return answer.Headers.GetValues("Set-Cookie").First().Split(';')[0];
    }

    private static async Task<HttpStatusCode> StatusAsync(LooperApp looper, string cookie, HttpMethod? method = null, string address = "/api/profile")
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, address);
        request.Headers.Add("Cookie", cookie);
        using var answer = await looper.Bare().SendAsync(request);
        return answer.StatusCode;
    }
}
