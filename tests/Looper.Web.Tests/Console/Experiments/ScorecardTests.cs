using System.Net;
using System.Text.RegularExpressions;
using Looper.Core.Experiments;
using Looper.Web.Console.Experiments;

namespace Looper.Web.Tests.Console.Experiments;

public sealed class ScorecardTests
{
    private static async Task<string> TextAsync(ReportContent report, string kind = "absolute")
    {
        var look = new ReportLook(kind, ReadingKind.Bayesian, Adjusted: true, Corrected: true, Baseline: null) { Report = report };
        var html = await Rendering.OfAsync<Scorecard>(parameters: [(nameof(Scorecard.Report), report), (nameof(Scorecard.Look), look)]);
        return Regex.Replace(WebUtility.HtmlDecode(Regex.Replace(html, "<[^>]+>", " ")), @"\s+", " ");
    }

    [Theory] // 800 units a day, 365 days
    [InlineData("absolute", " 0.25 EUR ")]
    [InlineData("scaled", " 250 EUR per 1,000 units ")]
    [InlineData("day", " 200 EUR a day ")]
    [InlineData("year", " 73,000 EUR a year ")]
    public async Task What_a_change_may_cost_is_told_for_as_many_units_as_the_change(string kind, string told) =>
        Assert.Contains(told, await TextAsync(Measured.Report(), kind), StringComparison.Ordinal);

    [Fact]
    public async Task Where_nobody_knows_how_many_come_no_loss_a_day_is_told()
    {
        var text = await TextAsync(Measured.Report() with { Traffic = null }, "day");
        Assert.Contains("expected loss", text, StringComparison.Ordinal);
        Assert.DoesNotContain(" a day ", text.Replace("new units a day", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact] // pooled they are 12 and 14
    public async Task Where_shares_changed_page_picture_and_rows_tell_the_same_means()
    {
        var report = Measured.Report(control: new(11.25, 0.1), treatment: new(12.75, 0.1));
        Assert.Contains("11.25 EUR", await TextAsync(report), StringComparison.Ordinal);
        var picture = ReportPicture.Svg(new(Guid.CreateVersion7(), report.Settings.ExperimentId, default, report));
        Assert.Contains("11.25 EUR", picture, StringComparison.Ordinal);
        Assert.Contains("12.75 EUR", picture, StringComparison.Ordinal);
        Assert.DoesNotContain("14 EUR", picture, StringComparison.Ordinal);
        var rows = ReportCsv.Write(report).Split("\r\n").Select(r => r.Split(',')).ToList();
        Assert.Equal(("12.75", "11.25"), (rows[1][rows[0].IndexOf("mean")], rows[1][rows[0].IndexOf("baseline_mean")]));
    }

    [Fact]
    public void The_picture_names_the_level_that_was_chosen() =>
        Assert.Contains("· 97.5% ·", ReportPicture.Svg(new(Guid.CreateVersion7(), default, default, Measured.Report(level: 0.975))), StringComparison.Ordinal);
}
