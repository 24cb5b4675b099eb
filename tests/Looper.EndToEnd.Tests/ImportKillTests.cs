using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Looper.Testing;
using Looper.Testing.Servers;

namespace Looper.EndToEnd.Tests;

/// <summary>R11 for an import, on the real process.</summary>
[Collection("processes")]
public sealed class ImportKillTests(ITestOutputHelper output)
{
    private const int Bad = 30;

    [Fact]
    public async Task R11_an_import_killed_half_way_goes_on_after_the_restart_and_brings_every_row_once()
    {
        await using var server = await LooperServer.StartAsync(new Dictionary<string, string> { ["Looper:Jobs:Pulse"] = "00:00:00.1", ["Looper:Jobs:Lease"] = "00:00:05" });
        Guid id;
        using (var admin = await server.SetUpAsync())
        {
            await admin.PublishAsync(Ingest.Point, Ingest.Blueprint);
            using var analyst = server.WithKey(await admin.CreateKeyAsync("manage"));
            using var form = new MultipartFormDataContent
            {
                { new StringContent($$"""{"decisionPoint":"{{Ingest.Point}}","option":"shown","unit":"user"}"""), "mapping" },
                { new ByteArrayContent(Encoding.ASCII.GetBytes(Rows())), "file", "past.csv" },
            };
            using var started = await analyst.PostAsync(new Uri("/api/imports", UriKind.Relative), form);
            await LooperServer.EnsureAsync(started);
            id = JsonNode.Parse(await started.Content.ReadAsStringAsync())!["jobId"]!.GetValue<Guid>();
            await Eventually.IsTrueAsync(async () => (await RunAsync(admin, id))["percent"]!.GetValue<double>() is > 0 and < 99, TimeSpan.FromSeconds(60));
            await server.KillAsync();
        }
        var there = Count(server, "decisions");
        await server.RestartAsync();
        using var after = await server.SignInAsync();
        await Eventually.IsTrueAsync(async () => (await RunAsync(after, id))["state"]!.ToString().ToLowerInvariant() is "done" or "failed", TimeSpan.FromSeconds(300));
        var ended = await RunAsync(after, id);
        output.WriteLine(FaultLedger.Line("R11 import", 1, $"killed with {there} of {Sizes.ImportedRows} rows there: {ended["result"]}"));
        Assert.Equal("done", ended["state"]!.ToString(), ignoreCase: true);
        Assert.True(ended["starts"]!.GetValue<int>() >= 2, "It was not resumed.");
        var refused = await after.GetStringAsync(new Uri($"/api/imports/{id}/refused", UriKind.Relative));
        Assert.Equal(Bad, refused.Split("\r\n").Count(l => l.Contains(",option,", StringComparison.Ordinal)));
        Assert.InRange(there, 1, Sizes.ImportedRows - 1);
        Assert.Equal(Sizes.ImportedRows, Count(server, "decisions"));
        Assert.Equal(2 * Sizes.ImportedRows, Count(server, "observations"));
    }

    private static string Rows()
    {
        var text = new StringBuilder("user,shown,cartValue,country,purchase,revenue\n");
        for (var i = 0; i < Bad; i++) text.Append(CultureInfo.InvariantCulture, $"u-{i},gold,1,NL,1,1\n");
        for (var i = 0; i < Sizes.ImportedRows; i++) text.Append(CultureInfo.InvariantCulture, $"u-{i % 9_973},{"ab"[i % 2]},{i % 97},NL,{i % 2},{i % 50}\n");
        return text.ToString();
    }

    private static async Task<JsonNode> RunAsync(HttpClient admin, Guid id) => (await admin.GetFromJsonAsync<JsonNode>($"/api/jobs/{id}"))!["run"]!;

    private static int Count(LooperServer server, string table)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(server.DataDirectory, "events.db")};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT count(*) FROM {table}";
        return (int)(long)command.ExecuteScalar()!;
    }
}
