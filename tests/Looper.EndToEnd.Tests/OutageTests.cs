using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Numerics;
using Looper.Testing;
using Looper.Testing.Servers;
using Npgsql;

namespace Looper.EndToEnd.Tests;

/// <summary>R5 on the real process and a real PostgreSQL.</summary>
[Collection("processes")]
public sealed class OutageTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_refusedWithin = TimeSpan.FromSeconds(Sizes.IsLong ? 10 : 100);

    [Fact]
    public async Task R5_decisions_go_on_while_the_database_is_away_and_every_event_arrives_once()
    {
        Assert.SkipUnless(PostgresServer.IsHere, PostgresServer.Absent);
        await using var postgres = await PostgresServer.StartAsync();
        var connectionString = await postgres.CreateDatabaseAsync();
        await using var server = await LooperServer.StartAsync(new Dictionary<string, string>
        {
            ["Looper:Database"] = "Postgres", ["Looper:ConnectionString"] = connectionString, ["Looper:Shipping:Every"] = "00:00:00.05", ["Looper:Shipping:RetryAfter"] = "00:00:00.5",
        });
        string key;
        using (var admin = await server.SetUpAsync())
        {
            await admin.PublishAsync(Ingest.Point, Ingest.Blueprint);
            key = await admin.CreateKeyAsync("decide", "observe");
        }
        var (ingest, random) = (new Ingest(), new Philox(Sizes.Seed, "R5"));

        using (var app = server.WithKey(key))
        using (var admin = await server.SignInAsync())
        using (var stop = new CancellationTokenSource())
        {
            var normal = await ProbeAsync(app, "before");
            var writing = ingest.RunAsync(app, writers: 4, stop.Token);
            await postgres.StopAsync();
            await RefusedAsync(admin, "stopped");
            await Task.Delay(Sizes.R5Outage);
            await postgres.RestartAsync();
            await AcceptedAsync(admin);

            postgres.Freeze();
            var hung = await ProbeAsync(app, "hung");
            await RefusedAsync(admin, "hung");
            await Task.Delay(Sizes.R5Outage);
            postgres.Thaw();
            await AcceptedAsync(admin);

            for (var cut = 0; cut < Sizes.R5Cuts; cut++) // some of them in the middle of a COPY
            {
                await Task.Delay(random.Below(200));
                await postgres.ResetConnectionsAsync(new NpgsqlConnectionStringBuilder(connectionString).Database!);
            }
            await stop.CancelAsync();
            await writing;
            output.WriteLine($"p99 of a decision: {normal.TotalMilliseconds:F1} ms before, {hung.TotalMilliseconds:F1} ms beside four writers while hung");
        }
        for (var kill = 0; kill < Sizes.R5Kills; kill++)
        {
            using (var app = server.WithKey(key))
            {
                var writing = ingest.RunAsync(app, writers: 4, default);
                await Task.Delay(200 + random.Below(800));
                await server.KillAsync();
                await writing;
            }
            await server.RestartAsync();
        }
        await ColdStartAsync(server, postgres, key);

        var (decisions, observations) = await ArrivedAsync(server, connectionString);
        Assert.Empty(ingest.Refused);
        Assert.True(ingest.Decided.Count > 100 && ingest.Observed.Count > 100, $"only {ingest.Decided.Count} decisions, {ingest.Observed.Count} observations");
        Assert.DoesNotContain(ingest.Decided.Keys, d => !decisions.Contains(d));
        Assert.DoesNotContain(ingest.Observed.Keys, o => !observations.Contains(o));
        Assert.Contains(server.Log, l => l.Contains("database.away", StringComparison.Ordinal));
        Assert.Contains(server.Log, l => l.Contains("database.back", StringComparison.Ordinal));
        Assert.Contains(server.Log, l => l.Contains("shipper.caught-up", StringComparison.Ordinal));
        output.WriteLine(FaultLedger.Line("R5", Sizes.R5Cuts + Sizes.R5Kills,
            $"outages of {Sizes.R5Outage.TotalSeconds} s; {ingest.Decided.Count} decisions and {ingest.Observed.Count} observations acknowledged, {decisions.Count} and {observations.Count} on the server"));
    }

    /// <summary>A hundred decisions, one after another.</summary>
    /// <returns>Their 99th percentile.</returns>
    private static async Task<TimeSpan> ProbeAsync(HttpClient app, string name)
    {
        var times = new List<TimeSpan>();
        for (var i = 0; i < 100; i++)
        {
            var since = Stopwatch.GetTimestamp();
            using var answer = await app.PostAsJsonAsync("/v1/decisions", new { decisionPoint = Ingest.Point, unit = $"probe-{i}", decisionId = $"{name}-{i}" });
            times.Add(Stopwatch.GetElapsedTime(since));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
        return times.Order().ElementAt(98);
    }

    private static async Task RefusedAsync(HttpClient admin, string what)
    {
        var since = Stopwatch.GetTimestamp();
        using var answer = await admin.PostAsJsonAsync("/api/keys", new { name = "refused", scopes = new[] { "decide" } });
        var taken = Stopwatch.GetElapsedTime(since);
        Assert.Equal((what, HttpStatusCode.ServiceUnavailable), (what, answer.StatusCode));
        Assert.Equal("database.unavailable", JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"]!.GetValue<string>());
        Assert.True(taken < s_refusedWithin, $"{what}: refused only after {taken}");
    }

    private static Task AcceptedAsync(HttpClient admin) => Eventually.IsTrueAsync(async () =>
    {
        using var answer = await admin.PostAsJsonAsync("/api/keys", new { name = "accepted", scopes = new[] { "decide" } });
        return answer.IsSuccessStatusCode;
    }, TimeSpan.FromSeconds(60));

    /// <summary>Started while the database is away: it answers from its snapshot and says so, and takes up the database when it is back.</summary>
    private async Task ColdStartAsync(LooperServer server, PostgresServer postgres, string key)
    {
        await server.KillAsync();
        await postgres.StopAsync();
        await server.RestartAsync();
        using var app = server.WithKey(key);
        using var answer = await app.PostAsJsonAsync("/v1/decisions", new { decisionPoint = Ingest.Point, unit = "cold", decisionId = "cold-1" });
        Assert.Equal("stale", JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["reason"]!.GetValue<string>());
        using var observed = await app.PostAsJsonAsync("/v1/observations", new { decisionId = "cold-1", outcomes = new { purchase = true } });
        Assert.Equal(HttpStatusCode.Accepted, observed.StatusCode);
        output.WriteLine($"cold start while the database is away: ready after {server.ReadyAfter.TotalSeconds:F1} s");
        Assert.True(server.ReadyAfter < TimeSpan.FromSeconds(Sizes.IsLong ? 5 : 50), $"ready after {server.ReadyAfter}");
        await postgres.RestartAsync();
        using var admin = server.Anonymous();
        await Eventually.IsTrueAsync(async () =>
        {
            using var signedIn = await admin.PostAsJsonAsync("/api/sign-in", new { email = LooperServer.Email, password = LooperServer.Password });
            return signedIn.IsSuccessStatusCode;
        }, TimeSpan.FromSeconds(60));
    }

    /// <summary>Waits until the server has what the journal has, and reads both.</summary>
    private static async Task<(HashSet<string> Decisions, HashSet<string> Observations)> ArrivedAsync(LooperServer server, string connectionString)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        (HashSet<string>, HashSet<string>) there = default;
        await Eventually.IsTrueAsync(async () =>
        {
            there = (await IdsAsync(source, "decisions"), await IdsAsync(source, "observations"));
            return (there.Item1.Count, there.Item2.Count) == (Rows(server, "decisions"), Rows(server, "observations"));
        }, TimeSpan.FromSeconds(120));
        return there;
    }

    // An id twice would fail the set.
    private static async Task<HashSet<string>> IdsAsync(NpgsqlDataSource source, string table)
    {
        var ids = new HashSet<string>();
        await using var command = source.CreateCommand($"SELECT {AsText("id")}, {AsText(table == "decisions" ? "id" : "decision")} FROM {table}");
        await using var rows = await command.ExecuteReaderAsync();
        var both = new HashSet<(string, string)>();
        while (await rows.ReadAsync())
        {
            Assert.True(both.Add((rows.GetString(0), rows.GetString(1))), $"{rows.GetString(0)} is there twice");
            ids.Add(rows.GetString(0));
        }
        return ids;
    }

    // A byte for the kind, then the id, read as the README of the events says.
    private static string AsText(string column) => $"""
        CASE WHEN length({column}) = 0 THEN '' WHEN get_byte({column}, 0) = 1 THEN (encode(substr({column}, 2), 'hex')::uuid)::text WHEN get_byte({column}, 0) = 2 THEN convert_from(substr({column}, 2), 'UTF8') ELSE '#' || encode(substr({column}, 2), 'hex') END
        """;

    private static int Rows(LooperServer server, string table)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(server.DataDirectory, "events.db")};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT count(*) FROM {table}";
        return (int)(long)command.ExecuteScalar()!;
    }
}
