using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Tests;

/// <summary>Notes beside an experiment, and links that show a stored report to people without an account.</summary>
public class ReportSharesApiTests
{
    private static async Task<(Guid Experiment, Guid Report)> ReportAsync(LooperApp looper, HttpClient client)
    {
        await using (var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync())
        {
            var point = new DecisionPoint { Id = Guid.CreateVersion7(), Key = "banner", Name = "Banner", CurrentVersion = 1, Salt = 7 };
            var content = new BlueprintContent
            {
                Shape = DecisionShape.Choice, Options = [new("a"), new("b")], Default = "a",
                Outcomes = [new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(1) }], Goal = new() { Terms = [new("purchase")] },
            };
            db.Add(point);
            db.Add(new Blueprint { Id = Guid.CreateVersion7(), DecisionPointId = point.Id, Version = 1, Content = BlueprintJson.Write(content), Hash = "h" });
            await db.SaveChangesAsync();
        }

        using var created = await client.PostAsJsonAsync("/api/experiments", new { decisionPoint = "banner", key = "banner-q4", name = "Free shipping above 50" });
        var id = (Guid)(await created.Content.ReadFromJsonAsync<JsonNode>())!["id"]!;
        using var started = await client.PostAsJsonAsync($"/api/experiments/{id}/start", new { reason = "agreed" });
        Assert.Equal(HttpStatusCode.NoContent, started.StatusCode);
        using var computed = await client.PostAsync($"/api/experiments/{id}/reports", null);
        return (id, (Guid)(await computed.Content.ReadFromJsonAsync<JsonNode>())!["id"]!);
    }

    private static async Task<string> LinkAsync(HttpClient client, Guid report, string recipient)
    {
        using var made = await client.PostAsJsonAsync($"/api/reports/{report}/shares", new { recipient, days = 7 });
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        return (string)(await made.Content.ReadFromJsonAsync<JsonNode>())!["path"]!;
    }

    [Fact]
    public async Task Notes_stand_in_time_order_with_who_wrote_them_and_in_the_history()
    {
        await using var looper = new LooperApp();
        using var client = await looper.SignedInAsync(Role.Engineer);
        var (id, _) = await ReportAsync(looper, client);
        foreach (var text in new[] { "  An outage at noon.\nIgnore the dip.  ", "Shipping on Monday." })
        {
            using var added = await client.PostAsJsonAsync($"/api/experiments/{id}/notes", new { text });
            Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        }

        using var viewer = await looper.SignedInAsync(Role.Viewer);
        var notes = (await viewer.GetFromJsonAsync<JsonNode>($"/api/experiments/{id}/notes"))!.AsArray();
        Assert.Equal(["An outage at noon.\nIgnore the dip.", "Shipping on Monday."], notes.Select(n => (string)n!["text"]!));
        Assert.All(notes, n => Assert.Contains("engineer", (string)n!["who"]!, StringComparison.OrdinalIgnoreCase));
        var steps = (await viewer.GetFromJsonAsync<JsonNode>($"/api/experiments/{id}/history"))!.AsArray();
        Assert.Equal(2, steps.Count(s => (string)s!["title"]! == "Note"));

        await Problem.IsAsync(await viewer.PostAsJsonAsync($"/api/experiments/{id}/notes", new { text = "x" }), HttpStatusCode.Forbidden, "access.denied");
        foreach (var bad in new[] { "", "   ", new string('x', 2_001), "bell\u0007" })
            await Problem.IsAsync(await client.PostAsJsonAsync($"/api/experiments/{id}/notes", new { text = bad }), HttpStatusCode.UnprocessableEntity, "experiment-note.invalid");
        await Problem.IsAsync(await client.PostAsJsonAsync($"/api/experiments/{Guid.Empty}/notes", new { text = "x" }), HttpStatusCode.NotFound, "experiment.unknown");
    }

    [Fact]
    public async Task A_link_shows_the_stored_report_to_anybody_until_it_is_revoked_expires_or_is_switched_off()
    {
        await using var looper = new LooperApp();
        using var admin = await looper.SignedInAsync(Role.Admin);
        var (_, report) = await ReportAsync(looper, admin);
        using var analyst = await looper.SignedInAsync(Role.Analyst);
        await Problem.IsAsync(await analyst.PostAsJsonAsync($"/api/reports/{report}/shares", new { recipient = "agency" }), HttpStatusCode.Conflict, "report-share.switched-off");
        await SwitchAsync(admin, true);
        foreach (var bad in new object[] { new { recipient = " " }, new { recipient = new string('x', 201) }, new { recipient = "x", days = 0 }, new { recipient = "x", days = 366 } })
            await Problem.IsAsync(await analyst.PostAsJsonAsync($"/api/reports/{report}/shares", bad), HttpStatusCode.UnprocessableEntity, "report-share.invalid");

        var path = await LinkAsync(analyst, report, "the agency");
        using var anybody = looper.Anonymous();
        using var shown = await anybody.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, shown.StatusCode);
        Assert.Contains("noindex", string.Join(' ', shown.Headers.GetValues("X-Robots-Tag")), StringComparison.Ordinal);
        Assert.True(shown.Headers.CacheControl!.NoStore);
        var page = WebUtility.HtmlDecode(await shown.Content.ReadAsStringAsync());
        Assert.Contains("<h1>Free shipping above 50</h1>", page, StringComparison.Ordinal);
        Assert.Contains("<title>Free shipping above 50, running when computed · Report · Looper</title>", page, StringComparison.Ordinal);
        Assert.Contains("Report of an experiment on Banner", page, StringComparison.Ordinal);
        Assert.Contains("purchase", page, StringComparison.Ordinal);
        Assert.Contains("Not enough data", page, StringComparison.Ordinal);
        Assert.DoesNotContain("@example.com", page, StringComparison.Ordinal); // nobody's name
        Assert.DoesNotContain("href=\"/experiments", page, StringComparison.Ordinal); // no way into the product
        Assert.DoesNotContain("the agency", page, StringComparison.Ordinal);

        // Neither the database nor the audit keeps what opens.
        var token = path["/shared/".Length..];
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        var share = await db.Set<ReportShare>().SingleAsync();
        Assert.Equal(System.Security.Cryptography.SHA256.HashData(Encoding.ASCII.GetBytes(token)), share.TokenHash);
        Assert.DoesNotContain(await db.Set<AuditEntry>().ToListAsync(), e => $"{e.After}{e.Before}{e.Reason}".Contains(token, StringComparison.Ordinal));

        foreach (var wrong in new[] { "/shared/unknown", $"/shared/{token[..^1]}", $"/shared/{(token[0] == 'A' ? 'B' : 'A')}{token[1..]}", $"/shared/{new string('A', 43)}" }) await GoneAsync(anybody, wrong);

        var second = await LinkAsync(analyst, report, "another");
        var listed = (await analyst.GetFromJsonAsync<JsonNode>($"/api/reports/{report}/shares"))!.AsArray();
        Assert.Equal(["another", "the agency"], listed.Select(l => (string)l!["recipient"]!));
        using var revoked = await analyst.DeleteAsync($"/api/reports/{report}/shares/{share.Id}");
        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        await Problem.IsAsync(await analyst.DeleteAsync($"/api/reports/{report}/shares/{share.Id}"), HttpStatusCode.Conflict, "report-share.already-revoked");
        await GoneAsync(anybody, path);

        await SwitchAsync(admin, false);
        await GoneAsync(anybody, second);
        await SwitchAsync(admin, true);
        Assert.Equal(HttpStatusCode.OK, (await anybody.GetAsync(second)).StatusCode);
        var past = looper.Get<TimeProvider>().GetUtcNow().AddSeconds(-1);
        await db.Set<ReportShare>().Where(s => s.Recipient == "another").ExecuteUpdateAsync(set => set.SetProperty(s => s.ExpiresAt, past));
        await GoneAsync(anybody, second);
        Assert.Equal(["expired", "revoked"], (await analyst.GetFromJsonAsync<JsonNode>($"/api/reports/{report}/shares"))!.AsArray().Select(l => (string)l!["state"]!));
    }

    [Fact]
    public async Task Who_opens_links_too_fast_waits()
    {
        await using var looper = new LooperApp(new() { ["Looper:Limits:SharedPerMinute"] = "3" });
        using var anybody = looper.Anonymous();
        for (var i = 0; i < 3; i++) await GoneAsync(anybody, "/shared/unknown");
        using var refused = await anybody.GetAsync("/shared/unknown");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.True(refused.Headers.RetryAfter is not null);
    }

    private static async Task SwitchAsync(HttpClient admin, bool sharesReports)
    {
        using var set = await admin.PutAsJsonAsync("/api/settings/experiments", new { sharesReports, asksApproval = false });
        Assert.Equal(HttpStatusCode.NoContent, set.StatusCode);
    }

    private static async Task GoneAsync(HttpClient anybody, string path)
    {
        using var answer = await anybody.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("no longer shared", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
