using System.Data.Common;
using System.Net;
using System.Text.Json.Nodes;
using Looper.Core;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Persistence;
using Looper.Testing;
using Looper.Web.Hosting;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Web.Tests.Api;

/// <summary>What another node published a moment ago is reported on here before this node has looked, and a client that is refused drops what it sent.</summary>
public sealed class UnseenOutcomesTests : IAsyncLifetime
{
    private const string One = "/v1/observations", Batch = "/v1/observations/batch", Away = "database.unavailable";

    private readonly TestClock _clock = new();
    private readonly LooperApp _app;
    private readonly CountedLooks _looks = new();
    private HttpClient _client = null!;

    public UnseenOutcomesTests() => _app = new(new() { ["Looper:Serving:PollEvery"] = "00:30:00" }, services: With, recurs: false);

    private void With(IServiceCollection services)
    {
        var databases = services.Last(s => s.ServiceType == typeof(IDbContextFactory<LooperDb>)).ImplementationFactory!;
        services.AddSingleton(p => new AwayDatabases((IDbContextFactory<LooperDb>)databases(p))).AddSingleton<IDbContextFactory<LooperDb>>(p => p.GetRequiredService<AwayDatabases>());
        services.AddSingleton<TimeProvider>(_clock).AddSingleton<IInterceptor>(_looks);
    }

    public async ValueTask InitializeAsync()
    {
        await _app.PublishAsync("banner", ServedApp.Banner);
        _client = await _app.WithKeyAsync();
        await PublishUnseenAsync("refund");
    }

    [Fact]
    public async Task An_outcome_that_was_published_elsewhere_a_moment_ago_is_taken()
    {
        Assert.Equal(1, (await _client.OkAsync(One, Report("refund")))["accepted"]!.GetValue<int>());
        await PublishUnseenAsync("visit");
        Assert.Equal([202, 422, 202], (await BatchAsync("visit", "nowhere", "purchase")).Select(i => i["status"]!.GetValue<int>()));
    }

    [Fact]
    public async Task While_the_database_is_away_an_unknown_outcome_is_asked_for_again_and_then_taken()
    {
        _app.Get<AwayDatabases>().IsAway = true;
        for (var call = 0; call < 2; call++) // the first finds out that it is away
        {
            await Problem.IsAsync(await _client.SendAsync(One, Report("refund")), HttpStatusCode.ServiceUnavailable, Away);
            var items = await BatchAsync("purchase", "refund");
            Assert.Equal([202, 503], items.Select(i => i["status"]!.GetValue<int>()));
            Assert.Equal(Away, (string?)items[1]["problem"]!["code"]);
        }
        _app.Get<AwayDatabases>().IsAway = false;
        Assert.True(await _app.Get<SnapshotRefresher>().RefreshAsync(default));
        await _client.OkAsync(One, Report("refund"));
    }

    [Fact]
    public async Task A_wrong_name_is_looked_for_once_a_second_and_no_more_than_ten_are()
    {
        await _client.OkAsync(One, Report("refund"));
        Assert.Equal(1, await LooksAsync("wrong"));
        Assert.Equal(0, await LooksAsync("wrong"));
        Assert.Equal(1, await LooksAsync("other"));
        _clock.Turn(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await LooksAsync("wrong"));
        var before = _looks.Count;
        for (var i = 0; i < 30; i++) await LooksAsync($"wrong-{i}");
        Assert.Equal(9, _looks.Count - before);
    }

    private async Task<int> LooksAsync(string outcome)
    {
        var before = _looks.Count;
        await Problem.IsAsync(await _client.SendAsync(One, Report(outcome)), HttpStatusCode.UnprocessableEntity, "outcome.unknown");
        return _looks.Count - before;
    }

    private async Task<List<JsonNode>> BatchAsync(params IEnumerable<string> outcomes) =>
        [.. (await _client.OkAsync(Batch, $"{{\"items\":[{string.Join(',', outcomes.Select(Report))}]}}"))["items"]!.AsArray().Select(i => i!)];

    private static string Report(string outcome) => $$$"""{"unit":"u","outcomes":{"{{{outcome}}}":1}}""";

    // Straight in the tables, as another node leaves it: nobody here is told.
    private async Task PublishUnseenAsync(string outcome)
    {
        await using var db = await _app.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        var point = await db.Set<DecisionPoint>().SingleAsync();
        var content = BlueprintJson.Write(ServedApp.Banner with { Outcomes = [.. ServedApp.Banner.Outcomes, new(outcome, OutcomeKind.Count)] });
        db.Add(new Blueprint { Id = _app.Get<Ids>().Next(), DecisionPointId = point.Id, Version = ++point.CurrentVersion, Content = content, Hash = BlueprintJson.Hash(content), PublishedBy = "test" });
        await db.SaveChangesAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }

    /// <summary>How often what serves was looked for.</summary>
    private sealed class CountedLooks : DbCommandInterceptor
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            if (command.CommandText.Contains("decision_points", StringComparison.Ordinal) && command.CommandText.Contains("> 0", StringComparison.Ordinal) && command.CommandText.Contains("ORDER BY", StringComparison.Ordinal))
                Interlocked.Increment(ref _count);
            return new(result);
        }
    }
}
