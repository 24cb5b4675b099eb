using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Looper.Core;
using Looper.Core.Access;
using Looper.Testing.Servers;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Access;

[Collection("console")] // what is logged goes there too, where the words of commands are listened to
public class SecretsTests
{
    [Fact]
    public async Task S10_no_key_password_or_token_is_found_in_any_file_page_or_answer()
    {
        await using var looper = new LooperApp(logs: true);
        var token = looper.Get<SetupToken>().Draw();
        var (client, password, later) = (looper.Anonymous(), "the heron waits at noon 7", "the heron has gone by nine 8");
        (await client.PostAsJsonAsync("/api/setup", new { token, email = "ada@example.com", name = "Ada", password })).EnsureSuccessStatusCode().Dispose();
        using var made = await client.PostAsJsonAsync("/api/keys", new { name = "shop", scopes = new[] { "read" } });
        var key = JsonNode.Parse(await made.Content.ReadAsStringAsync())!["key"]!.GetValue<string>();
        var app = looper.Anonymous();
        app.DefaultRequestHeaders.Add("X-Api-Key", key);
        (await app.GetAsync("/api/settings/general")).EnsureSuccessStatusCode().Dispose();
        (await app.GetAsync("/api/users")).Dispose(); // refused, and logged
        (await client.PostAsJsonAsync("/api/sign-in", new { email = "ada@example.com", password = "not the right one 9" })).Dispose();
        (await client.PostAsJsonAsync("/api/profile/password", new { current = password, password = later })).EnsureSuccessStatusCode().Dispose();

        string[] secrets = [token, password, later, key, key[4..], key[12..^6], "not the right one 9"];
        var places = new Dictionary<string, string>();
        foreach (var page in new[] { "/", "/access/keys", "/access/users", "/audit", "/profile", "/openapi/v1.json", "/api/keys", "/api/audit", "/api/users", "/api/settings/general" })
            places[page] = await client.GetStringAsync(page);
        await looper.StopAsync();
        foreach (var file in Directory.EnumerateFiles(looper.DataDirectory, "*", SearchOption.AllDirectories))
            places[file] = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file));
        if (ServerDatabases.OfThisRun == DatabaseKind.Sqlite) Assert.Contains(places, p => p.Key.Contains("looper.db", StringComparison.Ordinal) && p.Value.Contains("ada@example.com", StringComparison.Ordinal)); // the search works
        Assert.Contains(places, p => p.Key.EndsWith(".log", StringComparison.Ordinal) && p.Value.Contains("start.listening", StringComparison.Ordinal));
        var found = from place in places from secret in secrets where place.Value.Contains(secret, StringComparison.Ordinal) select $"{secret[..6]}… in {place.Key}";
        Assert.Empty(found);
    }
}
