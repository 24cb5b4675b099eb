using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Persistence;
using Looper.Web.Console.Decisions.Wizard;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Tests.Console.Decisions;

/// <summary>A number that is taken out of its field, or cannot be read there, is a fault of the field and no end of the page.</summary>
public sealed class EmptiedNumberTests
{
    private static async Task<Guid> DraftAsync(LooperApp looper) =>
        (await looper.Get<DraftActions>().CreateAsync(Caller.System, new(Template: "show-or-hide"), default)).Value!.Id;

    private static Task<LivePage> OpenAsync(LooperApp looper, Guid draft) =>
        LivePage.OpenAsync<DraftPage>(looper, Caller.System, (nameof(DraftPage.Id), draft), (nameof(DraftPage.Step), "measure"));

    [Theory]
    [InlineData("goal.terms[0].weight", "")]
    [InlineData("goal.terms[0].weight", "0,5")]
    [InlineData("goal.guardrails[0].marginRelative", "")]
    [InlineData("goal.guardrails[0].marginRelative", "NaN")]
    public async Task It_is_told_at_the_field_and_the_draft_is_kept(string field, string typed)
    {
        await using var looper = new LooperApp();
        var draft = await DraftAsync(looper);
        await using (var page = await OpenAsync(looper, draft))
        {
            Assert.DoesNotContain("field-error", await page.HtmlAsync(), StringComparison.Ordinal);
            await page.TypeAsync(field, typed);
            await page.LeaveAsync(field);
            Assert.Contains("field-error", await page.HtmlAsync(), StringComparison.Ordinal);
        }
        var stored = await looper.Get<DraftQueries>().FindAsync(Caller.System, draft, default);
        Assert.Equal(field, Assert.Single(stored!.Faults, f => f.Field == field).Field);
    }

    [Fact]
    public async Task Leaving_a_draft_that_cannot_be_saved_ends_nothing_else()
    {
        await using var looper = new LooperApp();
        var page = await OpenAsync(looper, await DraftAsync(looper));
        await page.TypeAsync("goal.terms[0].weight", "2");
        await using (var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync()) await db.Database.ExecuteSqlRawAsync("DROP TABLE drafts");
        await page.DisposeAsync();
    }
}
