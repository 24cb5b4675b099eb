using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Persistence;
using Looper.Core.Statistics;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Experiments;

/// <param name="State">Red keeps the experiment from starting; amber deserves a second look.</param>
/// <param name="Fix">What to do about it; null when green.</param>
public sealed record ChecklistItem(string Name, string Title, HealthState State, string Sentence, string? Fix = null)
{
    /// <summary>Of a row about another experiment: the fraction of units that would be in both; null elsewhere.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
    public double? Share { get; init; }
}

/// <summary>How large the experiment must be at the traffic of the last 28 days.</summary>
/// <param name="BaseMean">Mean of the deciding outcome a decision; NaN when not known yet.</param>
/// <param name="UnitsPerArm">Units of the smallest arm and of the baseline that find the smallest change; NaN when not known.</param>
/// <param name="Days">Days at the present pace; NaN when not known.</param>
/// <param name="DecisionsPerDay">Decisions a day, the upper bound of new units a day.</param>
public sealed record PowerEstimate(double BaseMean, double Deviation, double UnitsPerArm, double Days, double DecisionsPerDay, long Examples)
{
    /// <summary>Why no size can be computed, in a sentence; null where one is, or where only data are missing.</summary>
    public string? Why { get; init; }

    internal static PowerEstimate Unknown(string? why) => new(double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, 0) { Why = why };
}

public sealed record Checklist(IReadOnlyList<ChecklistItem> Items, PowerEstimate Power)
{
    public bool MayStart => Items.All(i => i.State != HealthState.Red);

    /// <summary>What deserves a second look, in words: starting in spite of it asks for a reason.</summary>
    public IReadOnlyList<string> Amber => [.. Items.Where(i => i.State == HealthState.Amber).Select(i => $"{i.Title}: {i.Sentence}")];
}

/// <summary>What to look at before an experiment starts, read from what has come in.</summary>
public sealed class ExperimentChecklist(IDbContextFactory<LooperDb> databases, ExperimentQueries experiments, ExampleReader examples, MetricBaselines baselines, ExperimentOverlaps overlaps, EventActivity activity, TimeProvider clock)
{
    /// <summary>Decisions with a closed window from which the spread of an outcome is known well enough to plan with.</summary>
    public const int LeastExamples = 200;

    private const int MaxExamples = 50_000, LongestDays = 60;
    private static readonly TimeSpan Lookback = TimeSpan.FromDays(28);

    public async Task<Answered<Checklist>> OfAsync(Caller caller, Guid id, CancellationToken cancel)
    {
        var answered = await experiments.DraftAsync(caller, id, cancel);
        if (answered.Value is not { } draft) return answered.Refusal!;
        var (view, content) = (draft.Experiment, draft.Blueprint);
        await using var db = await databases.CreateDbContextAsync(cancel);
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleAsync(p => p.Id == view.DecisionPointId, cancel);
        var room = await Layers.FindRoomAsync(db, await db.Set<Experiment>().AsNoTracking().SingleAsync(e => e.Id == id, cancel), view.Plan, cancel);
        var seen = activity.Of(point.Id);
        var now = clock.GetUtcNow();
        var power = await PowerAsync(caller, draft, now, cancel);
        List<ChecklistItem> items =
        [
            .. draft.Faults.Select(f => new ChecklistItem("plan", "Plan complete", HealthState.Red, f.Reason, "Edit the plan.")),
            new("decision-point", "Decision point answers", point.IsArchived || point.IsPaused ? HealthState.Red : HealthState.Green,
                point.IsArchived ? "It is archived." : point.IsPaused ? "It is paused and answers its default." : "It is published and not paused.", point.IsArchived ? "Restore it." : point.IsPaused ? "Resume it." : null),
            room.Refusal is { } taken
                ? new("free", "Shares no unit with another experiment", HealthState.Red, taken.Reason, "Stop the other, or put both into one layer.")
                : new("free", "Shares no unit with another experiment", HealthState.Green, view.Plan.Layer is { } layer ? $"Its piece of layer {layer} is free." : "No other experiment runs on this decision point."),
            .. await overlaps.OfAsync(view, cancel),
            Decisions(seen, now),
            seen.Outcomes > 0
                ? new("outcomes", "Outcomes arrive", HealthState.Green, FormattableString.Invariant($"{seen.Outcomes:N0} outcomes have come in."))
                : new("outcomes", "Outcomes arrive", HealthState.Amber, "No outcome has come in yet, so nothing could be measured.", "Send an observation with a decision's id."),
            Size(view.Plan, power),
            GuardrailRules.Names(view.Plan, content) is { Count: > 0 } guarded
                ? new("guardrail", "A guardrail is set", HealthState.Green, string.Join(", ", guarded) + " must not get worse.")
                : new("guardrail", "A guardrail is set", HealthState.Amber, "Nothing says what must not get worse.", "Give an outcome a margin in the plan, or add a guardrail to the blueprint's goal."),
            content.Rollout.Holdout > 0
                ? new("holdout", "A holdout is kept", HealthState.Green, FormattableString.Invariant($"{100 * content.Rollout.Holdout:0.###}% of units keep the baseline and take no part, so the gain stays measurable afterwards."))
                : new("holdout", "A holdout is kept", HealthState.Amber, "Nobody is held out, so the gain cannot be measured once the experiment is over.", "Publish a version with a holdout first."),
        ];
        return new Checklist(items, power);
    }

    private static ChecklistItem Decisions(PointActivity seen, DateTimeOffset now) =>
        seen.LastDecisionAt is not { } last ? new("decisions", "Decisions arrive", HealthState.Amber, "No call has come in yet.", "Call decide from the product first.")
        : now - last > TimeSpan.FromDays(1) ? new("decisions", "Decisions arrive", HealthState.Amber, $"The last call came {last:u}.", "See that the product still calls.")
        : new("decisions", "Decisions arrive", HealthState.Green, FormattableString.Invariant($"{seen.Decisions:N0} decisions, the last within a day."));

    internal static ChecklistItem Size(ExperimentPlan plan, PowerEstimate power)
    {
        const string name = "power", title = "Large enough in time";
        if (power.Why is { } why) return new(name, title, HealthState.Amber, why, "Go on without knowing, and plan the days to run beforehand.");
        if (double.IsNaN(power.UnitsPerArm) && power.Examples >= LeastExamples)
        {
            return new(name, title, HealthState.Amber, power.Deviation > 0
                    ? FormattableString.Invariant($"The mean over {power.Examples:N0} decisions with a closed window is 0, of which no change is a share.")
                    : FormattableString.Invariant($"The outcome was the same, {power.BaseMean:0.###}, in all of {power.Examples:N0} decisions with a closed window, so how much it varies is not known."),
                "See that outcomes are sent, wait for them, or go on without knowing.");
        }
        if (double.IsNaN(power.UnitsPerArm))
            return new(name, title, HealthState.Amber, FormattableString.Invariant($"Not enough data: {power.Examples:N0} of {LeastExamples:N0} decisions with a closed window."), "Wait for outcomes, or go on without knowing.");
        var change = FormattableString.Invariant($"{100 * plan.SmallestChange:0.##}%");
        if (double.IsNaN(power.Days))
            return new(name, title, HealthState.Amber, FormattableString.Invariant($"A change of {change} takes {power.UnitsPerArm:N0} units an arm; the pace is not known yet."), "Come back when an hour of calls has been seen.");
        var days = double.IsFinite(power.Days) ? FormattableString.Invariant($"about {power.Days:N0} days") : "more than ten years";
        var sentence = FormattableString.Invariant($"A change of {change} takes {power.UnitsPerArm:N0} units an arm, {days} at the present pace.");
        if (plan.PlannedDays is { } planned && power.Days > planned)
        {
            return new(name, title, HealthState.Amber, FormattableString.Invariant($"{sentence} It is planned to end after {planned:N0} day{(planned == 1 ? "" : "s")}."),
                "Plan more days, look for a larger change, give the experiment more traffic, or choose an outcome that varies less.");
        }

        return power.Days <= LongestDays ? new(name, title, HealthState.Green, sentence)
            : new(name, title, HealthState.Amber, sentence, "Look for a larger change, give the experiment more traffic, or choose an outcome that varies less.");
    }

    private async Task<PowerEstimate> PowerAsync(Caller caller, ExperimentDraftView draft, DateTimeOffset now, CancellationToken cancel)
    {
        var (view, content) = (draft.Experiment, draft.Blueprint);
        var primary = ExperimentRules.PrimaryOutcome(view.Plan, content);
        var outcome = content.Outcomes.FirstOrDefault(o => o.Name == primary);
        if (primary is null || view.Plan.Arms.Length < 2) return PowerEstimate.Unknown(null);
        if (NotComputable(view.Plan) is { } why) return PowerEstimate.Unknown(why);
        if (outcome is null) return await OfMetricAsync(caller, draft, primary, cancel);
        var moments = Moments.Empty;
        DateTimeOffset? first = null, last = null;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var takes = new ContextFilters(view.Plan.Audience.IsDefault ? [] : view.Plan.Audience, await ReportActions.FeaturesAsync(db, view.DecisionPointId, cancel));
        var query = new ExampleQuery(view.DecisionPointId, [outcome]) { From = now - Lookback, AsOf = now, ClosedOnly = true, Newest = MaxExamples };
        await foreach (var example in examples.ReadAsync(query, cancel))
        {
            (first, last) = (first ?? example.Decision.Time, example.Decision.Time);
            if (!double.IsNaN(example.Values[0]) && takes.Passes(example.Decision)) moments = moments.With(example.Values[0]);
        }

        var pace = last - first is { TotalHours: >= 1 } span ? moments.Count / span.TotalDays : double.NaN;
        return Estimate(view.Plan with { Holdout = content.Rollout.Holdout }, moments, new(pace, 1), wholeWeeks: false);
    }

    // A metric of the plan: from units rather than decisions, each by its first one.
    private async Task<PowerEstimate> OfMetricAsync(Caller caller, ExperimentDraftView draft, string metric, CancellationToken cancel)
    {
        var (view, content) = (draft.Experiment, draft.Blueprint);
        if (view.Plan.Metrics.IsDefault || view.Plan.Metrics.FirstOrDefault(m => m.Key == metric) is not { } asked) return PowerEstimate.Unknown($"'{metric}' is neither an outcome nor a metric of the plan, so its size cannot be computed.");
        if (asked.Kind == MetricKind.Quantile) return PowerEstimate.Unknown($"{metric} is a quantile: how closely it is known depends on the shape of its values, so no size can be computed before the start.");
        if (draft.Faults.Count > 0) return PowerEstimate.Unknown("The plan is not complete yet, so no size can be computed."); // a metric may name what is not there
        var answered = await baselines.OfAsync(caller, view.DecisionPointId, content, view.Plan, metric, cancel);
        if (answered.Value is not { } seen) return PowerEstimate.Unknown(answered.Refusal!.Reason);
        return double.IsNaN(seen.Baseline) ? PowerEstimate.Unknown(seen.Sentence)
            : Estimate(view.Plan with { Holdout = content.Rollout.Holdout }, new(seen.Units, seen.Baseline, seen.Deviation * seen.Deviation * (seen.Units - 1), double.NaN), new(seen.UnitsPerDay, seen.Growth));
    }

    /// <summary>Why the size of such a design cannot be computed from single units; null where it can.</summary>
    internal static string? NotComputable(ExperimentPlan plan) => plan switch
    {
        { Cluster: { } cluster } => $"The sample is each {cluster} with all of its units; how alike they are is not known before the start, so no size can be computed. Below {SampleEffects.LeastClusters} of them an arm no effect is shown at all.",
        { Switchback: not null } => $"The sample is each slot of time; how much slots differ is not known before the start, so no size can be computed. Below {SampleEffects.LeastSlots} of them an arm no effect is shown at all, and two full weeks compare times of the week with themselves.",
        { Bandit: not null } => "Shares follow the outcomes, so how many units each arm will have is not known, and no size can be computed.",
        _ => null,
    };

    /// <summary>How many times as many units the always-valid interval takes: it is as wide as at its size where it is tuned for another, which few plans name.</summary>
    private static double Wider(double control, ExperimentPlan plan, double smallest, double alpha)
    {
        double pair = plan.Arms[0].Weight + smallest, beta = TailProbability.NormalQuantile(plan.Power), times = 1;
        for (var i = 0; i < 20; i++) // it grows with the logarithm of the size: a few steps settle it
        {
            var wider = (ConfidenceSequence.Critical(times * control * pair / plan.Arms[0].Weight, Readings.Planned(plan, pair), 1 - alpha) + beta) / (TailProbability.NormalQuantile(1 - alpha / 2) + beta);
            times = wider * wider;
        }

        return times;
    }

    /// <summary>Size for the smallest change worth acting on, from the mean and spread seen.</summary>
    /// <param name="come">How many of those that the plan takes come in: units, or decisions where those were counted.</param>
    /// <param name="wholeWeeks">Days in whole weeks.</param>
    public static PowerEstimate Estimate(ExperimentPlan plan, Moments seen, UnitGrowth come, bool wholeWeeks = true)
    {
        var pace = come.Scale;
        var deviation = Math.Sqrt(seen.Variance);
        if (seen.Count < LeastExamples || !(deviation > 0) || seen.Mean == 0) return new(seen.Count > 0 ? seen.Mean : double.NaN, deviation, double.NaN, double.NaN, pace, (long)seen.Count);
        // Several arms share the error level between their comparisons with the baseline.
        var alpha = (1 - plan.Level) / (plan.Arms.Length - 1);
        var smallest = plan.Arms.Skip(1).Min(a => a.Weight);
        var control = Power.UnitsForZ(plan.SmallestChange * Math.Abs(seen.Mean) / deviation, alpha, plan.Power, smallest / plan.Arms[0].Weight);
        if (plan.Reading == ReadingKind.Sequential) control *= Wider(control, plan, smallest, alpha);
        var total = control / plan.Arms[0].Weight;
        var all = total / (plan.Traffic * (1 - plan.Holdout)); // of which so many take part
        return new(seen.Mean, deviation, control * Math.Min(1, smallest / plan.Arms[0].Weight), wholeWeeks ? come.DaysFor(all) : all / pace, pace, (long)seen.Count);
    }
}
