using System.Text.RegularExpressions;
using Looper.Core.Access;
using Looper.Core.LongTerm;
using Looper.Core.Persistence;
using Looper.Core.Personalization;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Tests.Console.Experiments;

/// <summary>An address that names what is not there says so, beside what is.</summary>
public sealed class UnknownEstimateTests
{
    [Theory]
    [InlineData("effects?effects", "There are no effects", "No effects have been estimated yet")]
    [InlineData("long-term?prediction", "There is no prediction", "Nothing has been predicted yet")]
    public async Task An_unknown_estimate_is_told_beside_the_earlier_ones(string query, string reason, string never)
    {
        await using var looper = new LooperApp();
        using var engineer = await looper.SignedInAsync(Role.Engineer);
        var pages = new ExperimentPages(looper, engineer);
        await pages.PointAsync("shop");
        var experiment = await pages.RunningAsync("shop");
        Assert.Contains(never, await engineer.GetStringAsync($"/experiments/{experiment}/{query.Split('?')[0]}"), StringComparison.Ordinal);
        var stored = Guid.CreateVersion7();
        await using (var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync())
        {
            db.Add(new EffectReport { Id = stored, ExperimentId = experiment, Metric = "purchase", Verdict = "b is better.", RequestedBy = "test" });
            db.Add(new LongTermReport { Id = stored, ExperimentId = experiment, Metric = "purchase", Verdict = "b is better.", RequestedBy = "test" });
            await db.SaveChangesAsync();
        }
        var unknown = Guid.CreateVersion7();
        var page = await engineer.GetStringAsync($"/experiments/{experiment}/{query}={unknown}");
        Assert.Matches(new Regex($"({reason})[^<]*{unknown}"), page);
        Assert.Contains($"href=\"/experiments/{experiment}/{query}={stored}\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain(never, page, StringComparison.Ordinal);
    }
}
