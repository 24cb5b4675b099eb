using System.Net;
using System.Net.Http.Json;
using Looper.Core.Access;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Access;

public class SignInTests
{
    [Fact]
    public async Task A_user_signs_in_reads_their_profile_and_signs_out()
    {
        await using var looper = new LooperApp();
        var client = await looper.SignedInAsync(Role.Analyst);
        var me = await client.GetFromJsonAsync<Dictionary<string, object>>("/api/profile");
        Assert.Equal("analyst", me!["role"].ToString());
        using var out1 = await client.PostAsync("/api/sign-out", null);
        Assert.Equal(HttpStatusCode.NoContent, out1.StatusCode);
        using var after = await client.GetAsync("/api/profile");
        await Problem.IsAsync(after, HttpStatusCode.Unauthorized, "access.unknown-caller");
    }

    [Fact]
    public async Task A_key_with_the_scope_read_reads_and_one_without_does_not()
    {
        await using var looper = new LooperApp();
        using var read = await (await looper.WithKeyAsync(KeyScopes.Read)).GetAsync("/api/settings/general");
        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        using var decide = await (await looper.WithKeyAsync()).GetAsync("/api/settings/general");
        await Problem.IsAsync(decide, HttpStatusCode.Forbidden, "access.denied");
    }

    [Theory, InlineData(Role.Engineer, HttpStatusCode.Forbidden, "access.denied"), InlineData(Role.Admin, HttpStatusCode.UnprocessableEntity, "installation.invalid")]
    public async Task Who_may_not_rename_the_installation_is_told_that_before_what_the_name_lacks(Role role, HttpStatusCode status, string code)
    {
        await using var looper = new LooperApp();
        using var client = await looper.SignedInAsync(role);
        using var changed = await client.PutAsJsonAsync("/api/settings/general", new { });
        await Problem.IsAsync(changed, status, code);
    }
}
