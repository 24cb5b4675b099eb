using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>The effect by days since a unit's first decision: what is followed, and what it says.</summary>
internal static class NoveltyEffects
{
    /// <summary>Stages that a unit is followed through.</summary>
    public const int Stages = 7;

    private const int MostStageDays = 4;

    /// <summary>Days in a stage, so that the stages are half of the planned time; 0 where units are not followed: their arm changes, is not their own,
    /// or what they did later is not known.</summary>
    public static int StageDays(ExperimentPlan plan, bool isImported, bool sharesChanged) =>
        isImported || sharesChanged || !plan.IsPlain ? 0 : Math.Clamp((plan.PlannedDays ?? 2 * Stages) / (2 * Stages), 1, MostStageDays);

    /// <summary>Whether a metric can be said of single days: a value per unit that is known where nothing came.</summary>
    public static bool Follows(MetricSpec spec, Measure measure) =>
        spec is { Role: MetricRole.Goal, IsRatio: false, Steps.Length: 0, Kind: MetricKind.Mean or MetricKind.Conversion or MetricKind.Count or MetricKind.Sum }
        && measure.Outcome.Absent is not null;

    /// <summary>The metric of each stage alone.</summary>
    public static IEnumerable<Measure> Measures(Measure whole, int stageDays) => Enumerable.Range(0, Stages).Select(stage => whole with
    {
        From = whole.From + TimeSpan.FromDays(stage * stageDays),
        Until = whole.From + TimeSpan.FromDays((stage + 1) * stageDays) - TimeSpan.FromTicks(1),
    });

    public static NoveltyFigures Of(ReportSettings settings, MetricSums sums, int arm)
    {
        JointMoments control = sums.Stages[0], treatment = sums.Stages[arm];
        var figures = new NoveltyFigures
        {
            Verdict = NoveltyVerdict.NotEnoughData,
            Sentence = "",
            StageDays = settings.StageDays,
            BaselineUnits = (long)control.Count,
            ArmUnits = (long)treatment.Count,
            Method = Novelty.Method,
        };
        var (least, key) = control.Count <= treatment.Count ? (control.Count, settings.Plan.Arms[0].Key) : (treatment.Count, settings.Plan.Arms[arm].Key);
        if (least < Needs.ForEffects)
            return figures with { Shortage = new((long)least, Needs.ForEffects, $"units in {key} that were followed for {Stages * settings.StageDays} days") };
        var trend = Novelty.Trend(control, treatment);
        var (planned, reads) = (Readings.Planned(settings, arm), PlannedEnd.Decides(settings, TimeSpan.FromDays(Stages * settings.StageDays))); // as long as units are followed
        Reading Read(Effect effect) => reads == ReadingKind.Sequential ? ConfidenceSequence.Read(effect, planned, settings.Plan.Level) : Reading.Fixed(effect, settings.Plan.Level);
        double Difference(int stage) => treatment.Mean(stage) - control.Mean(stage);
        figures = figures with
        {
            Early = (Difference(0) + Difference(1)) / 2,
            Late = (Difference(Stages - 2) + Difference(Stages - 1)) / 2,
            Stages = [.. Enumerable.Range(0, Stages).Select(stage => Stage(settings.StageDays, stage, control, treatment, Read))],
        };
        if (!trend.IsDefined) return figures;
        var reading = Read(trend);
        return figures with
        {
            PerDay = trend.Value / settings.StageDays,
            Low = reading.Interval.Low / settings.StageDays,
            High = reading.Interval.High / settings.StageDays,
            P = reading.P,
            Method = $"{Novelty.Method}+{reading.Method}",
        };
    }

    /// <summary>Takes into account how many goals and arms were looked at, and only then says what it means.</summary>
    public static ImmutableArray<MetricFigures> Judge(ImmutableArray<MetricFigures> metrics, ExperimentPlan plan)
    {
        var adjusted = MultipleComparisons.Holm([.. metrics.SelectMany(m => m.Comparisons).Select(c => c.Novelty?.P ?? double.NaN)]);
        var next = 0;
        return [.. metrics.Select(m => m with { Comparisons = [.. m.Comparisons.Select(c => c with { Novelty = Judged(m, c, adjusted[next++], 1 - plan.Level) })] })];
    }

    private static NoveltyFigures? Judged(MetricFigures metric, Comparison comparison, double p, double alpha)
    {
        if (comparison.Novelty is not { } figures) return null;
        var days = Stages * figures.StageDays;
        if (figures.Shortage is { } shortage)
            return figures with { Sentence = FormattableString.Invariant($"Not enough data: {shortage.Have:N0} of {shortage.Need:N0} {shortage.Of}.") };
        if (double.IsNaN(p)) return figures with { Sentence = "In one of the arms nothing varies, so nothing can be said." };
        if (!(p < alpha))
            return figures with { Verdict = NoveltyVerdict.NoSign, AdjustedP = p, Sentence = $"No sign that the effect wears off or grows within {days} days of a unit’s first decision (p {Words.P(p)})." };
        var wearsOff = Math.Abs(figures.Late) < Math.Abs(figures.Early);
        string During(int from, int until) => $"on days {figures.Stages[from].FromDay} to {figures.Stages[until].UntilDay}";
        return figures with
        {
            AdjustedP = p,
            Verdict = wearsOff ? NoveltyVerdict.WearsOff : NoveltyVerdict.Grows,
            Sentence = $"The effect {(wearsOff ? "wears off" : "grows")}: {Effect(metric, figures.Early)} {During(0, 1)} after a unit’s first decision, "
                + $"{Effect(metric, figures.Late)} {During(Stages - 2, Stages - 1)} (p {Words.P(p)}). "
                + (wearsOff ? "Part of it is a reaction to something new: judge it by the later days before you ship." : "Units take time to get used to it: a longer experiment would show more of it."),
        };
    }

    private static NoveltyStage Stage(int days, int stage, JointMoments control, JointMoments treatment, Func<Effect, Reading> read)
    {
        var effect = Novelty.At(control, treatment, stage);
        var interval = read(effect).Interval;
        return new(stage * days + 1, (stage + 1) * days, control.Mean(stage), effect.Value, interval.Low, interval.High);
    }

    private static string Effect(MetricFigures metric, double value) => metric.Kind == OutcomeKind.Boolean
        ? (100 * value).ToString("+0.0#;−0.0#;0", CultureInfo.InvariantCulture) + " pp"
        : value.ToString("+0.###;−0.###;0", CultureInfo.InvariantCulture) + (metric.UnitOfMeasure is { } unit ? " " + unit : "");
}
