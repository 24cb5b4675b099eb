using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Looper.Core.Serving;
using Looper.Web.Console.Experiments;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Tests;

/// <summary>Sizes are planned, and defined metrics reported, over HTTP on the real journal.</summary>
public class DesignApiTests
{
    [Fact]
    public async Task A_size_is_answered_and_a_question_without_a_baseline_is_refused_by_field()
    {
        await using var looper = new LooperApp();
        using var client = await looper.SignedInAsync(Role.Viewer);
        var answer = (await client.GetFromJsonAsync<JsonNode>("/api/experiments/size?kind=proportion&baseline=0.1&change=0.1&reading=fixed&unitsPerDay=1000"))!;
        Assert.Equal(29_497, (double)answer["units"]!);
        Assert.Equal(35, (double)answer["days"]!); // 29.5 days in whole weeks
        Assert.Equal("power-1", (string)answer["method"]!);
        const string tuned = "Name them in the plan too, as its planned units";
        Assert.DoesNotContain(tuned, (string)answer["sentence"]!, StringComparison.Ordinal);
        var anyDay = (await client.GetFromJsonAsync<JsonNode>("/api/experiments/size?kind=proportion&baseline=0.1&change=0.1&reading=sequential"))!;
        Assert.Contains(tuned, (string)anyDay["sentence"]!, StringComparison.Ordinal); // else its interval is tuned for few, and wider here than was planned
        using var wrong = await client.GetAsync("/api/experiments/size?kind=odd&baseline=1");
        Assert.Equal("kind", (string)(await wrong.Content.ReadFromJsonAsync<JsonNode>())!["field"]!);
        using var refused = await client.GetAsync("/api/experiments/size");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Equal("baseline", (string)(await refused.Content.ReadFromJsonAsync<JsonNode>())!["field"]!);
    }

    [Fact]
    public async Task History_fills_in_the_baseline_and_a_defined_metric_comes_out_of_the_journal()
    {
        await using var looper = new LooperApp();
        var point = await PointAsync(looper);
        using var client = await looper.SignedInAsync(Role.Engineer);
        var plan = new
        {
            arms = new object[] { new { key = "a", weight = 0.5, option = "a" }, new { key = "b", weight = 0.5, option = "b" } },
            reading = "fixed", plannedDays = 14,
            metrics = new object[]
            {
                new { key = "spend-per-order", kind = "ratio", outcome = "revenue", denominator = "purchase", role = "goal" },
                new { key = "median-spend", kind = "quantile", outcome = "revenue", quantile = 0.5 },
                new { key = "spend", kind = "sum", outcome = "revenue", window = "1m", prePeriod = "1h" },
            },
        };
        using var created = await client.PostAsJsonAsync("/api/experiments", new { decisionPoint = "banner", key = "banner-q4", name = "Banner", plan });
        Assert.True(created.IsSuccessStatusCode, await created.Content.ReadAsStringAsync());
        var id = (Guid)(await created.Content.ReadFromJsonAsync<JsonNode>())!["id"]!;
        using var started = await client.PostAsJsonAsync($"/api/experiments/{id}/start", new { reason = "agreed" });
        Assert.Equal(HttpStatusCode.NoContent, started.StatusCode);
        await FillAsync(looper, point, id);

        var baseline = (await client.GetFromJsonAsync<JsonNode>("/api/decision-points/banner/metric-baseline?outcome=purchase"))!;
        Assert.Equal(("proportion", 400, 0.5), ((string)baseline["kind"]!, (int)baseline["units"]!, (double)baseline["baseline"]!));
        using var unknown = await client.GetAsync("/api/decision-points/banner/metric-baseline?outcome=nothing");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);

        using var computed = await client.PostAsync($"/api/experiments/{id}/reports", null);
        var metrics = (await computed.Content.ReadFromJsonAsync<JsonNode>())!["content"]!["metrics"]!.AsArray();
        JsonNode Metric(string key) => metrics.Single(m => (string)m!["outcome"]! == key)!;
        Assert.Equal(10, (double)Metric("spend-per-order")["arms"]![0]!["mean"]!, 1e-9); // 20 of which half buy, over the half that buys
        Assert.Equal(13, (double)Metric("spend-per-order")["arms"]![1]!["mean"]!, 0.01);
        Assert.Equal("ratio-delta-1+welch-1", (string)Metric("spend-per-order")["comparisons"]![0]!["absolute"]!["method"]!);
        Assert.Equal("mass-point", (string)Metric("median-spend")["comparisons"]![0]!["absolute"]!["why"]!);
        Assert.Contains("less what 1h before foretold", (string)Metric("spend")["definition"]!, StringComparison.Ordinal);
    }

    [Theory, InlineData("/experiments/size?baseline=0.1&kind=Proportion&change=10&reading=Fixed", "29,497 units"), InlineData("/experiments/size?point=banner", "Not enough data: 0 of 200 units"),
     InlineData("/experiments/size?baseline=7&kind=Proportion", "give a share between 0 and 1")]
    public async Task The_page_says_it_in_words(string address, string words)
    {
        await using var looper = new LooperApp();
        await PointAsync(looper);
        using var client = await looper.SignedInAsync(Role.Viewer);
        Assert.Contains(words, await client.GetStringAsync(address), StringComparison.Ordinal);
    }

    [Fact]
    public void A_metric_comes_back_from_the_editor_as_it_went_in()
    {
        Metric[] metrics =
        [
            new() { Key = "a", Kind = MetricKind.Retention, Outcome = "visit", From = TimeSpan.FromDays(7), Window = TimeSpan.FromDays(7), Role = MetricRole.Guardrail, Margin = 0.01 },
            new() { Key = "b", Kind = MetricKind.Sum, Outcome = "revenue", CapPercentile = 0.999, PrePeriod = TimeSpan.FromDays(14), Only = [new("country", FilterRule.IsNot, "NL")], Better = Direction.Lower },
            new() { Key = "c", Kind = MetricKind.Funnel, Steps = ["visit", "purchase"] },
            new() { Key = "d", Kind = MetricKind.Ratio, Outcome = "revenue", Denominator = "visit" },
        ];
        foreach (var metric in metrics)
        {
            var plan = new ExperimentPlan { Metrics = [metric] };
            Assert.Equal(ExperimentJson.Write(plan), ExperimentJson.Write(plan with { Metrics = [EditedMetric.Of(metric).ToMetric()] }));
        }
    }

    private static async Task FillAsync(LooperApp looper, Guid point, Guid experiment)
    {
        var journal = looper.Get<Journal>();
        var past = looper.Get<TimeProvider>().GetUtcNow().AddHours(-1);
        for (var i = 0; i < 400; i++)
        {
            await journal.AppendAsync(new DecisionRecord
            {
                Id = $"d{i}", DecisionPointId = point, Unit = $"u{i}", Time = past.AddSeconds(i), BlueprintVersion = 1, Option = i % 2, Propensity = 0.5,
                Reason = Reason.Experiment, ExperimentId = experiment, Arm = i % 2, Served = Array.Empty<byte>(),
            }, false, default);
            if (i % 4 < 2) continue;
            ObservationRecord Observed(string outcome, double value) => new()
            {
                Id = $"{outcome}{i}", DecisionId = $"d{i}", Outcome = outcome, Value = value, Time = past.AddSeconds(i + 1), ReceivedAt = past.AddSeconds(i + 1), RequestHash = 1,
            };
            await journal.AppendAsync([Observed("purchase", 1), Observed("revenue", i % 2 == 0 ? 10 : 13)], default);
        }
    }

    private static async Task<Guid> PointAsync(LooperApp looper)
    {
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        var point = new DecisionPoint { Id = Guid.CreateVersion7(), Key = "banner", Name = "Banner", CurrentVersion = 1, Salt = 7 };
        var content = new BlueprintContent
        {
            Shape = DecisionShape.Choice, Options = [new("a"), new("b")], Default = "a",
            Outcomes = [new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(1) }, new("revenue", OutcomeKind.Number) { Window = TimeSpan.FromMinutes(1) }],
            Goal = new() { Terms = [new("purchase")] },
        };
        db.Add(point);
        db.Add(new Blueprint { Id = Guid.CreateVersion7(), DecisionPointId = point.Id, Version = 1, Content = BlueprintJson.Write(content), Hash = "h" });
        await db.SaveChangesAsync();
        return point.Id;
    }
}
