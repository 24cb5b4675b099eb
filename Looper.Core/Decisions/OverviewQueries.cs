using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Models;
using Looper.Core.Persistence;
using Looper.Core.Runs;
using Looper.Core.Serving;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Decisions;

/// <summary>Everything the overview of one decision point shows, in one read.</summary>
public sealed class OverviewQueries(
    IDbContextFactory<LooperDb> databases, DecisionPointQueries points, VersionQueries versions, EventActivity activity, EventReader events, ExampleReader examples, TimeProvider clock)
{
    /// <summary>Outcomes are counted over the newest so many decisions whose window is over, or a few more.</summary>
    public const int NewestExamples = 20_000;

    private const int EnoughForARate = 30;

    /// <param name="range">How far back the counts go. 1 hour to 90 days.</param>
    public async Task<PointOverview?> FindAsync(Caller caller, string key, TimeSpan range, CancellationToken cancel)
    {
        if (await points.FindAsync(caller, key, cancel) is not { } point || await versions.FindAsync(caller, key, 0, cancel) is not { Content: var content }) return null;
        var now = clock.GetUtcNow();
        var from = now - (range < TimeSpan.FromHours(1) ? TimeSpan.FromHours(1) : range > TimeSpan.FromDays(90) ? TimeSpan.FromDays(90) : range);
        var done = activity.Of(point.Id);
        var hours = await events.HoursAsync(point.Id, from, now.AddHours(1), cancel);
        var options = await events.OptionsAsync(point.Id, from, now.AddHours(1), cancel);
        var known = await VersionsAsync(point.Id, content, cancel);
        var outcomes = await OutcomesAsync(point.Id, content, known, now, cancel);
        var closed = await ClosedAsync(point.Id, content, cancel);
        var decisions = options.Sum(o => o.Decisions);
        return new()
        {
            Point = point,
            Summary = BlueprintSummary.Paragraph(point.Key, content),
            Activity = done,
            Hours = hours,
            TakesCandidates = content.Shape.TakesCandidates(),
            IsRanking = content.Shape == DecisionShape.Ranking,
            Options = [.. options.GroupBy(o => known.AnswerOf(o.Version, o.Option)).OrderBy(g => g.Key.Order).ThenBy(g => g.Key.Name, StringComparer.Ordinal).Select(g => new OptionRate(g.Key.Name, g.Sum(o => o.Decisions), null))],
            Outcomes = outcomes,
            DecisionsInRange = decisions,
            DefaultShare = Share(options, decisions, r => r is Reason.DefaultNoModel or Reason.DefaultInvalidContext or Reason.DefaultPaused or Reason.DefaultError),
            ExploreShare = Share(options, decisions, r => r == Reason.Explore),
            ClosedExamples = closed,
            FirstModelAt = content.Training.FirstModelAt,
            Loop = await LoopAsync(point, content, done, hours, outcomes, closed, now, cancel),
            Last = await LastAsync(caller, point, done, cancel),
        };
    }

    private static double? Share(IReadOnlyList<OptionCount> counts, long all, Func<Reason, bool> which) =>
        all == 0 ? null : counts.Where(c => which(c.Reason)).Sum(c => c.Decisions) / (double)all;

    // As the trigger of the first training counts.
    private async Task<long?> ClosedAsync(Guid point, BlueprintContent content, CancellationToken cancel)
    {
        var goal = TrainingPipeline.GoalOutcomes(content);
        if (content.Training is not { IsOn: true, FirstModelAt: > 0 and var first } || goal.IsEmpty || content.Shape == DecisionShape.Configuration) return null;
        await using var db = await databases.CreateDbContextAsync(cancel);
        return await db.Set<Model>().AnyAsync(m => m.DecisionPointId == point, cancel) ? null : await examples.CountClosedAsync(new ExampleQuery(point, goal) { Newest = first }, cancel);
    }

    private async Task<PointVersions> VersionsAsync(Guid point, BlueprintContent content, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        return await PointVersions.ReadAsync(db, point, content, cancel);
    }

    // Outcomes of one window together: of each the newest decisions whose window is over, however many have come since.
    private async Task<ImmutableArray<OutcomeOverview>> OutcomesAsync(Guid point, BlueprintContent content, PointVersions known, DateTimeOffset now, CancellationToken cancel)
    {
        var all = new List<OutcomeOverview>();
        foreach (var alike in content.Outcomes.GroupBy(o => o.Window))
        {
            var query = new ExampleQuery(point, [.. alike]) { AsOf = now, ClosedOnly = true, Newest = NewestExamples, ByPlace = content.Shape == DecisionShape.Ranking };
            var figures = await examples.FiguresAsync(query, cancel, known.Waits);
            var open = await examples.CountClosedAsync(new ExampleQuery(point, []) { From = now - alike.Key + TimeSpan.FromTicks(1) }, cancel); // all of these: without outcomes no window is open
            all.AddRange(figures.Outcomes.Select(f => Of(f, open, content, known)));
        }
        return [.. content.Outcomes.Select(o => all.Find(a => a.Outcome == o.Name)!)];
    }

    private static OutcomeOverview Of(OutcomeFigure figure, long open, BlueprintContent content, PointVersions known) => new(
        figure.Outcome, content.Goal.Terms.Any(t => t.Outcome == figure.Outcome), figure.Closed, figure.Joined, open, figure.Late,
        double.IsNaN(figure.JoinRate) ? null : figure.JoinRate,
        [.. figure.ByOption.GroupBy(o => known.PlaceOf(o.Version, o.Option)).OrderBy(g => g.Key.Order).ThenBy(g => g.Key.Name, StringComparer.Ordinal).Select(g => Rate(g.Key.Name, [.. g]))]);

    private static OptionRate Rate(string name, IReadOnlyList<OptionMean> figures)
    {
        var decisions = figures.Sum(f => f.Decisions);
        var mean = figures.Where(f => f.Decisions > 0).Sum(f => f.Mean * f.Decisions) / decisions;
        return new(name, decisions, decisions < EnoughForARate || double.IsNaN(mean) ? null : mean);
    }

    private async Task<ImmutableArray<LoopStage>> LoopAsync(
        DecisionPointView point, BlueprintContent content, PointActivity done, IReadOnlyList<HourCount> hours, ImmutableArray<OutcomeOverview> outcomes, long? closed, DateTimeOffset now, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var models = await db.Set<Model>().Where(m => m.DecisionPointId == point.Id).Select(m => new { m.Number, m.State, m.TrainedAt, m.PromotedAt }).ToListAsync(cancel);
        var training = await db.Set<JobRun>().AnyAsync(r => r.DecisionPointId == point.Id && r.Kind == JobKinds.TrainModel && (r.State == JobState.Running || r.State == JobState.Queued), cancel);
        var experiment = await db.Set<Experiment>().Where(e => e.DecisionPointId == point.Id && e.State == ExperimentState.Running).Select(e => e.Key).FirstOrDefaultAsync(cancel);
        // activity is kept by the clock's hours: the one that runs and the whole one before
        var since = new DateTimeOffset(now.UtcDateTime.Date.AddHours(now.UtcDateTime.Hour - 1), TimeSpan.Zero);
        var calls = hours.Where(h => h.Hour >= since).Sum(h => h.Decisions);
        var goal = outcomes.FirstOrDefault(o => o.IsGoal);
        var (live, shadow) = (models.FindLast(m => m.State == ModelState.Live), models.FindLast(m => m.State is ModelState.Shadow or ModelState.Candidate));
        var newest = models.OrderBy(m => m.TrainedAt).LastOrDefault();
        var state = point.State;
        return
        [
            new("Decide", Text($"{calls:N0} since {since:HH:mm} UTC"), done.Decisions == 0 ? "No call yet." : null, "snippets", state == DecisionPointState.Waiting),
            new("Log", Text($"{done.Decisions:N0} decisions"), done.LastDecisionAt is { } d ? $"Newest {Ago(now - d)}." : null, "data", false),
            new("Observe", Text($"{done.Outcomes:N0} outcomes"), done.Outcomes == 0 ? "No outcome yet." : $"Newest {Ago(now - done.LastOutcomeAt!.Value)}.", "data", false),
            new("Join", goal?.JoinRate is { } rate ? $"{Words.Percent(Math.Round(rate, 3))} joined" : "no closed window", goal is { Closed: >= NewestExamples } ? Text($"Of the newest {goal.Closed:N0} whose window is over; {goal.Open:N0} still waiting.") : goal is { Open: > 0 } ? Text($"{goal.Open:N0} still waiting.") : null, "data", false),
            new("Train", training ? "training now" : newest is null ? closed is { } count ? Text($"{count:N0} of {content.Training.FirstModelAt:N0} examples") : "no model" : $"last {Ago(now - newest.TrainedAt)}",
                !content.Training.IsOn ? "Automatic training is off." : content.Training.FirstModelAt == 0 && newest is null ? "Somebody trains the first model by hand." : null, "models", state is DecisionPointState.Collecting or DecisionPointState.Training),
            new("Shadow", shadow is null ? "no candidate" : $"candidate {shadow.Number}", null, "models", state == DecisionPointState.Shadow),
            new("Live", live is null ? "no model" : $"model {live.Number}", live?.PromotedAt is { } p ? $"Live since {Ago(now - p)}." : null, "models", state == DecisionPointState.Deciding),
            new("Experiment", experiment ?? "none running", null, "experiments", state == DecisionPointState.Experiment),
        ];
    }

    private async Task<ImmutableArray<Happening>> LastAsync(Caller caller, DecisionPointView point, PointActivity done, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        List<Happening> all = [.. (await versions.ListAsync(caller, point.Key, cancel)).Take(10).Select(v => new Happening(v.PublishedAt, $"{v.PublishedBy} published version {v.Version}: {v.Change}."))];
        all.AddRange((await db.Set<Model>().Where(m => m.DecisionPointId == point.Id).OrderByDescending(m => m.TrainedAt).Take(10)
            .Select(m => new { m.Number, m.Outcome, m.TrainedAt, m.PromotedAt }).ToListAsync(cancel))
            .SelectMany(m => (IEnumerable<Happening>)[new(m.TrainedAt, $"Model {m.Number} of {m.Outcome} was trained."), .. m.PromotedAt is { } at ? [new Happening(at, $"Model {m.Number} of {m.Outcome} became live.")] : Array.Empty<Happening>()]));
        all.AddRange((await db.Set<Experiment>().Where(e => e.DecisionPointId == point.Id).Select(e => new { e.Name, e.StartedAt, e.StoppedAt }).ToListAsync(cancel))
            .SelectMany(e => (IEnumerable<Happening?>)[e.StartedAt is { } s ? new(s, $"Experiment {e.Name} started.") : null, e.StoppedAt is { } t ? new(t, $"Experiment {e.Name} stopped.") : null]).OfType<Happening>());
        if (done.FirstDecisionAt is { } first) all.Add(new(first, "The first decision was logged."));
        if (done.FirstOutcomeAt is { } outcome) all.Add(new(outcome, "The first outcome was joined."));
        return [.. all.OrderByDescending(h => h.At).Take(10)];
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Ago(TimeSpan age) => age switch
    {
        { TotalMinutes: < 1 } => "just now",
        { TotalHours: < 1 } => $"{(int)age.TotalMinutes} min ago",
        { TotalDays: < 2 } => $"{(int)age.TotalHours} h ago",
        _ => $"{(int)age.TotalDays} days ago",
    };
}
