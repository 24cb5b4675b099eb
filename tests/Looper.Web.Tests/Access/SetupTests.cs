using System.Net;
using System.Net.Http.Json;
using Looper.Core.Access;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Access;

public class SetupTests
{
    [Fact]
    public async Task S6_the_first_account_is_made_once_with_the_token_and_signed_in()
    {
        await using var looper = new LooperApp();
        var client = looper.Anonymous();
        using (var home = await client.GetAsync("/")) Assert.Equal("/setup", home.Headers.Location?.OriginalString);
        var token = looper.Get<SetupToken>().Draw();
        using (var wrong = await client.PostAsJsonAsync("/api/setup", Setup("not the token"))) await Problem.IsAsync(wrong, HttpStatusCode.Conflict, "setup.wrong-token");
        using (var right = await client.PostAsJsonAsync("/api/setup", Setup(token))) Assert.Equal(HttpStatusCode.NoContent, right.StatusCode);
        using (var users = await client.GetAsync("/api/users")) Assert.Equal(HttpStatusCode.OK, users.StatusCode);

        var other = looper.Anonymous();
        using (var again = await other.PostAsJsonAsync("/api/setup", Setup(token))) await Problem.IsAsync(again, HttpStatusCode.NotFound, "setup.unknown");
        using (var page = await other.GetAsync("/setup"))
        {
            Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
            Assert.Contains("Nothing to set up", await page.Content.ReadAsStringAsync());
        }
        using (var home = await other.GetAsync("/")) Assert.StartsWith("/sign-in", home.Headers.Location?.PathAndQuery ?? home.Headers.Location?.OriginalString, StringComparison.Ordinal);
    }

    [Fact] // two fields of that page are names
    public async Task A_fault_of_the_installations_name_stands_at_that_field()
    {
        await using var looper = new LooperApp();
        var client = looper.Anonymous();
        var token = looper.Get<SetupToken>().Draw();
        using (var refused = await client.PostAsJsonAsync("/api/setup", new { token, email = "ada@example.com", name = "Ada", password = LooperApp.Password, installation = " " }))
            Assert.Equal("installation", (await Problem.IsAsync(refused, HttpStatusCode.UnprocessableEntity, "installation.invalid"))["field"]!.GetValue<string>());
        var form = await SignInForm.OpenAsync(client, "/setup");
        using var answer = await form.SubmitAsync(new() { ["Form.Token"] = token, ["Form.Name"] = "Ada", ["Form.Email"] = "ada@example.com", ["Form.Password"] = LooperApp.Password, ["Form.Installation"] = " " });
        var html = await answer.Content.ReadAsStringAsync();
        Assert.Matches("""<div class="field has-error">\s*<label for="installation">""", html);
        Assert.Matches("""<div class="field ?">\s*<label for="name">""", html);
    }

    [Theory, InlineData("SignInsPerMinute"), InlineData("SignInsPerAccountAndMinute")]
    public async Task S6_attempts_over_the_limit_of_an_address_or_an_account_wait(string limit)
    {
        await using var looper = new LooperApp(new() { [$"Looper:Limits:{limit}"] = "1" });
        var client = looper.Anonymous();
        (await client.PostAsJsonAsync("/api/sign-in", new { email = "nobody@example.com", password = "wrong wrong wrong" })).Dispose();
        using var second = await client.PostAsJsonAsync("/api/sign-in", new { email = "nobody@example.com", password = "wrong wrong wrong" });
        await Problem.IsAsync(second, HttpStatusCode.TooManyRequests, "request.too-many");
        Assert.InRange(second.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        using var page = await client.GetAsync("/sign-in"); // looking is no attempt
        Assert.NotEqual(HttpStatusCode.TooManyRequests, page.StatusCode);
    }

    [Fact]
    public async Task S6_an_unknown_address_and_a_wrong_password_read_the_same()
    {
        await using var looper = new LooperApp();
        var user = await looper.UserAsync(Role.Viewer);
        var client = looper.Anonymous();
        using var wrong = await client.PostAsJsonAsync("/api/sign-in", new { email = user.Email, password = "wrong wrong wrong" });
        using var unknown = await client.PostAsJsonAsync("/api/sign-in", new { email = "nobody@example.com", password = "wrong wrong wrong" });
        var texts = await Task.WhenAll(Problem.IsAsync(wrong, HttpStatusCode.Unauthorized, "sign-in.failed"), Problem.IsAsync(unknown, HttpStatusCode.Unauthorized, "sign-in.failed"));
        Assert.Equal(texts[0]["detail"]!.GetValue<string>(), texts[1]["detail"]!.GetValue<string>());
    }

    [Fact]
    public async Task Signing_in_on_the_page_returns_to_local_addresses_only()
    {
        await using var looper = new LooperApp();
        var user = await looper.UserAsync(Role.Viewer);
        foreach (var (asked, got) in new[] { ("/models", "/models"), ("https://evil.example/", "/"), ("//evil.example", "/"), ("/\\evil.example", "/") })
        {
            var form = await SignInForm.OpenAsync(looper.Anonymous(), $"/sign-in?returnUrl={Uri.EscapeDataString(asked)}");
            using var answer = await form.SubmitAsync(user.Email, LooperApp.Password);
            Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
            Assert.Equal(got, new Uri(new Uri("http://localhost"), answer.Headers.Location!).PathAndQuery);
        }
    }

    private static object Setup(string token) => new { token, email = "ada@example.com", name = "Ada", password = LooperApp.Password, installation = "Shop" };
}
