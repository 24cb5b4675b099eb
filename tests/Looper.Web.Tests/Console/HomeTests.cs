using System.Data.Common;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Monitoring;
using Looper.Core.Persistence;
using Looper.Core.Runs;
using Looper.Web.Console.Home;
using Looper.Web.Console.Shared;
using Looper.Web.Tests.Api;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
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
        var home = HomeView.Of(new([new(point, PointActivity.None, null)], [], null, [], [], [.. failed]));
        Assert.Equal(5, home.Attention.Length);
        var pause = Assert.Single(home.Attention, l => l.Text == "Shop is paused and answers its default");
        Assert.Equal(s_now.AddMinutes(-10), pause.At);
    }

    [Fact] // behind any number of runs that went well since
    public async Task A_failure_that_no_later_run_has_answered_is_told_however_old_it_is()
    {
        await using var looper = new LooperApp(recurs: false);
        var (shop, away) = (await looper.PublishAsync("shop", ServedApp.Banner), await looper.PublishAsync("away", ServedApp.Banner));
        await looper.ChangeAsync("away", p => p.IsArchived = true);
        await using (var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync())
        {
            db.AddRange(Run("shop", shop, JobState.Failed, 300), Run("answered", null, JobState.Failed, 400), Run("answered", null, JobState.Done, 350), Run("away", away, JobState.Failed, 310), Run("open", null, JobState.Queued, 320));
            for (var i = 0; i < 120; i++) db.Add(Run($"other-{i % 10}", null, JobState.Done, i));
            foreach (var (number, minutes) in new[] { (1, 1_000), (2, 10) })
                db.Add(new Core.Models.Model { Id = Guid.CreateVersion7(), DecisionPointId = shop, Number = number, Outcome = "purchase", Family = "trees", Profile = "{}", TrainedAt = s_now, PromotedAt = s_now.AddMinutes(-minutes) });
            await db.SaveChangesAsync();
        }
        var home = await looper.Get<HomeQueries>().ReadAsync(Caller.System, default);
        Assert.Equal(s_now.AddMinutes(-300), Assert.Single(home.Attention).At);
        Assert.Equal("open", Assert.Single(home.Jobs).Subject);
        Assert.Equal((s_now.AddMinutes(-1_000), "Model 1 of shop"), (home.Steps[3].DoneAt, home.Steps[3].Done));

        static JobRun Run(string subject, Guid? point, JobState state, int minutes) => new()
        {
            Id = Guid.CreateVersion7(), Kind = JobKinds.TrainModel, DecisionPointId = point, Subject = subject, State = state, RequestedBy = "Looper", RequestedAt = s_now.AddMinutes(-minutes),
        };
    }

    [Fact]
    public async Task An_active_alert_needs_attention_and_leads_to_where_one_sees_more()
    {
        await using var looper = new LooperApp(recurs: false);
        var (shop, away) = (await looper.PublishAsync("shop", ServedApp.Banner), await looper.PublishAsync("away", ServedApp.Banner));
        await looper.ChangeAsync("away", p => p.IsArchived = true);
        await using (var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync())
        {
            db.AddRange(
                Alert(shop, "join.low", "purchase", null, AlertWeight.Urgent, 1), Alert(shop, "drift.feature", "country", 7, AlertWeight.Warn, 2), Alert(shop, "guardrail.harmed", "revenue in q4", null, AlertWeight.Urgent, 3),
                Alert(shop, "model.stale", "purchase", 7, AlertWeight.Warn, 4, cleared: s_now), Alert(away, "join.low", "purchase", null, AlertWeight.Urgent, 5));
            await db.SaveChangesAsync();
        }
        var home = await looper.Get<HomeQueries>().ReadAsync(Caller.System, default);
        Assert.Equal(
            [
                new(s_now.AddMinutes(-1), Tone.Bad, "shop: `purchase` is off.", "/decision-points/shop/data"), new(s_now.AddMinutes(-2), Tone.Warn, "shop: `country` is off.", "/decision-points/shop/models/7"),
                new(s_now.AddMinutes(-3), Tone.Bad, "shop: `revenue in q4` is off.", "/decision-points/shop/experiments"),
            ],
            home.Attention);
        Assert.Equal(3, Assert.Single(home.Points).Alerts.Length);
        using var viewer = await looper.SignedInAsync(Role.Viewer);
        var html = await viewer.GetStringAsync("/decision-points/shop");
        Assert.Contains("<code>revenue in q4</code> is off.", html, StringComparison.Ordinal);
        Assert.Contains("<code>country</code> is off.", await viewer.GetStringAsync("/"), StringComparison.Ordinal);

        Alert Alert(Guid point, string condition, string subject, int? model, AlertWeight weight, int minutes, DateTimeOffset? cleared = null) => new()
        {
            Id = Guid.CreateVersion7(), DecisionPointId = point, Condition = condition, Subject = subject, ModelNumber = model, Weight = weight, Sentence = $"`{subject}` is off.",
            FiredAt = s_now.AddMinutes(-minutes), SeenAt = s_now, ClearedAt = cleared,
        };
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
