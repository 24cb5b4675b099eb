using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Testing;
using Looper.Testing.Servers;

namespace Looper.EndToEnd.Tests;

/// <summary>R15 with the real program: the commands an operator types.</summary>
[Collection("processes")]
public sealed class RestoreTests(ITestOutputHelper output)
{
    [Fact]
    public async Task R15_a_backup_of_a_serving_node_restores_to_what_it_was_and_decides_equally()
    {
        using var folder = new TemporaryDirectory();
        var backup = folder.File("backup");
        await using var server = await LooperServer.StartAsync();
        Assert.Equal(0, server.WatchedFolders); // the journal may lie in one
        string key;
        using (var admin = await server.SetUpAsync())
        {
            await admin.PublishAsync(Ingest.Point, Ingest.Blueprint);
            key = await admin.CreateKeyAsync("decide", "observe");
            var ingest = new Ingest();
            using var stop = new CancellationTokenSource();
            using var app = server.WithKey(key);
            var writing = ingest.RunAsync(app, writers: 4, stop.Token);
            await Eventually.IsTrueAsync(() => Task.FromResult(ingest.Decided.Count > 300), TimeSpan.FromSeconds(60));
            var before = ingest.Decided.ToArray();
            var (code, said) = await LooperServer.CommandAsync(server.DataDirectory, "backup", "--to", backup);
            Assert.True(code == 0, said);
            await stop.CancelAsync();
            await writing;
            Assert.Empty(ingest.Refused);
            var unit = Number(before[0].Key) % 5_000;
            using var erased = await admin.PostAsJsonAsync("/api/erasures", new { unit = $"user-{unit}", confirm = $"user-{unit}" });
            await LooperServer.EnsureAsync(erased);
            (code, said) = await LooperServer.CommandAsync(server.DataDirectory, "restore", "--from", backup, "--replace");
            Assert.NotEqual(0, code);
            Assert.Contains("in use", said, StringComparison.Ordinal);
            Assert.Equal(0, await server.StopAsync(TimeSpan.FromSeconds(100)));

            var since = Stopwatch.GetTimestamp();
            (code, said) = await LooperServer.CommandAsync(server.DataDirectory, "restore", "--from", backup, "--replace");
            Assert.True(code == 0, said);
            output.WriteLine(said);
            Assert.Contains("units erased again: 1.", said, StringComparison.Ordinal);
            await server.RestartAsync();
            output.WriteLine($"R15: recovery point: the {ingest.Decided.Count - before.Length} decisions acknowledged after the backup began are lost at most; recovery time {Stopwatch.GetElapsedTime(since).TotalSeconds:F1} s from the command to ready");
            using var again = server.WithKey(key);
            foreach (var (id, option) in before.Where(d => Number(d.Key) % 5_000 != unit).OrderBy(d => d.Key, StringComparer.Ordinal).Take(100))
            {
                var number = Number(id);
                using var answer = await again.PostAsJsonAsync("/v1/decisions", new JsonObject
                {
                    ["decisionPoint"] = Ingest.Point, ["unit"] = $"user-{number % 5_000}", ["decisionId"] = id,
                    ["context"] = new JsonObject { ["cartValue"] = number % 97, ["country"] = number % 3 == 0 ? "NL" : "DE" },
                });
                Assert.Equal("true", Assert.Single(answer.Headers.GetValues("Idempotent-Replayed")));
                Assert.Equal(option, Ingest.Option(JsonNode.Parse(await answer.Content.ReadAsStringAsync())!));
            }
        }
        using var signedIn = await server.SignInAsync(); // accounts are back too
        foreach (var aside in Directory.EnumerateDirectories(Path.GetDirectoryName(server.DataDirectory)!, Path.GetFileName(server.DataDirectory) + ".before-restore-*")) Directory.Delete(aside, recursive: true);
    }

    private static int Number(string id) => int.Parse(id.AsSpan(2), System.Globalization.CultureInfo.InvariantCulture);
}
