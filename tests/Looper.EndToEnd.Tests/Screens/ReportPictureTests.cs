using System.Buffers.Binary;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Looper.EndToEnd.Tests.Browser;
using Looper.EndToEnd.Tests.Hillstrom;
using Looper.Testing.Servers;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Looper.EndToEnd.Tests.Screens;

/// <summary>A report as it is passed on: as one picture, and on the screen of a phone.</summary>
public sealed class ReportPictureTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task A_report_is_saved_as_one_picture_and_a_phone_shows_each_interval()
    {
        await using var looper = await LooperServer.StartAsync();
        await using var visitor = await chromium.VisitAsync(looper);
        await visitor.SetUpAsync();
        using var admin = looper.Anonymous();
        using (var signed = await admin.PostAsJsonAsync("/api/sign-in", new { email = Visitor.Email, password = Visitor.Password })) await LooperServer.EnsureAsync(signed);
        var id = await ImportedAsync(admin);
        await visitor.OpenAsync($"/experiments/{id}/report");
        var saving = await visitor.Page.RunAndWaitForDownloadAsync(() => visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Export PNG" }).ClickAsync());
        Assert.Equal("past-report.png", saving.SuggestedFilename);
        await using var stream = await saving.CreateReadStreamAsync();
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes);
        var png = bytes.ToArray();
        Assert.Equal("\u0089PNG\r\n\u001a\n", Encoding.Latin1.GetString(png, 0, 8));
        var (width, height) = (BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20)));
        Assert.Equal(2_560, width);
        Assert.InRange(height, 800, 4_000);
        Assert.InRange(png.Length, 30_000, 2_000_000); // an empty sheet of this size is smaller

        await visitor.Page.SetViewportSizeAsync(390, 844);
        await visitor.ReadyAsync();
        await Expect(visitor.Page.Locator("#score-goal .interval-mark").First).ToBeVisibleAsync();
        await Expect(visitor.Page.Locator("#score-goal td[data-label='Change']").First).ToContainTextAsync("[");
        Assert.False(await visitor.Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth > innerWidth"), "the page scrolls sideways");
        await visitor.PictureAsync("report-phone");
        Assert.Equal([], await visitor.BarriersAsync());
    }

    // 600 customers of whom half got an e-mail, which a third more of them visited.
    private static async Task<string> ImportedAsync(HttpClient admin)
    {
        await admin.PublishAsync(Campaign.Key, JsonNode.Parse("""
            { "shape": "choice", "options": [{ "key": "none" }, { "key": "mail" }], "default": "none", "policy": { "kind": "random" }, "training": { "isOn": false }, "features": [{ "name": "recency", "kind": "number" }],
              "outcomes": [{ "name": "visit", "kind": "boolean", "window": "1m", "absent": 0 }], "goal": { "terms": [{ "outcome": "visit" }] } }
            """)!.AsObject());
        var mapping = new JsonObject
        {
            ["decisionPoint"] = Campaign.Key, ["option"] = "treatment", ["propensity"] = "uniform",
            ["experiment"] = new JsonObject { ["key"] = "past", ["name"] = "E-mails & visits <2008>", ["baseline"] = "none", ["primaryOutcome"] = "visit" },
        };
        var rows = string.Concat(Enumerable.Range(0, 600).Select(i => $"{(i % 2 == 0 ? "none" : "mail")},{i % 12},{(i % 20 < (i % 2 == 0 ? 6 : 9) ? 1 : 0)}\n"));
        using var form = new MultipartFormDataContent { { JsonContent.Create(mapping), "mapping" } };
        form.Add(new ByteArrayContent(Encoding.UTF8.GetBytes("treatment,recency,visit\n" + rows)), "file", "past.csv");
        using var started = await admin.PostAsync("/api/imports", form);
        await LooperServer.EnsureAsync(started);
        await Campaign.JobAsync(admin, JsonNode.Parse(await started.Content.ReadAsStringAsync())!["jobId"]!.ToString());
        var id = $"{(await admin.GetFromJsonAsync<JsonArray>("/api/experiments"))!.Single()!["id"]}";
        using var computed = await admin.PostAsJsonAsync($"/api/experiments/{id}/reports", new { });
        await LooperServer.EnsureAsync(computed);
        return id;
    }
}
