using System.Collections.Immutable;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Ledger;
using Looper.Core.Models;
using Looper.Core.Monitoring;
using Looper.Core.Runs;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Home;

/// <summary>What Home says: what needs a person, how far the first loop has come, what runs, what changed. Made from what the other pages
/// read, so that no number here differs from theirs.</summary>
public sealed record HomeView
{
    public required ImmutableArray<HomeLine> Attention { get; init; }
    public required ImmutableArray<Step> Steps { get; init; }
    public required ImmutableArray<DecisionPointRow> Points { get; init; }
    public required ImmutableArray<ExperimentView> Experiments { get; init; }
    public required ImmutableArray<JobRunView> Jobs { get; init; }
    public required ImmutableArray<HomeLine> Changes { get; init; }

    public bool IsStarted => Steps.All(step => step.DoneAt is not null);

    public static HomeView Of(HomeSources sources) => new()
    {
        Attention = AttentionOf(sources),
        Steps = StepsOf(sources),
        Points = [.. sources.Points.Where(row => !row.Point.IsArchived).OrderByDescending(row => row.Activity.Decisions).Take(10)],
        Experiments = [.. sources.Experiments.Where(one => one.State == ExperimentState.Running)],
        Jobs = [.. sources.Standing.Where(job => job.IsOpen)],
        Changes = [.. ChangesOf(sources).OrderByDescending(line => line.At).Take(10)],
    };

    // What decides nothing right now keeps a place, however much has failed since.
    private static ImmutableArray<HomeLine> AttentionOf(HomeSources sources)
    {
        var newest = Pauses(sources).MaxBy(line => line.At);
        var others = Troubles(sources).Concat(Pauses(sources).Where(line => line != newest)).OrderByDescending(line => line.At);
        return newest is null ? [.. others.Take(5)] : [.. others.Take(4).Append(newest).OrderByDescending(line => line.At)];
    }

    private static IEnumerable<HomeLine> Pauses(HomeSources sources) => sources.Points.Where(row => row.Point is { IsPaused: true, IsArchived: false })
        .Select(row => new HomeLine(row.Point.PausedAt ?? row.Point.ChangedAt, Tone.Warn, $"{row.Point.Name} is paused and answers its default", $"/decision-points/{row.Point.Key}"));

    private static IEnumerable<HomeLine> Troubles(HomeSources sources)
    {
        var archived = sources.Points.Where(row => row.Point.IsArchived).Select(row => (Guid?)row.Point.Id).ToHashSet();
        foreach (var failed in sources.Standing.Where(job => job.State == JobState.Failed && !archived.Contains(job.DecisionPointId)))
            yield return new(failed.EndedAt ?? failed.RequestedAt, Tone.Bad, $"{failed.Title} failed: {failed.Result ?? "no reason was kept"}", $"/jobs/{failed.Id}");

        foreach (var row in sources.Points.Where(row => !row.Point.IsArchived))
        {
            foreach (var alert in row.Alerts) yield return AlertLine.Of(alert, $"{row.Point.Name}: ");
        }

        foreach (var running in sources.Experiments.Where(one => one is { State: ExperimentState.Running, Latest: not null }))
        {
            if (running.Latest!.Health == HealthState.Red)
                yield return new(running.Latest.ComputedAt, Tone.Bad, $"{running.Name}: {running.Latest.Title}", $"/experiments/{running.Id}/report");
        }
    }

    private static ImmutableArray<Step> StepsOf(HomeSources sources)
    {
        var own = sources.Points.Where(row => !row.Point.IsSimulated).ToList();
        var published = own.Where(row => row.Point.CurrentVersion > 0).MinBy(row => row.Point.CreatedAt);
        var decided = own.Where(row => row.Activity.FirstDecisionAt is not null).MinBy(row => row.Activity.FirstDecisionAt);
        var observed = own.Where(row => row.Activity.FirstOutcomeAt is not null).MinBy(row => row.Activity.FirstOutcomeAt);
        var live = sources.FirstModel;
        var read = sources.Experiments.Where(one => one is { IsSimulated: false, Latest.Change: not null }).MinBy(one => one.Latest!.ComputedAt);
        var first = (published ?? own.FirstOrDefault())?.Point.Key;
        return
        [
            new("Define a decision", published?.Point.CreatedAt, published is null ? null : $"{published.Point.Key} is published",
                "Say what your app asks, what it sends and what counts as good.", "New decision point", "/decision-points/new"),
            new("Send the first decision", decided?.Activity.FirstDecisionAt, decided is null ? null : $"{decided.Point.Key} answered its first call",
                "Paste the snippet into your app; it needs a key.", "Show the snippet", first is null ? null : $"/decision-points/{first}/snippets"),
            new("Report the first outcome", observed?.Activity.FirstOutcomeAt, observed is null ? null : $"{observed.Point.Key} heard of its first outcome",
                "Tell Looper what came of it: that is what it learns from.", "Show the snippet", first is null ? null : $"/decision-points/{first}/snippets"),
            new("First model live", live?.PromotedAt, live is null ? null : $"Model {live.Number} of {live.DecisionPointKey}",
                "Trained by itself once enough outcomes have come, or by hand.", "See the models", first is null ? null : $"/decision-points/{first}/models"),
            new("First experiment read", read?.Latest?.ComputedAt, read is null ? null : read.Name,
                "An experiment shows whether it helps, in your own metrics.", "New experiment", first is null ? null : "/experiments/new"),
        ];
    }

    private static IEnumerable<HomeLine> ChangesOf(HomeSources sources)
    {
        foreach (var point in sources.Points.Select(row => row.Point))
            yield return new(point.ChangedAt, Tone.Info, $"{point.Name}: version {point.CurrentVersion} published", $"/decision-points/{point.Key}/blueprint");
        foreach (var model in sources.Models.Where(model => model.PromotedAt is not null))
            yield return new(model.PromotedAt!.Value, Tone.Good, $"Model {model.Number} of {model.DecisionPointKey} went live", $"/decision-points/{model.DecisionPointKey}/models/{model.Number}");
        foreach (var job in sources.Jobs.Where(job => job is { State: JobState.Done, EndedAt: not null }))
            yield return new(job.EndedAt!.Value, Tone.Good, $"{job.Title}{(job.Subject.Length > 0 ? $" for {job.Subject}" : "")}: {job.Result ?? "done"}", $"/jobs/{job.Id}");
        foreach (var one in sources.Experiments)
        {
            if (one.StartedAt is { } started) yield return new(started, Tone.Info, $"Experiment {one.Name} started", $"/experiments/{one.Id}");
            if (one.StoppedAt is { } stopped) yield return new(stopped, Tone.Unsure, $"Experiment {one.Name} stopped{(one.Conclusion is { } why ? $": {why}" : "")}", $"/experiments/{one.Id}/report");
        }
    }
}

/// <summary>What the parts of Looper know at one moment.</summary>
/// <param name="Models">The newest.</param>
/// <param name="Jobs">The newest runs.</param>
/// <param name="Standing">Runs that are open, and failures that no later run has answered, however old.</param>
public sealed record HomeSources(
    IReadOnlyList<DecisionPointRow> Points, IReadOnlyList<ModelView> Models, FirstModel? FirstModel, IReadOnlyList<ExperimentView> Experiments, IReadOnlyList<JobRunView> Jobs, IReadOnlyList<JobRunView> Standing);

/// <param name="Gain">Null where nothing was measured yet.</param>
public sealed record DecisionPointRow(DecisionPointView Point, PointActivity Activity, Gain? Gain)
{
    /// <summary>The active ones.</summary>
    public ImmutableArray<AlertView> Alerts { get; init; } = [];
}

public sealed record HomeLine(DateTimeOffset At, Tone Tone, string Text, string Href);

/// <summary>A step of getting started: ticked by an event, never by hand.</summary>
/// <param name="Done">What the event was.</param>
/// <param name="Hint">What to do while it is open.</param>
public sealed record Step(string Name, DateTimeOffset? DoneAt, string? Done, string Hint, string Link, string? Href);
