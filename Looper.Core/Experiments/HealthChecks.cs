using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>Whether the comparison may be read at all.</summary>
internal static class HealthChecks
{
    /// <summary>Share of an arm's total in one unit from which it is worth a look, and from which the mean says nothing else.</summary>
    public const double AmberUnit = 0.05, RedUnit = 0.25;

    private const double AmberP = 0.01, AmberCrossed = 0.001, RedCrossed = 0.01, AmberDefaults = 0.001, RedDefaults = 0.01, StoppedP = 1e-6;

    public static ImmutableArray<HealthCheck> Of(
        ReportSettings settings, ImmutableArray<ArmFigures> arms, SharedOut shared, long[] defaults, MetricUnits[] metrics) =>
        [SampleRatioOf(settings, shared), Crossed(arms), Defaults(arms, defaults), Arriving(settings, arms, metrics)];

    /// <summary>One unit that outweighs all others of its arm on the metric that decides.</summary>
    public static HealthCheck? Outlier(ReportSettings settings, MetricSums primary)
    {
        const string name = "outlier", title = "No unit outweighs the others", method = "outlier-2";
        if (primary.Outcome.Kind == OutcomeKind.Boolean || primary.Arms.All(a => a.Values.Count < Needs.ForEffects || double.IsNaN(a.Total))) return null;
        var shares = primary.Arms.Select((a, i) => a.Values.Count < Needs.ForEffects ? 0 : primary.LargestShare(i)).ToList();
        var worst = Enumerable.Range(0, shares.Count).MaxBy(i => shares[i]);
        var state = shares[worst] > RedUnit ? HealthState.Red : shares[worst] > AmberUnit ? HealthState.Amber : HealthState.Green;
        return new(name, title, state, $"The largest unit holds {Percent(Math.Min(1, shares[worst]))} of all {primary.Outcome.Name} in {settings.Plan.Arms[worst].Key}.",
            state == HealthState.Green ? null : "Check that unit for a fault or a robot; plan the next experiment with a cap, so that no single unit decides.", double.NaN, method);
    }

    /// <summary>An arm that nobody enters any more while others are entered.</summary>
    public static HealthCheck? Stopped(ReportSettings settings, ImmutableArray<ArmFigures> arms, long[] sinceLast, DateTimeOffset?[] last)
    {
        const string name = "arm-stopped", title = "Every arm is still entered", method = "arm-stopped-1";
        if (settings.IsImported || arms.Sum(a => a.Units) < Needs.ForSampleRatio) return null; // the order of a file is not that of entering
        double total = arms.Sum(a => a.Weight);
        // Of the units since an arm's last one, each would have entered it with its share (under a bandit with at least the floor): how likely is it that none did?
        double Missed(int i) => sinceLast[i] * Math.Log(1 - (settings.Plan.Bandit?.Floor ?? arms[i].Weight / total));
        var worst = Enumerable.Range(0, arms.Length).MinBy(Missed);
        var p = Math.Exp(Missed(worst));
        return p >= StoppedP || arms[worst].Units == 0
            ? new(name, title, arms[worst].Units == 0 ? HealthState.Unknown : HealthState.Green, arms[worst].Units == 0 ? $"Nobody has entered {arms[worst].Key} yet." : "Units still enter every arm.", null, p, method)
            : new(name, title, HealthState.Red, FormattableString.Invariant($"Nobody has entered {arms[worst].Key} since {last[worst]:d MMM yyyy HH:mm} UTC, while {sinceLast[worst]:N0} units entered the others."),
                "Someone or something switched the arm off. What came later has nothing to be compared with: stop, and start again with every arm on.", p, method);
    }

    /// <summary>What was known before the start is alike in all arms; the model's score may differ where arms use different models.</summary>
    public static HealthCheck? Alike(ImmutableArray<CovariateFigures> covariates, IEnumerable<(string Metric, double P)> before)
    {
        const string name = "pre-period-bias", title = "Arms alike before the start";
        var features = covariates.Where(c => c.Name != CovariateReader.ModelScore).Select(c => (c.Name, c.P));
        var all = features.Concat(before.Select(b => ($"{b.Metric} before exposure", b.P))).ToList();
        if (all.Count == 0) return null;
        var (worst, p) = all.MinBy(a => a.P);
        var differing = all.Where(a => a.P < CovariateBalance.Alarm).Select(a => a.Item1).ToList();
        return differing.Count == 0
            ? new(name, title, HealthState.Green, $"{all.Count} of {all.Count} things known before are alike in all arms (least p {Words.P(p)}, {worst}).", null, p, CovariateBalance.Method)
            : new(name, title, HealthState.Red, $"The arms differed before they acted in {string.Join(", ", differing)} (p {Words.P(p)}): a difference now may be the old one.",
                "Look for a share that depends on the unit, for units moved by hand, and for a feature that the arm itself changes before the first decision.", p, CovariateBalance.Method);
    }

    /// <summary>The effect of the metric that decides does not change from the first to the second half of a slot.</summary>
    public static HealthCheck? CarriedOver(ReportSettings settings, ImmutableArray<MetricFigures> metrics)
    {
        const string name = "carry-over", title = "Slots do not spill over";
        var tested = metrics.Where(m => m.IsPrimary).SelectMany(m => m.Comparisons).Select(c => (c.Arm, Figures: c.Samples?.CarryOver)).Where(c => c.Figures is not null).ToList();
        if (tested.Count == 0) return new(name, title, HealthState.Unknown, "Not enough slots with units in both halves to say.", null, double.NaN, Switchback.Method);
        var (arm, worst) = tested.MinBy(c => c.Figures!.P);
        var p = Math.Min(1, worst!.P * tested.Count);
        return p >= AmberP
            ? new(name, title, HealthState.Green, $"The effect on {settings.PrimaryOutcome} is alike in the first and the second half of a slot (p {Words.P(p)}).", null, p, worst.Method)
            : new(name, title, HealthState.Amber, $"The effect of {arm} on {settings.PrimaryOutcome} changes from the first to the second half of a slot (p {Words.P(p)}): what one slot does seems to reach into the next.",
                "Plan the next experiment with longer slots or a longer burn-in.", p, worst.Method);
    }

    private static HealthCheck SampleRatioOf(ReportSettings settings, SharedOut shared)
    {
        var (name, title) = ("sample-ratio", $"{char.ToUpperInvariant(shared.Of[0])}{shared.Of[1..]} per arm as planned");
        double[] units = shared.Counts, weights = shared.Weights;
        var total = units.Sum();
        var need = shared.Of == "units" ? Needs.ForSampleRatio : Needs.SamplesForSampleRatio;
        if (total < need)
            return new(name, title, HealthState.Unknown, $"Not enough data: {total:N0} of {need} {shared.Of}.", null, double.NaN, SampleRatio.Method);
        // While it runs people look daily: the always-valid p-values allow for that, the classical one does not.
        var (p, method) = settings.State != ExperimentState.Running ? (SampleRatio.P(units, weights), SampleRatio.Method)
            : shared.Stretches.Length > 0 ? (SampleRatio.ChangingP([.. shared.Stretches.Select(s => s.Counts)], [.. shared.Stretches.Select(s => s.Weights)]), SampleRatio.ChangingMethod)
            : (SampleRatio.AlwaysValidP(units, weights), SampleRatio.AlwaysValidMethod);
        var gap = SampleRatio.LargestGap(units, weights);
        var state = p < SampleRatio.Alarm && gap >= SampleRatio.SmallestShare ? HealthState.Red : p < AmberP && gap >= SampleRatio.SmallestShare ? HealthState.Amber : HealthState.Green;
        var seen = string.Join("/", units.Select(n => Percent(n / total)));
        var planned = string.Join("/", weights.Select(w => Percent(w / weights.Sum())));
        var sentence = state == HealthState.Green
            ? $"Arms are {seen} where {planned} was planned (p {Words.P(p)})."
            : $"Arms are {seen} where {planned} was planned (p {Words.P(p)}): {shared.Of} are lost or gained in one arm.";
        var fix = state == HealthState.Green ? null
            : "Look for an arm that crashes, is slower or is cached before the call; for bots; for a change of shares while it ran; and for observations sent with the wrong unit.";
        return new(name, title, state, sentence, fix, p, method);
    }

    private static HealthCheck Crossed(ImmutableArray<ArmFigures> arms)
    {
        const string name = "multiple-exposure", title = "Units in one arm only", method = "multiple-exposure-1";
        long units = arms.Sum(a => a.Units), crossed = arms.Sum(a => a.SawOtherArms);
        if (units == 0) return new(name, title, HealthState.Unknown, "No units yet.", null, double.NaN, method);
        var share = (double)crossed / units;
        var state = share >= RedCrossed ? HealthState.Red : share >= AmberCrossed ? HealthState.Amber : HealthState.Green;
        return new(name, title, state, $"{crossed:N0} of {units:N0} units saw more than one arm ({Percent(share)}); each counts in its first.",
            state == HealthState.Green ? null : "Send the same unit for the same person on every call; a device id on one page and a user id on another splits people.", double.NaN, method);
    }

    private static HealthCheck Defaults(ImmutableArray<ArmFigures> arms, long[] defaults)
    {
        const string name = "default-answers", title = "Arms act", method = "default-answers-1";
        if (arms.All(a => a.Units == 0)) return new(name, title, HealthState.Unknown, "No units yet.", null, double.NaN, method);
        var worst = Enumerable.Range(0, arms.Length).Where(i => arms[i].Units > 0).MaxBy(i => (double)defaults[i] / arms[i].Units);
        var share = (double)defaults[worst] / arms[worst].Units;
        var state = share >= RedDefaults ? HealthState.Red : share >= AmberDefaults ? HealthState.Amber : HealthState.Green;
        return state == HealthState.Green
            ? new(name, title, state, "Every arm answered as it should.", null, double.NaN, method)
            : new(name, title, state, $"{Percent(share)} of the units in {arms[worst].Key} got the default instead of what the arm does.",
                "The reason is in each decision: no model yet, a context that could not be read, or a fault. Start again once the arm can act.", double.NaN, method);
    }

    private static HealthCheck Arriving(ReportSettings settings, ImmutableArray<ArmFigures> arms, MetricUnits[] metrics)
    {
        const string name = "outcomes-arrive", title = "Outcomes arrive", method = "outcomes-arrive-1";
        var units = arms.Sum(a => a.Units);
        if (units < Needs.ForSampleRatio) return new(name, title, HealthState.Unknown, $"Not enough data: {units:N0} of {Needs.ForSampleRatio} units.", null, double.NaN, method);
        var silent = metrics.Where(m => Sum(m.Observed) == 0).Select(m => m.Outcome.Name).ToList();
        if (silent.Count > 0)
        {
            var decides = silent.Contains(settings.PrimaryOutcome);
            return new(name, title, decides ? HealthState.Red : HealthState.Amber, $"Nothing has been observed of {string.Join(", ", silent)}.",
                "Send observations with the decision's id, or with the same unit inside the outcome's window.", double.NaN, method);
        }

        var primary = metrics.FirstOrDefault(m => m.Outcome.Name == settings.PrimaryOutcome);
        var open = primary is null ? 0 : Sum(primary.Open);
        return new(name, title, HealthState.Green, open == 0 ? "Every outcome has been observed, and all windows are closed."
            : $"Every outcome has been observed; for {open:N0} of {units:N0} units the window of {settings.PrimaryOutcome} is still open.", null, double.NaN, method);
    }

    private static long Sum(ReadOnlySpan<long> values)
    {
        var sum = 0L;
        foreach (var value in values) sum += value;
        return sum;
    }

    private static string Percent(double share) => (100 * share).ToString("0.0#", CultureInfo.InvariantCulture) + "%";
}

/// <summary>What was shared out between the arms.</summary>
/// <param name="Of">Units, clusters or slots.</param>
/// <param name="Weights">What each arm should have, in any scale.</param>
/// <param name="Stretches">The same between two changes of the shares; empty where they never changed.</param>
internal sealed record SharedOut(string Of, double[] Counts, double[] Weights, (double[] Counts, double[] Weights)[] Stretches);
