using System.Collections.Immutable;

namespace Looper.Core.Monitoring;

/// <summary>A figure as an alert sees it.</summary>
/// <param name="Number">The model it is of; null for none.</param>
/// <param name="Answers">The conditions it can tell about: an active alert of one of them is gone when this figure does not cross it. Empty with too little data.</param>
/// <param name="Condition">The one that is crossed; null when none is.</param>
internal sealed record Watched(int? Number, string Subject, ImmutableArray<string> Answers, string? Condition, AlertWeight Weight, string Sentence, double Value, double Limit)
{
    private static readonly ImmutableArray<string> OfModels = [LiveQuality.Calibration, LiveQuality.WorseThanAverage];

    /// <summary>Those of live models: what only another model, or none, can answer.</summary>
    public static readonly string[] Learned = [Drift.Feature, Drift.Missing, Drift.Outcome, .. OfModels];

    public static readonly string[] Conditions = [.. Learned, JoinRate.Low, StaleModel.Stale, HarmedGuardrail.Harmed, DriftCheck.UnreadableVersion];

    /// <summary>The condition that it is about, whether or not it can tell; null for those of live models.</summary>
    private string? Own { get; init; }

    public static Watched Of(int number, DriftFigure figure)
    {
        var (value, limit) = figure.Condition == Drift.Missing ? (figure.MissingNow, figure.MissingThen + Drift.MissingRise) : (figure.Index, Statistics.PopulationStability.Warn);
        ImmutableArray<string> answers = double.IsNaN(figure.Index) ? [] : figure.IsOutcome ? [Drift.Outcome] : [Drift.Feature, Drift.Missing];
        return new(number, figure.Subject, answers, figure.Condition, figure.Weight, figure.Sentence, value, limit);
    }

    public static Watched Of(LiveQuality quality)
    {
        var (value, limit) = quality.Condition == LiveQuality.WorseThanAverage ? (quality.Gain.Mean, 0) : (quality.Gap.Mean, quality.GapLimit);
        ImmutableArray<string> answers = quality.IsEnough ? OfModels : [];
        return new(quality.Number, quality.Outcome, answers, quality.Condition, quality.Weight, quality.Sentence, value, limit);
    }

    public static Watched Of(JoinRate rate) =>
        new(null, rate.Outcome, double.IsNaN(rate.Usual) ? [] : [JoinRate.Low], rate.Condition, rate.Weight, rate.Sentence, rate.Now, rate.Limit) { Own = JoinRate.Low };

    public static Watched Of(StaleModel model) =>
        new(model.Number, model.Outcome, [StaleModel.Stale], model.Condition, AlertWeight.Warn, model.Sentence, model.Age.TotalHours, model.Limit.TotalHours) { Own = StaleModel.Stale };

    public static Watched Of(HarmedGuardrail guardrail) =>
        new(null, guardrail.Subject, [HarmedGuardrail.Harmed], guardrail.Condition, AlertWeight.Urgent, guardrail.Sentence, guardrail.P, HarmedGuardrail.Limit) { Own = HarmedGuardrail.Harmed };

    /// <summary>It is a figure of what an alert is about, however little is known.</summary>
    public bool IsAbout(Alert alert) => alert.Subject == Subject && (Own is null ? Learned.Contains(alert.Condition) : alert.Condition == Own);

    /// <summary>Whether an active alert is answered by this figure.</summary>
    public bool Judges(Alert alert) => alert.Subject == Subject && Answers.Contains(alert.Condition);
}
