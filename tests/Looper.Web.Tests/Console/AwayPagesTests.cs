using System.Net;
using Looper.Core.Access;
using Looper.Core.Experiments;
using Looper.Testing;
using Looper.Web.Console.Experiments;
using Looper.Web.Console.Shared;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Console;

/// <summary>While the database is away the console says so and keeps what was typed.</summary>
public sealed class AwayPagesTests
{
    private const string Away = "The database does not answer. Decisions are still answered";

    private static LooperApp App() => new(services: AwayDatabases.Register, recurs: false);

    [Fact]
    public async Task A_save_keeps_what_was_typed_and_says_why_and_the_next_saves_it()
    {
        await using var looper = App();
        using var client = await looper.SignedInAsync(Role.Analyst);
        var pages = new ExperimentPages(looper, client);
        await pages.PointAsync("shop");
        var draft = await pages.DraftAsync("shop");
        await using var page = await LivePage.OpenAsync<ExperimentPage>(looper, Caller.System, (nameof(ExperimentPage.Id), draft));
        await page.TypeAsync("plan-name", "Typed at the wrong moment");
        looper.Get<AwayDatabases>().IsAway = true;
        await page.SubmitAsync<PlanEditor>();
        Assert.Contains("value=\"Typed at the wrong moment\"", await page.HtmlAsync(), StringComparison.Ordinal);
        var told = Assert.Single(page.Notices.All);
        Assert.StartsWith(Away, told.Text, StringComparison.Ordinal);
        Assert.Equal(Tone.Bad, told.Tone);
        looper.Get<AwayDatabases>().IsAway = false;
        await page.SubmitAsync<PlanEditor>();
        Assert.Equal("Saved the draft", page.Notices.All[^1].Text);
        Assert.Equal("Typed at the wrong moment", (await looper.Get<ExperimentQueries>().FindAsync(Caller.System, draft, default)).Value!.Name);
    }

    [Fact]
    public async Task A_new_experiment_stays_as_it_was_typed()
    {
        await using var looper = App();
        using var client = await looper.SignedInAsync(Role.Analyst);
        await new ExperimentPages(looper, client).PointAsync("shop");
        await using var page = await LivePage.OpenAsync<NewExperimentPage>(looper, Caller.System);
        await page.TypeAsync("experiment-hypothesis", "We believe that it is worth a try.");
        looper.Get<AwayDatabases>().IsAway = true;
        await page.SubmitAsync<NewExperimentPage>();
        Assert.Contains("We believe that it is worth a try.", await page.HtmlAsync(), StringComparison.Ordinal);
        Assert.StartsWith(Away, Assert.Single(page.Notices.All).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/experiments/new")]
    [InlineData("/decision-points")]
    public async Task A_page_opened_meanwhile_is_a_page_that_says_so(string address)
    {
        await using var looper = App();
        using var client = await looper.SignedInAsync();
        await new ExperimentPages(looper, client).PointAsync("shop");
        looper.Get<AwayDatabases>().IsAway = true;
        using var request = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { { "Accept", "text/html" } } };
        using var answer = await client.SendAsync(request);
        var html = await answer.Content.ReadAsStringAsync();
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "text/html"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        Assert.Contains(Away, html, StringComparison.Ordinal);
        Assert.Contains("href=\"/decision-points\"", html, StringComparison.Ordinal); // the navigation stands
        looper.Get<AwayDatabases>().IsAway = false;
        Assert.DoesNotContain(Away, await client.GetStringAsync(address), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_installation_keeps_its_name()
    {
        await using var looper = App();
        var settings = looper.Get<InstallationSettings>();
        Assert.Null(await settings.RenameAsync(Caller.System, "Shop of shops", default));
        Assert.Equal("Shop of shops", await settings.NameAsync(default));
        looper.Get<AwayDatabases>().IsAway = true;
        Assert.Equal("Shop of shops", await settings.NameAsync(default));
    }
}
