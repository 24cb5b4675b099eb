using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Models;
using Looper.Core.Statistics;

namespace Looper.Core.Monitoring;

/// <summary>A closed decision, with what the live model says of it. One per unit, its first, so that they are independent.</summary>
public readonly record struct JudgedExample(DateTimeOffset At, double Label, double Prediction);

/// <summary>One day (UTC) of decisions whose window has closed.</summary>
/// <param name="Loss">Mean loss of the live model.</param>
/// <param name="AverageLoss">Mean loss of always predicting the average of where it learned.</param>
/// <param name="Gap">Mean of outcome − prediction (of a quantile: share of outcomes below it − its level), with a 95 % interval of that day alone.</param>
public sealed record QualityDay(DateOnly Day, int Units, double Loss, double AverageLoss, double Gap, double GapLow, double GapHigh);

/// <summary>A mean with bounds that hold at every look at once; NaN unless <see cref="LiveQuality.IsEnough"/>.</summary>
public readonly record struct WatchedMean(double Mean, double Low, double High);

/// <summary>
/// How a live model does on what it decided since it went live: day by day, and over all of it by an always-valid interval, so that a look
/// every ten minutes alarms no more often than one look.
/// </summary>
/// <param name="From">Decisions from here on: since it went live.</param>
/// <param name="Gap">Outcome − prediction over all units; of a quantile, as in <see cref="QualityDay"/>.</param>
/// <param name="GapLimit">The gap that matters: for a probability the larger of 0.01 and a tenth of the base rate, for a quantile 0.05, else a tenth of
/// the outcome's spread.</param>
/// <param name="Gain">Loss of the average − loss of the model, per decision.</param>
/// <param name="Condition">The condition that is crossed; null when none is.</param>
/// <remarks>The asymptotic confidence sequence of <see cref="ConfidenceSequence"/> at 95 % over independent units, in order of time. It is valid at every look
/// while all examples since the promotion are given; where the oldest are left out, it begins anew with each look and only nearly so.</remarks>
public sealed record LiveQuality(
    int Number, string Outcome, PredictionTask Task, DateTimeOffset From, int Units, ImmutableArray<QualityDay> Days, WatchedMean Gap, double GapLimit, WatchedMean Gain,
    string? Condition)
{
    public const string Calibration = "model.calibration", WorseThanAverage = "model.worse-than-average";

    /// <summary>The sequence is asymptotic; below this there is no figure.</summary>
    public const int FewestUnits = 200;

    /// <summary>Units whose outcome is another than the commonest: with fewer the spread is not known. Of a rare outcome that has not come yet, and of a sum that is still 0, every
    /// prediction would look surely too high.</summary>
    public const int FewestOthers = 10;

    private const double Level = 0.95;

    // Where the model foretold so many others and there are fewer than FewestOthers, it is the model that is wrong. Of numbers it foretells none: so many units then.
    private const double ForetoldOthers = 30, ManyUnits = 5_000;

    /// <summary>Units whose outcome is another than the commonest.</summary>
    public int Others { get; private init; }

    /// <summary>Whether there are figures over all days.</summary>
    public bool IsEnough { get; private init; }

    /// <summary>Something must act on a model that does harm; one that is off by a little is worth a look.</summary>
    public AlertWeight Weight => Condition == WorseThanAverage ? AlertWeight.Urgent : AlertWeight.Warn;

    public string Sentence => Condition switch
    {
        null when Units < FewestUnits => Text($"Not enough data: {Units:N0} of {FewestUnits} units with a known outcome since model {Number} went live."),
        null when !IsEnough => Text($"Not enough data: of {Units:N0} units since model {Number} went live, {Others} of {FewestOthers} have another outcome than the rest."),
        null when Gap.Low > 0 || Gap.High < 0 => Text($"Model {Number} predicts `{Outcome}` a little too {Side}: {Found}. It alarms when all of that lies beyond ±{GapLimit:0.####}."),
        null => Text($"No sign that model {Number} predicts `{Outcome}` wrongly: {Found}."),
        WorseThanAverage => Text($"Model {Number} predicts `{Outcome}` worse than always the average since it went live ({Units:N0} units). Roll back, or train again."),
        _ => Text($"Model {Number} predicts `{Outcome}` too {Side} since it went live: {Found}. Train again."),
    };

    /// <summary>What the gap is a mean of.</summary>
    public static string GapOf(PredictionTask task) => task == PredictionTask.Quantile ? "share of outcomes at or below it − its level" : "outcome − prediction";

    // More outcomes than its level below it: the quantile lies too high.
    private string Side => Gap.Mean > 0 == (Task == PredictionTask.Quantile) ? "high" : "low";

    private string Found => Text($"{GapOf(Task)} is {Gap.Mean:0.####} [{Gap.Low:0.####}, {Gap.High:0.####}] over {Units:N0} units");

    /// <param name="examples">In order of time, one per unit.</param>
    /// <param name="average">The constant it is held against: the mean, or the quantile, of what it learned from.</param>
    public static LiveQuality Of(int number, string outcome, Target target, DateTimeOffset from, IReadOnlyList<JudgedExample> examples, double average)
    {
        ArgumentNullException.ThrowIfNull(examples);
        var (losses, plain, gaps) = (new double[examples.Count], new double[examples.Count], new double[examples.Count]);
        for (var i = 0; i < gaps.Length; i++)
        {
            var e = examples[i];
            (losses[i], plain[i]) = (RowLoss.Of(target, e.Label, e.Prediction), RowLoss.Of(target, e.Label, average));
            gaps[i] = target.Task == PredictionTask.Quantile ? (e.Label <= e.Prediction ? 1 : 0) - target.Tau : e.Label - e.Prediction;
        }
        var days = Enumerable.Range(0, gaps.Length).GroupBy(i => DateOnly.FromDateTime(examples[i].At.UtcDateTime)).OrderBy(g => g.Key).Select(g =>
        {
            var gap = ClusteredMean.Of([.. g.Select(i => gaps[i])], [.. g.Select(i => (ulong)i)]);
            return new QualityDay(g.Key, g.Count(), g.Average(i => losses[i]), double.IsFinite(average) ? g.Average(i => plain[i]) : double.NaN, gap.Mean, gap.Low, gap.High);
        });
        var others = examples.Count - examples.GroupBy(e => e.Label).Select(g => g.Count()).DefaultIfEmpty().Max();
        var isEnough = examples.Count >= FewestUnits && (others >= FewestOthers || examples.Sum(e => Foretold(target.Task, e.Prediction)) >= ForetoldOthers);
        var (watchedGap, gain) = isEnough ? (Watch(gaps), Watch([.. plain.Zip(losses, (p, l) => p - l)])) : (s_unknown, s_unknown);
        var limit = Limit(target, examples, average);
        var condition = gain.High < 0 ? WorseThanAverage : watchedGap.Low > limit || watchedGap.High < -limit ? Calibration : null;
        return new(number, outcome, target.Task, from, examples.Count, [.. days], watchedGap, limit, gain, condition) { Others = others, IsEnough = isEnough };
    }

    private static readonly WatchedMean s_unknown = new(double.NaN, double.NaN, double.NaN);

    /// <summary>The chance of the rarer outcome.</summary>
    private static double Foretold(PredictionTask task, double prediction) => task switch
    {
        PredictionTask.Binary => Math.Min(prediction, 1 - prediction),
        PredictionTask.Count => 1 - Math.Exp(-prediction),
        _ => ForetoldOthers / ManyUnits,
    };

    private static WatchedMean Watch(double[] values)
    {
        var moments = Moments.Of(values);
        var error = Math.Sqrt(moments.Variance / values.Length);
        if (!(error > 0)) return new(moments.Mean, moments.Mean, moments.Mean);
        var effect = new Effect(Scale.Absolute, moments.Mean, error, values.Length - 1, values.Length, "mean-1");
        var read = ConfidenceSequence.Read(effect, ConfidenceSequence.DefaultPlannedUnits, Level);
        return new(moments.Mean, read.Interval.Low, read.Interval.High);
    }

    private static double Limit(Target target, IReadOnlyList<JudgedExample> examples, double average)
    {
        if (target.Task == PredictionTask.Quantile) return 0.05;
        if (target.Task == PredictionTask.Binary) return Math.Max(0.01, 0.1 * (double.IsFinite(average) ? average : 0));
        return examples.Count < 2 ? double.NaN : 0.1 * Math.Sqrt(Moments.Of([.. examples.Select(e => e.Label)]).Variance);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
