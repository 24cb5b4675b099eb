using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Looper.Core.Access;
using Looper.Web.Console.Shared;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests;

/// <summary>Each statistical term that a page of an experiment speaks of is explained there in its one sentence, on hover and focus.</summary>
public sealed partial class ExperimentTermsTests
{
    private static readonly Regex Spoken = Glossary.Pattern(Glossary.Words.Keys);

    [Fact]
    public async Task A_page_explains_every_term_it_speaks_of()
    {
        await using var looper = new LooperApp();
        using var client = await looper.SignedInAsync(Role.Admin);
        var pages = new ExperimentPages(looper, client);
        var point = await pages.PointAsync("banner");
        var id = await pages.RunningAsync("banner", """
            {"capPercentile":0.99,"guardrails":[{"outcome":"revenue","marginRelative":0.2,"reason":"a sale week"}],"plannedDays":14,
             "metrics":[{"key":"spend-per-order","kind":"ratio","outcome":"revenue","denominator":"purchase"},{"key":"median-spend","kind":"quantile","outcome":"revenue","quantile":0.5}]}
            """);
        for (var i = 0; i < 400; i++)
            await pages.UnitAsync(point, id, $"u{i}", i % 2, TimeSpan.FromMinutes(25 * (402 - i)), i % 4 < 2 + i % 2 ? [("purchase", 1), ("revenue", 10 + i % 7)] : []);
        var report = await pages.ReportAsync(id);
        using (await client.PutAsJsonAsync("/api/settings/experiments", new { sharesReports = true, asksApproval = false })) { }
        using var made = await client.PostAsJsonAsync($"/api/reports/{report["id"]}/shares", new { recipient = "agency", days = 7 });
        var shared = (string)(await made.Content.ReadFromJsonAsync<JsonNode>())!["path"]!;
        await pages.PointAsync("prices");
        List<string> addresses =
        [
            $"/experiments/{id}/report", $"/experiments/{id}/report?reading=bayesian&kind=day", $"/experiments/{id}/report?reading=fixed&kind=scaled&adjusted=off&corrected=off", $"/experiments/{id}/health", $"/experiments/{id}", shared,
            "/experiments/size?baseline=0.1&kind=Proportion&change=10&reading=Fixed", "/experiments/new",
        ];
        foreach (var (design, i) in new[] { "{}", """{"cluster":"company"}""", """{"switchback":{"slotMinutes":60,"burnInMinutes":5}}""", """{"bandit":{"floor":0.1,"renewHours":24}}""" }.Select((d, i) => (d, i)))
        {
            var draft = await pages.PointAsync($"design-{i}") == default ? default : await pages.DraftAsync($"design-{i}", design);
            addresses.Add($"/experiments/{draft}");
        }

        var missing = new List<string>();
        foreach (var address in addresses)
        {
            var html = await client.GetStringAsync(address);
            var told = Tooltip().Matches(html).Select(m => WebUtility.HtmlDecode(m.Groups[1].Value).Trim()).ToHashSet();
            Assert.True(told.Count > 0, $"{address} explains nothing");
            var text = WebUtility.HtmlDecode(Tag().Replace(Unread().Replace(html, " "), " "));
            missing.AddRange(Spoken.Matches(text).Select(m => (Word: m.Value, Term: Glossary.Words[m.Value], Around: text[Math.Max(0, m.Index - 40)..Math.Min(text.Length, m.Index + 40)].ReplaceLineEndings(" "))).Where(w => !told.Contains(Glossary.Of(w.Term))).DistinctBy(w => w.Term)
                .Select(w => $"{address}: “{w.Word}” ({w.Term}) in “{w.Around}”"));
        }

        Assert.True(missing.Count == 0, string.Join('\n', missing));
    }

    [Theory]
    [InlineData("lift"), InlineData("interval"), InlineData("p"), InlineData("chance to win"), InlineData("expected loss"), InlineData("CUPED"), InlineData("sequential"), InlineData("always valid"), InlineData("fixed horizon")]
    [InlineData("SRM"), InlineData("sample ratio"), InlineData("non-inferiority"), InlineData("guardrail"), InlineData("MDE"), InlineData("power"), InlineData("Holm"), InlineData("Benjamini-Hochberg"), InlineData("segments")]
    [InlineData("novelty"), InlineData("winsorised"), InlineData("capped"), InlineData("cluster"), InlineData("switchback"), InlineData("intraclass correlation"), InlineData("exploration floor"), InlineData("holdout")]
    [InlineData("layer"), InlineData("exposure"), InlineData("pre-period bias"), InlineData("interaction"), InlineData("scaled impact"), InlineData("post-stratification"), InlineData("quantile"), InlineData("standard error")]
    public void The_glossary_knows_the_word(string word) => Assert.EndsWith(".", Glossary.Of(Glossary.Words[word]), StringComparison.Ordinal);

    [Fact]
    public void A_text_is_split_where_a_term_first_stands()
    {
        Assert.Equal([("A ", null), ("guardrail", "Guardrail"), (", two guardrails; ", null), ("p", "p-value"), (" 0.02", null)], Glossary.Split("A guardrail, two guardrails; p 0.02"));
        Assert.Equal([("Plain words, a shipment.", null)], Glossary.Split("Plain words, a shipment."));
    }

    [GeneratedRegex("<span class=\"term-text\"[^>]*>(.*?)</span>", RegexOptions.Singleline)]
    private static partial Regex Tooltip();

    // What nobody reads as a sentence of the page: scripts, code, and the explanations themselves.
    [GeneratedRegex("<head>.*?</head>|<script.*?</script>|<style.*?</style>|<code.*?</code>|<nav.*?</nav>|<header class=\"bar.*?</header>|<dialog.*?</dialog>|<details class=\"terms.*?</details>|<span class=\"term-text\".*?</span>|<!--.*?-->", RegexOptions.Singleline)]
    private static partial Regex Unread();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();
}
