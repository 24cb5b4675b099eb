using System.Net;
using System.Text;
using Looper.Core.Access;
using Looper.Web.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Looper.Web.Tests.Hosting;

/// <summary>What who has no account yet can take from those who have one.</summary>
public sealed class AttemptLimitsTests
{
    private static AttemptLimits Strict => new(Options.Create(new LimitOptions { SignInsPerMinute = 3, SignInsPerAccountAndMinute = 2 }));

    [Fact]
    public void A_name_too_long_for_any_account_gets_no_bucket_that_would_keep_it()
    {
        using var limits = new AttemptLimits(Options.Create(new LimitOptions { SignInsPerMinute = 10_000, SignInsPerAccountAndMinute = 2 }));
        var (longest, longer) = (new string('x', UserRules.MostEmail), new string('x', UserRules.MostEmail + 1));
        for (var i = 0; i < 10; i++) Assert.Null(limits.Refuse(From(1), longer)); // a bucket of two would be empty
        Assert.Null(limits.Refuse(From(1), longest));
        Assert.Null(limits.Refuse(From(1), longest));
        Assert.NotNull(limits.Refuse(From(1), longest));
    }

    [Fact]
    public void An_address_over_its_own_limit_leaves_the_accounts_to_others()
    {
        using var limits = Strict;
        for (var i = 0; i < 3; i++) limits.Refuse(From(1), $"somebody-{i}@example.com");
        for (var i = 0; i < 5; i++) Assert.NotNull(limits.Refuse(From(1), "ann@example.com"));
        Assert.Null(limits.Refuse(From(2), "ann@example.com"));
        Assert.Null(limits.Refuse(From(2), "ann@example.com"));
        Assert.NotNull(limits.Refuse(From(3), "ann@example.com")); // the account's own limit holds all the same
    }

    [Fact]
    public async Task Who_has_no_account_yet_may_send_no_more_than_the_form_holds()
    {
        await using var looper = new LooperApp(listens: true);
        await looper.UserAsync(Role.Admin);
        using var anybody = looper.Anonymous();
        var tooLong = new string('x', 20_000);
        foreach (var path in new[] { "/api/sign-in", "/api/setup" })
        {
            using var answer = await anybody.PostAsync(path, new StringContent($$"""{"email":"{{tooLong}}","password":"x","token":"x","name":"x"}""", Encoding.UTF8, "application/json"));
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        }
        foreach (var path in new[] { "/sign-in", "/setup" })
        {
            using var answer = await anybody.PostAsync(path, new FormUrlEncodedContent(new Dictionary<string, string> { ["Form.Email"] = tooLong }));
            Assert.Contains(answer.StatusCode, new[] { HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.BadRequest });
        }
    }

    private static DefaultHttpContext From(int address)
    {
        var http = new DefaultHttpContext();
        http.Connection.RemoteIpAddress = new IPAddress([10, 0, 0, (byte)address]);
        return http;
    }
}
