using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Testing;
using Looper.Web.Commands;
using Looper.Web.Tests.Decisions;
using Looper.Web.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Looper.Web.Tests.Commands;

/// <summary><c>export</c>, <c>plan</c> and <c>apply</c> as a shell or a pipeline calls them.</summary>
[Collection("console")]
public sealed class ApplyCommandTests
{
    [Fact]
    public async Task A_file_is_exported_edited_planned_and_applied()
    {
        await using var looper = new LooperApp(listens: true);
        using var engineer = await looper.SignedInAsync(Role.Engineer);
        await engineer.PublishedAsync("banner");
        using var folder = new TemporaryDirectory();
        var file = Path.Combine(folder.Path, "looper.yaml");
        var (server, manage) = (engineer.BaseAddress!.ToString(), await looper.KeyAsync(KeyScopes.Manage));

        Assert.Equal((0, "", ""), await RunAsync(manage, "export", "--out", file, "--url", server));
        var yaml = await File.ReadAllTextAsync(file);
        Assert.Equal((0, yaml.TrimEnd(), ""), await RunAsync(manage, "export", "--url", server));
        Assert.Equal((0, "banner: unchanged, version 1\nNothing to change: the file says what is there.", ""), await RunAsync(manage, "plan", file, "--exit-code", "--url", server));

        await File.WriteAllTextAsync(file, yaml.Replace("epsilon: 0.1", "epsilon: 0.2", StringComparison.Ordinal) + ApplyApiTests.NewPoint("added"));
        var (code, said, error) = await RunAsync(manage, "plan", file, "--exit-code", "--url", server);
        Assert.Equal((1, ""), (code, error));
        Assert.StartsWith("banner: publish version 2 (now 1)\n  policy: ", said, StringComparison.Ordinal);
        Assert.Contains("\nadded: create\n  For each user your app asks added ", said, StringComparison.Ordinal);
        Assert.Contains("\n  Look twice: There is no holdout", said, StringComparison.Ordinal);
        Assert.EndsWith("\n1 to create, 1 to publish.", said, StringComparison.Ordinal);
        Assert.Equal((0, said, ""), await RunAsync(await looper.KeyAsync(KeyScopes.Read), "plan", file, "--url", server));

        var (done, applied, _) = await RunAsync(manage, "apply", file, "--note", "commit 4f2a & more", "--url", server);
        Assert.Equal(0, done);
        Assert.StartsWith("banner: published version 2\n", applied, StringComparison.Ordinal);
        Assert.EndsWith("\n1 created, 1 published.\nExport again before the next change: the file names the version it was made from.", applied, StringComparison.Ordinal);
        Assert.Equal("commit 4f2a & more", (string)(await engineer.GetFromJsonAsync<JsonNode>("/api/decision-points/banner/blueprints"))![0]!["note"]!);
        Assert.Equal((0, "banner: unchanged, version 2\nadded: unchanged, version 1\nNothing to change: the file says what is there.", ""), await RunAsync(manage, "apply", file, "--url", server));
    }

    [Fact]
    public async Task What_cannot_be_applied_ends_with_2_and_a_line_for_each_fault()
    {
        await using var looper = new LooperApp(listens: true);
        using var folder = new TemporaryDirectory();
        var file = Path.Combine(folder.Path, "looper.yaml");
        var (server, manage, read) = (looper.Anonymous().BaseAddress!.ToString(), await looper.KeyAsync(KeyScopes.Manage), await looper.KeyAsync(KeyScopes.Read));
        Assert.Equal((2, "", $"There is no file {file}."), await RunAsync(manage, "plan", file, "--url", server));
        await File.WriteAllTextAsync(file, "decisionPoints:\n- decisionPoint: tip\n  blueprint:\n    shape: binary\n    durable: yes\n");
        foreach (var command in new[] { "plan", "apply" })
            Assert.Equal((2, "", "tip.durable, line 5: yes or no is expected here, and `yes` is a text. Write `true` or `false`.\ntip.blueprint, line 3: it lacks `default`. Give a text, such as \"user\"."),
                await RunAsync(manage, command, file, "--url", server));
        await File.WriteAllTextAsync(file, "decisionPoints: []");
        var (code, _, denied) = await RunAsync(read, "apply", file, "--url", server);
        Assert.Equal((2, "This key may only read, and this needs one that may manage. Create one under Access, API keys."), (code, denied));
        Assert.Equal((2, "", "LOOPER_API_KEY is not set. Create a key that may manage, and put it there."), await RunAsync(null, "apply", file, "--url", server));
        Assert.StartsWith("--url: http://127.0.0.1:9/ does not answer (", (await RunAsync(manage, "plan", file, "--url", "http://127.0.0.1:9")).Error, StringComparison.Ordinal);
        Assert.DoesNotContain("inner exception", (await RunAsync(manage, "plan", file, "--url", server.Replace("http:", "https:", StringComparison.Ordinal))).Error, StringComparison.Ordinal);
        Assert.Equal((2, "", "--out: there is no folder /nowhere/at-all."), await RunAsync(manage, "export", "--out", "/nowhere/at-all/looper.yaml", "--url", server));
        Assert.Contains("There is no decision point `nothing`.", (await RunAsync(read, "export", "--decision-point", "nothing", "--url", server)).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:9", "--url: http://127.0.0.1:9/ does not answer (")]
    [InlineData("localhost", "LOOPER_URL: 'localhost' is not the address of a server.")]
    public async Task Without_an_address_that_of_the_environment_is_taken(string set, string begins)
    {
        Environment.SetEnvironmentVariable("LOOPER_URL", set);
        try
        {
            var (code, _, error) = await RunAsync("lpr_test", "export");
            Assert.Equal(2, code);
            Assert.StartsWith(begins, error, StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable("LOOPER_URL", null);
        }
    }

    [Theory]
    [InlineData(422, "application/problem+json", """{"errors":["x"]}""")]
    [InlineData(400, "application/json", """{"detail":[]}""")]
    [InlineData(200, "application/json", """{"status":"ok"}""")]
    [InlineData(200, "application/json", """{"dryRun":true,"decisionPoints":[{}]}""")]
    [InlineData(200, "application/json", """{"dryRun":tr""")]
    [InlineData(200, "text/html", "<p>Sign in</p>")]
    public async Task What_is_not_Looper_ends_with_2_and_one_line(int status, string type, string body)
    {
        await using var other = await StandingAsync(http =>
        {
            (http.Response.StatusCode, http.Response.ContentType) = (status, type);
            return http.Response.WriteAsync(body);
        });
        using var folder = new TemporaryDirectory();
        var file = Path.Combine(folder.Path, "looper.yaml");
        await File.WriteAllTextAsync(file, "decisionPoints: []");
        var said = $"--url: {other.Urls.Single()}/ answered {status} without a word of Looper. Name the address of Looper itself, or look at what stands before it.";
        Assert.Equal((2, "", said), await RunAsync("lpr_test", "plan", file, "--url", other.Urls.Single()));
        Assert.Equal((2, "", said), await RunAsync("lpr_test", "export", "--url", other.Urls.Single()));
    }

    [Fact]
    public async Task The_key_follows_no_redirect_and_the_address_may_have_a_path()
    {
        List<string> asked = [];
        await using var proxy = await StandingAsync(http =>
        {
            asked.Add($"{http.Request.Path} {http.Request.Headers["X-Api-Key"]}");
            if (http.Request.Path.StartsWithSegments("/looper", StringComparison.Ordinal)) return http.Response.WriteAsJsonAsync(new { dryRun = true, decisionPoints = Array.Empty<string>() });
            http.Response.Redirect($"/looper{http.Request.Path}{http.Request.QueryString}", permanent: true, preserveMethod: true);
            return Task.CompletedTask;
        });
        using var folder = new TemporaryDirectory();
        var (file, server) = (Path.Combine(folder.Path, "looper.yaml"), proxy.Urls.Single());
        await File.WriteAllTextAsync(file, "decisionPoints: []");
        Assert.Equal((2, "", $"--url: {server}/ sends on to {server}/looper. Name that address."), await RunAsync("lpr_test", "plan", file, "--url", server));
        foreach (var address in new[] { $"{server}/looper", $"{server}/looper/" })
            Assert.Equal((0, "The file names no decision point.", ""), await RunAsync("lpr_test", "plan", file, "--url", address));
        Assert.Equal(["/api/apply lpr_test", "/looper/api/apply lpr_test", "/looper/api/apply lpr_test"], asked);
    }

    /// <summary>What stands at an address where Looper was sought.</summary>
    private static async Task<WebApplication> StandingAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.Run(answer);
        await app.StartAsync();
        return app;
    }

    private static async Task<(int Code, string Said, string Error)> RunAsync(string? key, params string[] line)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var (outBefore, errorBefore) = (System.Console.Out, System.Console.Error);
        System.Console.SetOut(output);
        System.Console.SetError(error);
        Environment.SetEnvironmentVariable("LOOPER_API_KEY", key);
        try
        {
            var code = await CommandLine.RunAsync(line, _ => throw new InvalidOperationException());
            return (code, output.ToString().TrimEnd(), error.ToString().TrimEnd());
        }
        finally
        {
            Environment.SetEnvironmentVariable("LOOPER_API_KEY", null);
            System.Console.SetOut(outBefore);
            System.Console.SetError(errorBefore);
        }
    }
}
