using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>What to do, by the first rule that holds. It prints its inputs, so that a person can see which row decided.</summary>
internal static class Recommendations
{
    /// <param name="isShort">The units that are compared entered over less than a week.</param>
    public static Recommendation For(
        ReportSettings settings, ImmutableArray<ArmFigures> arms, ImmutableArray<HealthCheck> health, ImmutableArray<MetricFigures> metrics, bool isShort)
    {
        if (health.Where(h => h.State == HealthState.Red).ToList() is { Count: > 0 } broken)
            return new(RecommendedAction.FixFirst, 1, null, "Fix first", $"Do not read the results: {Lower(string.Join(" ", broken.Select(b => b.Sentence)))}", [.. broken.Select(b => $"{b.Title}: red")]);
        var primary = metrics.FirstOrDefault(m => m.IsPrimary);
        if (primary is null)
            return new(RecommendedAction.NotEnoughData, 3, null, "Not enough data", $"Outcome {settings.PrimaryOutcome} is not in the blueprint.", []);
        var weeks = (Check: health.FirstOrDefault(h => h is { Name: WeeksCheck.Name, State: HealthState.Amber }), IsShort: isShort);
        var each = primary.Comparisons.Select(c => ForArm(settings, primary, c, metrics, weeks)).ToList();
        // The header speaks of one arm: the one to ship, else one to protect users from, else the best so far.
        return each.OrderBy(r => r.Recommendation.Action switch
        {
            RecommendedAction.Ship => 0,
            RecommendedAction.StopForGuardrail => 1,
            RecommendedAction.KeepRunning => 2,
            RecommendedAction.YourCall => 3,
            RecommendedAction.RollBack => 4,
            _ => 5,
        }).ThenByDescending(r => double.IsNaN(r.Gain) ? double.NegativeInfinity : r.Gain).First().Recommendation;
    }

    private static (Recommendation Recommendation, double Gain) ForArm(
        ReportSettings settings, MetricFigures primary, Comparison goal, ImmutableArray<MetricFigures> metrics, (HealthCheck? Check, bool IsShort) weeks)
    {
        var gain = (primary.Better == Direction.Higher ? 1 : -1) * goal.Absolute.Estimate;
        var guards = metrics.Where(m => !double.IsNaN(m.Margin)).Select(m => (Metric: m, Comparison: m.Comparisons.Single(c => c.Arm == goal.Arm))).ToList();
        var goals = metrics.Where(m => m.Role == MetricRole.Goal).Select(m => (Metric: m, Comparison: m.Comparisons.Single(c => c.Arm == goal.Arm))).ToList();
        ImmutableArray<string> because = [.. goals.Select(g => $"{g.Metric.Outcome}: {Word(g.Comparison.Verdict)}"), .. guards.Select(g => $"{g.Metric.Outcome} (guardrail): {g.Comparison.Guardrail?.ToString().ToLowerInvariant()}")];
        Recommendation Say(RecommendedAction action, int rule, string title, string sentence) => new(action, rule, goal.Arm, title, sentence, because);

        var beyond = guards.FirstOrDefault(g => g.Comparison.Shortage is null && IsBeyond(settings, g.Metric, g.Comparison));
        if (beyond.Metric is not null)
            return (Say(RecommendedAction.StopForGuardrail, 2, $"Stop {goal.Arm}: guardrail",
                $"{beyond.Metric.Outcome} is worse by {Worse(settings, beyond.Metric, beyond.Comparison)}; the limit is {Percent(beyond.Metric.Margin)}."), gain);
        if (goal.Shortage is { } shortage)
            return (Say(RecommendedAction.NotEnoughData, 3, "Not enough data",
                $"{shortage.Have:N0} of {shortage.Need:N0} {shortage.Of}{(shortage.ReadyAt is { } at ? FormattableString.Invariant($", ready about {at:d MMM yyyy}") : "")}.{Waiting(primary, goal.Arm)}"), gain);
        if (goal.Absolute.Why is not null)
            return (Say(RecommendedAction.NotEnoughData, 3, "Not enough data", $"{primary.Outcome} cannot be compared. {Causes.SentenceOf(goal.Absolute.Why)}"), gain);
        var loses = goals.FirstOrDefault(g => g.Comparison.Verdict == EffectVerdict.Bad);
        var safe = guards.TrueForAll(g => g.Comparison.Guardrail == GuardrailState.Safe);
        if (goal.Verdict == EffectVerdict.Good && loses.Metric is null && safe)
        {
            var found = $"{Change(settings, primary, goal)} {primary.Outcome}{(guards.Count > 0 ? "; guardrails hold" : "")}.";
            return (TooEarly(settings, weeks, found, Say) ?? Say(RecommendedAction.Ship, 4, $"Ship {goal.Arm}", weeks.Check is null ? found : $"{found} But: {Lower(weeks.Check.Sentence)} {weeks.Check.Fix}"), gain);
        }

        if (loses.Metric is not null)
            return (Say(RecommendedAction.RollBack, 5, $"Roll back {goal.Arm}", $"{Change(settings, loses.Metric, loses.Comparison)} {loses.Metric.Outcome}."), gain);
        return (Undecided(settings, primary, goal, guards, Say), gain);
    }

    // without it, an experiment in its first days looks as if nobody had come
    private static string Waiting(MetricFigures primary, string arm)
    {
        var open = primary.Arms.Where((a, i) => i == 0 || a.Arm == arm).Sum(a => a.Open);
        return open == 0 || primary.Window <= TimeSpan.Zero ? ""
            : $" {open:N0} more wait in both arms until the window of {primary.Outcome} has closed, {Words.Of(primary.Window)} after they came.";
    }

    /// <summary>Why what is good so far is not shipped yet: less than a week has been seen, or a reading that holds once is looked at before its time.</summary>
    private static Recommendation? TooEarly(ReportSettings settings, (HealthCheck? Check, bool IsShort) weeks, string found, Func<RecommendedAction, int, string, string, Recommendation> say)
    {
        var open = settings.State == ExperimentState.Running && !PlannedEnd.IsReached(settings);
        if (open && settings.Plan.Reading == ReadingKind.Fixed && PlannedEnd.Of(settings) is { } end)
        {
            var left = Math.Max(1, Math.Ceiling((end - settings.DataUntil).TotalDays));
            return say(RecommendedAction.KeepRunning, 6, $"Keep running about {Days(left)}", $"So far {found} The fixed reading holds once, at the planned end: read earlier it finds what is not there.");
        }

        if (weeks is not { IsShort: true, Check: { } check }) return null;
        return open
            ? say(RecommendedAction.KeepRunning, 6, "Keep running to the first whole week", $"So far {found} But: {Lower(check.Sentence)} {check.Fix}")
            : say(RecommendedAction.YourCall, 7, "Your call: less than a week", $"{found} But: {Lower(check.Sentence)} {check.Fix}");
    }

    private static Recommendation Undecided(ReportSettings settings, MetricFigures primary, Comparison goal,
        List<(MetricFigures Metric, Comparison Comparison)> guards, Func<RecommendedAction, int, string, string, Recommendation> say)
    {
        List<string> In(GuardrailState state) => [.. guards.Where(g => g.Comparison.Guardrail == state).Select(g => g.Metric.Outcome)];
        var (harmed, waiting) = (In(GuardrailState.Harmed), In(GuardrailState.Unknown));
        string[] not =
        [
            .. harmed.Count == 0 ? [] : new[] { $"{string.Join(" and ", harmed)} {(harmed.Count == 1 ? "is" : "are")} worse, though it cannot be told whether by more than the limit" },
            .. waiting.Count == 0 ? [] : new[] { $"{string.Join(" and ", waiting)} cannot be judged yet" },
        ];
        var worse = harmed.Count == 0 ? "" : $" {not[0]}.";
        var open = goal.Verdict == EffectVerdict.Good
            ? $"The goal is good; {string.Join("; ", not)}."
            : $"{primary.Outcome} {Change(settings, primary, goal)}: it cannot be told yet which way.{worse}";
        if (settings.State == ExperimentState.Running && !PlannedEnd.IsReached(settings))
        {
            var days = DaysLeft(settings, goal);
            var about = days is { } d ? $" About {Days(d)} more." : "";
            return say(RecommendedAction.KeepRunning, 6, days is { } n ? $"Keep running about {Days(n)}" : "Keep running", open + about);
        }

        var reading = goal.Relative.Deciding(PlannedEnd.Decides(settings));
        var largest = Math.Max(Math.Abs(reading.Low), Math.Abs(reading.High));
        return goal.Verdict == EffectVerdict.Good
            ? say(RecommendedAction.YourCall, 7, "Your call", open)
            : say(RecommendedAction.YourCall, 7, double.IsNaN(largest) ? "Your call" : $"No difference larger than {Percent(largest)}",
                double.IsNaN(largest) ? open : $"A difference of {primary.Outcome} larger than ±{Percent(largest)} is unlikely.{worse}");
    }

    /// <summary>It is harmed, and the two-sided interval lies wholly beyond the margin on the harmful side.</summary>
    private static bool IsBeyond(ReportSettings settings, MetricFigures metric, Comparison comparison)
    {
        var reading = comparison.Relative.Of(PlannedEnd.Guards(settings, metric.Window));
        return comparison.Guardrail == GuardrailState.Harmed && (metric.Better == Direction.Higher ? reading.High < -metric.Margin : reading.Low > metric.Margin);
    }

    /// <summary>Until the planned end, else until a change worth acting on could be told from none at the present pace.</summary>
    private static double? DaysLeft(ReportSettings settings, Comparison goal)
    {
        if (settings.StartedAt is not { } start) return null;
        var elapsed = (settings.DataUntil - start).TotalDays;
        if (PlannedEnd.Of(settings) is { } end) return Math.Max(1, Math.Ceiling((end - settings.DataUntil).TotalDays));
        if (!(elapsed > 0) || !(goal.Relative.StandardError > 0)) return null;
        var wanted = settings.Plan.SmallestChange / (TailProbability.NormalQuantile((1 + settings.Plan.Level) / 2) + TailProbability.NormalQuantile(settings.Plan.Power));
        var growth = Math.Pow(goal.Relative.StandardError / wanted, 2) - 1;
        return growth is > 0 and < 1_000 ? Math.Max(1, Math.Ceiling(elapsed * growth)) : null;
    }

    private static string Change(ReportSettings settings, MetricFigures metric, Comparison comparison)
    {
        var decides = PlannedEnd.Decides(settings, metric.Window);
        var relative = comparison.Relative.WhyNot(decides) is null;
        var figures = relative ? comparison.Relative : comparison.Absolute;
        var reading = figures.Deciding(decides);
        var centre = decides == ReadingKind.Bayesian ? figures.Bayesian.Mean : figures.Estimate;
        if (!double.IsFinite(centre + reading.Low + reading.High)) return "not enough data";
        return relative
            ? Words.Interval(100 * centre, 100 * reading.Low, 100 * reading.High, "%", isDifference: true)
            : $"{Words.Interval(centre, reading.Low, reading.High, isDifference: true)} {metric.UnitOfMeasure}".TrimEnd();
    }

    /// <summary>The size of a harmful change, smaller end first.</summary>
    private static string Worse(ReportSettings settings, MetricFigures metric, Comparison comparison)
    {
        var reading = comparison.Relative.Of(PlannedEnd.Guards(settings, metric.Window));
        double a = Math.Abs(reading.Low), b = Math.Abs(reading.High);
        return Words.Interval(100 * Math.Abs(comparison.Relative.Estimate), 100 * Math.Min(a, b), 100 * Math.Max(a, b), "%");
    }

    private static string Word(EffectVerdict verdict) => verdict switch
    {
        EffectVerdict.Good => "good",
        EffectVerdict.Bad => "bad",
        EffectVerdict.Unsure => "no clear effect",
        _ => "not enough data",
    };

    private static string Days(double days) => FormattableString.Invariant($"{days:N0} day{(days == 1 ? "" : "s")}");

    private static string Lower(string text) => text.Length == 0 ? text : char.ToLowerInvariant(text[0]) + text[1..];

    private static string Percent(double share) => (100 * share).ToString(Math.Abs(share) >= 1 ? "0" : Math.Abs(share) >= 0.01 ? "0.0" : "0.0##", CultureInfo.InvariantCulture) + "%";
}
