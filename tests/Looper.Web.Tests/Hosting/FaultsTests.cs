using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Persistence;
using Looper.Web.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Looper.Web.Tests.Hosting;

public sealed class FaultsTests
{
    public static TheoryData<Exception, int, string> Thrown => new()
    {
        { new SqliteException("database or disk is full", 13), 503, "database.full" },
        { new DbUpdateException("not saved", new SqliteException("database or disk is full", 13)), 503, "database.full" },
        { new SqliteException("disk I/O error", 10), 503, "database.unavailable" },
        { new SqliteException("database disk image is malformed", 11), 500, "database.damaged" },
        { new PostgresException("password authentication failed for user \"looper\"", "FATAL", "FATAL", "28P01"), 503, "database.unavailable" },
        { new DbUpdateException("not saved", new PostgresException("cannot execute INSERT in a read-only transaction", "ERROR", "ERROR", "25006")), 503, "database.unavailable" },
        { new DbUpdateConcurrencyException("two"), 412, "revision.changed-meanwhile" },
        { new DbUpdateException("not saved", new SqliteException("UNIQUE constraint failed: settings.key", 19, 1555)), 412, "revision.changed-meanwhile" },
        { new DbUpdateException("not saved", new SqliteException("UNIQUE constraint failed: experiments.key", 19, 2067)), 412, "revision.changed-meanwhile" },
        { new DbUpdateException("not saved", new PostgresException("duplicate key value", "ERROR", "ERROR", "23505")), 412, "revision.changed-meanwhile" },
        { new DbUpdateException("not saved", new PostgresException("value too long for type character varying(200)", "ERROR", "ERROR", "22001")), 422, "text.invalid" },
        { new DbUpdateException("not saved", new PostgresException("invalid byte sequence for encoding \"UTF8\": 0x00", "ERROR", "ERROR", "22021")), 422, "text.invalid" },
    };

    [Fact] // the first save of a setting finds no row to wait for
    public async Task Of_two_who_save_for_the_first_time_at_once_the_later_is_told_so()
    {
        await using var looper = new LooperApp();
        using var client = await looper.SignedInAsync();
        var answers = await Task.WhenAll(Enumerable.Range(1, 8).Select(i => client.PutAsJsonAsync("/api/settings/general", new { name = $"Name {i}" })));
        Assert.All(answers, a => Assert.Contains((int)a.StatusCode, new[] { 204, 412 }));
        Assert.Contains(answers, a => a.IsSuccessStatusCode);
    }

    [Theory, MemberData(nameof(Thrown))]
    public async Task What_was_thrown_is_told_with_what_helps(Exception thrown, int status, string code)
    {
        await using var looper = new LooperApp();
        var http = new DefaultHttpContext { RequestServices = looper.Services };
        using var body = new MemoryStream();
        http.Response.Body = body;
        Assert.True(await new Faults(looper.Get<DatabaseAvailability>()).TryHandleAsync(http, thrown, default));
        Assert.Equal((status, code), (http.Response.StatusCode, (string?)JsonNode.Parse(body.ToArray())!["code"]));
        Assert.Equal(status == 503, http.Response.Headers.ContainsKey("Retry-After"));
    }

    [Theory]
    [InlineData("/experiments/new", "text/html; charset=utf-8")]
    [InlineData("/api/experiments", "application/problem+json")]
    public async Task A_browser_is_told_on_a_page_and_a_program_in_fields(string path, string answered)
    {
        await using var looper = new LooperApp();
        await using var scope = looper.Services.CreateAsyncScope();
        var http = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
        (http.Request.Method, http.Request.Scheme, http.Request.Host, http.Request.Path, http.Request.Headers.Accept) = ("GET", "http", new("localhost"), path, "text/html,application/xhtml+xml,*/*;q=0.8");
        using var body = new MemoryStream();
        http.Response.Body = body;
        Assert.True(await new Faults(looper.Get<DatabaseAvailability>()).TryHandleAsync(http, new SqliteException("disk I/O error", 10), default));
        Assert.Equal((503, answered), (http.Response.StatusCode, http.Response.ContentType));
        Assert.Contains("The database does not answer. Decisions are still answered", System.Text.Encoding.UTF8.GetString(body.ToArray()), StringComparison.Ordinal);
    }
}
