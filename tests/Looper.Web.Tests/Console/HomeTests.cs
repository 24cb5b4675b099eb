using System.Data.Common;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Runs;
using Looper.Web.Console.Home;
using Looper.Web.Tests.Api;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Web.Tests.Console;

/// <summary>What Home says first, and what it costs to say it.</summary>
public sealed class HomeTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_pause_keeps_its_place_among_what_needs_attention_and_its_own_time()
    {
        var point = new DecisionPointView
        {
            Id = Guid.CreateVersion7(), Key = "shop", Name = "Shop", State = DecisionPointState.Paused, NextStep = "", Shape = DecisionShape.Choice, CurrentVersion = 1, Goal = "",
            IsPaused = true, ChangedAt = s_now.AddMonths(-6), PausedAt = s_now.AddMinutes(-10),
        };
        var failed = Enumerable.Range(0, 6).Select(i => new JobRunView(Guid.CreateVersion7(), JobKinds.TrainModel, null, $"point-{i}", JobState.Failed, "", 0, "", "No.", "Looper", s_now.AddMinutes(-i), null, s_now.AddMinutes(-i), 1));
        var home = HomeView.Of(new([new(point, PointActivity.None, null)], [], [], [.. failed]));
        Assert.Equal(5, home.Attention.Length);
        var pause = Assert.Single(home.Attention, l => l.Text == "Shop is paused and answers its default");
        Assert.Equal(s_now.AddMinutes(-10), pause.At);
    }

    [Fact]
    public async Task A_pause_is_dated_by_itself_and_not_by_the_last_publish()
    {
        await using var looper = new LooperApp();
        await looper.PublishAsync("shop", ServedApp.Banner);
        var before = looper.Get<TimeProvider>().GetUtcNow().AddSeconds(-1);
        var points = looper.Get<DecisionPointQueries>();
        Assert.Null((await points.FindAsync(Caller.System, "shop", default))!.PausedAt);
        Assert.Null(await looper.Get<DecisionPointActions>().PauseAsync(Caller.System, "shop", "why not", default));
        Assert.InRange((await points.FindAsync(Caller.System, "shop", default))!.PausedAt!.Value, before, before.AddMinutes(5));
        Assert.Null(await looper.Get<DecisionPointActions>().ResumeAsync(Caller.System, "shop", default));
        Assert.Null((await points.FindAsync(Caller.System, "shop", default))!.PausedAt);
    }

    [Fact]
    public async Task Any_number_of_tabs_read_once_while_a_job_comes_further_and_again_after_a_change()
    {
        var counting = new Counting();
        await using var looper = new LooperApp(services: s => s.AddSingleton<IInterceptor>(counting));
        await looper.PublishAsync("shop", ServedApp.Banner);
        var home = looper.Get<HomeQueries>();
        Assert.Single((await home.ReadAsync(Caller.System, default)).Points);
        var before = counting.OfReports;
        for (var second = 0; second < 20; second++)
        {
            looper.Get<ChangeFeed>().Announce(ChangeKind.JobProgress, Guid.Empty);
            await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => home.ReadAsync(Caller.System, default)));
        }
        Assert.InRange(counting.OfReports - before, 0, 2); // two where the machine took longer than five seconds
        await looper.PublishAsync("other", ServedApp.Banner);
        looper.Get<ChangeFeed>().Announce(ChangeKind.DecisionPoint, Guid.Empty);
        Assert.Equal(2, (await home.ReadAsync(Caller.System, default)).Points.Length);
    }

    private sealed class Counting : DbCommandInterceptor
    {
        public int OfReports;

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            if (command.CommandText.Contains("decision_points", StringComparison.Ordinal) && command.CommandText.Contains("ORDER BY", StringComparison.Ordinal) && command.CommandText.Contains("blueprints", StringComparison.Ordinal))
                Interlocked.Increment(ref OfReports);
            return new(result);
        }
    }
}
