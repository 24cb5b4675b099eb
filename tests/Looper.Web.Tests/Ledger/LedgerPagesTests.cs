using System.Net;
using Looper.Core.Access;
using Looper.Core.Ledger;
using Looper.Core.Persistence;
using Looper.Core.Policies;
using Looper.Web.Tests.Api;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Tests.Ledger;

/// <summary>The ledger and a decision point's gain as people see them.</summary>
public sealed class LedgerPagesTests
{
    private static readonly DateTimeOffset s_day = new(2026, 5, 4, 0, 0, 0, TimeSpan.Zero);

    private static Estimated Of(double value, double half) => new(value, half / 2, value - half, value + half);

    private static readonly Gain s_gain = new()
    {
        Method = "held-out-gain-1", MeasuredAt = s_day.AddDays(9), Goal = "purchase", IsRate = true, Since = s_day, Until = s_day.AddDays(8), Decisions = 41_234, Unmeasured = 77, Baseline = 0.1,
        Total = Of(412, 300), PerDecision = Of(0.01, 0.0073), Relative = Of(0.1, 0.073),
        Stretches =
        [
            new() { From = s_day, Until = s_day.AddDays(1), FirstVersion = 1, LastVersion = 1, Source = GainSource.NotMeasured, WhyNot = "Nobody was held out, so there is nothing to compare with.", Decisions = 77 },
            new()
            {
                From = s_day.AddDays(1), Until = s_day.AddDays(8), FirstVersion = 2, LastVersion = 4, Source = GainSource.Holdout, Kept = 0.05, Decisions = 41_234, KeptUnits = 1_357, KeptDecisions = 2_170, Baseline = 0.1,
                Total = Of(412, 300), PerDecision = Of(0.01, 0.0073), Relative = Of(0.1, 0.073),
            },
        ],
        Course = [new(s_day.AddDays(7), Of(300, 310), 30_000, 77), new(s_day.AddDays(8), Of(412, 300), 41_234, 77)],
        Launches = [new(4, s_day.AddDays(7))],
    };

    private static async Task<string> ReadAsync(HttpClient client, string path) => WebUtility.HtmlDecode(await client.GetStringAsync(path));

    private static async Task KeepAsync(LooperApp looper, Guid point, Gain gain)
    {
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        var entry = new LedgerEntry { Id = Guid.CreateVersion7(), DecisionPointId = point };
        entry.Measured(new(gain));
        db.Add(entry);
        await db.SaveChangesAsync();
    }

    [Fact]
    public async Task A_gain_is_shown_with_its_interval_its_stretches_and_why_one_is_not_measured()
    {
        await using var looper = new LooperApp();
        await KeepAsync(looper, await looper.PublishAsync("banner", ServedApp.Banner), s_gain);
        using var viewer = await looper.SignedInAsync(Role.Viewer);
        var page = await ReadAsync(viewer, "/decision-points/banner/gain");
        foreach (var shown in new[] { "412 purchase more than the baseline would have brought", "between +112 and +712", "41,234", "77 more are not measured", "+10.0%", "so there is nothing to compare with.", "2 to 4", "5.0% keep the baseline", "1,357", "Measure now" })
            Assert.Contains(shown, page, StringComparison.Ordinal);
        var ledger = await ReadAsync(viewer, "/ledger");
        foreach (var shown in new[] { "+412", "between +112 and +712", "Holdout", "/decision-points/banner/gain", "+10.0%" }) Assert.Contains(shown, ledger, StringComparison.Ordinal);
        Assert.Contains("+10.0%", await ReadAsync(viewer, "/decision-points"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_measured_is_no_number()
    {
        await using var looper = new LooperApp();
        var point = await looper.PublishAsync("banner", ServedApp.Banner);
        using var viewer = await looper.SignedInAsync(Role.Viewer);
        Assert.Contains("It has not been measured yet", await ReadAsync(viewer, "/decision-points/banner/gain"), StringComparison.Ordinal);
        Assert.Contains("No gain has been measured yet.", await ReadAsync(viewer, "/ledger"), StringComparison.Ordinal);

        await KeepAsync(looper, point, s_gain with { WhyNot = "37 of 100 units that kept the baseline have a known outcome.", Total = Estimated.Undefined, PerDecision = Estimated.Undefined, Relative = Estimated.Undefined, Stretches = [], Course = [], Decisions = 0 });
        foreach (var path in new[] { "/decision-points/banner/gain", "/ledger" })
        {
            var page = await ReadAsync(viewer, path);
            Assert.Contains("37 of 100 units that kept the baseline", page, StringComparison.Ordinal);
            Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
            Assert.DoesNotContain("between +", page, StringComparison.Ordinal);
        }
        Assert.Contains("There is no decision point", await (await viewer.GetAsync(new Uri("/decision-points/nothing/gain", UriKind.Relative))).Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
