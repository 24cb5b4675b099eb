using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Web.Tests.Api;
using Looper.Web.Tests.Hosting;
using Microsoft.Data.Sqlite;

namespace Looper.Web.Tests.Decisions;

/// <summary>What an import says to everyone who may read jobs.</summary>
public sealed class ImportLogTests
{
    private const string Csv = "shown,user,when,cartValue,purchase\nnone,ann,2026-01-05,5,1\nnone,ben@example.com,2026-01-05,ben@example.com,1\nnone,cor,2026-01-05,`ben@example.com` paid,1\n";

    [Fact]
    public async Task S15_the_log_says_why_rows_were_refused_without_what_they_said_and_the_database_keeps_none_of_it()
    {
        await using var looper = new LooperApp();
        await looper.PublishAsync("checkout", ServedApp.Banner);
        using var admin = await looper.SignedInAsync();
        using var viewer = await looper.SignedInAsync(Role.Viewer);
        var job = await ImportAsync(admin);
        var text = await viewer.GetStringAsync($"/api/jobs/{job}");
        var log = string.Join('\n', JsonNode.Parse(text)!["log"]!.AsArray().Select(line => $"{line!["text"]}"));
        Assert.Contains("Line 3, features.cartValue: `…` is not a number.", log, StringComparison.Ordinal);
        Assert.Contains("Line 4, features.cartValue: `…` is not a number.", log, StringComparison.Ordinal);
        Assert.DoesNotContain("ben@", text, StringComparison.Ordinal);
        Assert.Contains("ben@example.com", await admin.GetStringAsync($"/api/imports/{job}/refused"), StringComparison.Ordinal); // whoever mends the file has the words

        using var erased = await admin.PostAsJsonAsync("/api/erasures", new { unit = "ben@example.com", confirm = "ben@example.com" });
        await erased.ReadAsync(HttpStatusCode.OK);
        await looper.StopAsync();
        SqliteConnection.ClearAllPools();
        foreach (var file in Directory.EnumerateFiles(looper.DataDirectory, "looper.db*"))
            Assert.True((await File.ReadAllBytesAsync(file)).AsSpan().IndexOf(Encoding.UTF8.GetBytes("ben@example.com")) < 0, $"{Path.GetFileName(file)} speaks of the unit.");
    }

    private static async Task<string> ImportAsync(HttpClient client)
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent("""{"decisionPoint":"checkout","option":"shown","unit":"user","time":"when"}"""), "mapping" },
            { new ByteArrayContent(Encoding.UTF8.GetBytes(Csv)), "file", "past.csv" },
        };
        using var answer = await client.PostAsync("/api/imports", form);
        var job = $"{(await answer.ReadAsync(HttpStatusCode.Accepted))["jobId"]}";
        while (true)
        {
            var run = (await client.GetFromJsonAsync<JsonNode>($"/api/jobs/{job}"))!["run"]!;
            if ($"{run["state"]}" is "failed" or "cancelled" or "done") return job;
            await Task.Delay(100);
        }
    }
}
