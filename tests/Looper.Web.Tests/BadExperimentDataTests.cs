using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Numerics;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests;

/// <summary>Data from which nothing can be concluded, from the journal to what an analyst reads: a sentence in the API and on the report page, and no number
/// that looks fine.</summary>
public sealed partial class BadExperimentDataTests
{
    private static readonly BlueprintContent Revenue = new()
    {
        Shape = DecisionShape.Choice, Options = [new("a"), new("b")], Default = "a",
        Outcomes = [new("revenue", OutcomeKind.Number) { Window = TimeSpan.FromMinutes(1), Aggregation = Aggregation.Sum, Absent = null, UnitOfMeasure = "EUR" }], Goal = new() { Terms = [new("revenue")] },
    };

    // What each case shows in place of the change, and what forbids reading it where a number is left.
    private static readonly (string Case, string Sentence, bool IsForbidden)[] Cases =
    [
        ("empty-arm", "0 of 100 units in treatment", true), // its share is broken too
        ("one-unit", "1 of 100 units in treatment", true),
        ("zero-variance", "revenue cannot be compared", false),
        ("all-missing", "nothing has been observed of revenue", true),
        ("extreme-outlier", "The largest unit holds 9", true),
        ("arm-stopped", "Nobody has entered treatment since", true),
    ];

    [Fact]
    public async Task Each_is_told_over_the_api_and_on_the_page()
    {
        await using var looper = new LooperApp();
        using var client = await looper.SignedInAsync(Role.Engineer);
        var pages = new ExperimentPages(looper, client);
        foreach (var (what, sentence, isForbidden) in Cases)
        {
            var point = await pages.PointAsync(what, Revenue);
            var id = await pages.RunningAsync(what);
            var random = new Philox(9);
            for (var i = 0; i < 300; i++)
            {
                var (arm, brought) = Of(what, i, 10 + random.Normal());
                await pages.UnitAsync(point, id, $"u{i}", arm, TimeSpan.FromMinutes(2 * (302 - i)), brought is { } value ? [("revenue", value)] : []);
            }

            var content = (await pages.ReportAsync(id))["content"]!;
            var (action, said) = ((string)content["recommendation"]!["action"]!, (string)content["recommendation"]!["sentence"]!);
            Assert.True(action == (isForbidden ? "fixFirst" : "notEnoughData"), $"{what}: {action}: {said}");
            var comparison = content["metrics"]![0]!["comparisons"]![0]!;
            if (!isForbidden || comparison["shortage"] is not null) Assert.Equal("notEnoughData", (string)comparison["verdict"]!);
            var html = await client.GetStringAsync($"/experiments/{id}/report");
            var text = Spaces().Replace(WebUtility.HtmlDecode(Tag().Replace(Unseen().Replace(html, " "), " ")), " ");
            Assert.Contains(sentence, text, StringComparison.OrdinalIgnoreCase);
            Assert.Contains(isForbidden ? "Do not read the results" : "Not enough data", text, StringComparison.Ordinal);
            Assert.DoesNotContain("NaN", text, StringComparison.Ordinal);
            Assert.DoesNotContain("Ship treatment", text, StringComparison.Ordinal);
            if (comparison["shortage"] is null && comparison["absolute"]!["why"] is null) continue;
            Assert.True(comparison["absolute"]!["fixed"]!["p"] is null || comparison["shortage"] is not null, what);
            var card = Row().Match(html).Value;
            Assert.DoesNotContain("interval-mark", card, StringComparison.Ordinal);
            Assert.DoesNotMatch("[+−][0-9.]+ EUR|[+−][0-9.]+%", card);
        }
    }

    private static (int Arm, double? Brought) Of(string what, int i, double value) => what switch
    {
        "empty-arm" => (0, value),
        "one-unit" => (i == 150 ? 1 : 0, value),
        "zero-variance" => (i % 2, 3),
        "all-missing" => (i % 2, null),
        "extreme-outlier" => (i % 2, i == 151 ? 1e6 : value),
        _ => (i < 150 ? i % 2 : 0, value),
    };

    [GeneratedRegex("<tbody>.*?</tr>", RegexOptions.Singleline)]
    private static partial Regex Row();

    [GeneratedRegex("<script.*?</script>|<span class=\"term-text\".*?</span>|<!--.*?-->", RegexOptions.Singleline)]
    private static partial Regex Unseen();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
