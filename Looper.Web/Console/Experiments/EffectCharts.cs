using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Personalization;
using Looper.Web.Console.Charts;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Experiments;

/// <summary>The charts of effects by group.</summary>
internal sealed class EffectCharts(EffectSettings settings, ArmEffects effects, string control)
{
    private const int MostDrivers = 12;

    /// <summary>Unit of a gain on an axis: differences of shares in percentage points.</summary>
    private string Unit => settings.IsRate ? "pp" : settings.UnitOfMeasure ?? settings.Input.Metric;

    private Axis GainAxis(string title) => settings.IsRate ? new($"{title} (percentage points)", AxisKind.Percent) : new($"{title} ({Unit})");

    private string Judged => $"{Shown.Plural(effects.Judged, "unit")} that the models had not seen, {Shown.Level(settings.Level)}; {settings.Input.Metric}, {effects.Arm} against {control}";

    /// <summary>A gain as text, with its interval.</summary>
    public string Written(Gain gain) => Written(gain, settings.IsRate, settings.UnitOfMeasure);

    public static string Written(Gain gain, bool isRate, string? unit) => isRate ? Shown.Points(gain.Value, gain.Low, gain.High) : Shown.Difference(gain.Value, gain.Low, gain.High, unit);

    public string One(double gain) => Written(new(gain, double.NaN, double.NaN));

    /// <summary>Does treating by predicted effect pay (K16)?</summary>
    public LineChart Curve() => new("What is gained by treating those first who should gain most?", new("Share of units treated", AxisKind.Category), GainAxis("Gain per unit over treating nobody"),
        [.. effects.Curve.Select(p => Shown.Percent(p.Share, 0))],
        [
            new("By predicted effect", [.. effects.Curve.Select(p => p.Gain)]) { Low = [.. effects.Curve.Select(p => p.Low)], High = [.. effects.Curve.Select(p => p.High)] },
            new("At random", [.. effects.Curve.Select(p => p.Share * effects.Curve[^1].Gain)]) { IsBaseline = true },
        ])
    {
        Basis = Judged,
        HowComputed = "Units in descending order of predicted effect; the sum of the doubly robust scores of those treated, over all units. The area between the two lines is the Qini value. The band is pointwise.",
    };

    /// <summary>Group effects (K18).</summary>
    public EffectChart Groups() => new("How much does each fifth gain?", Unit,
        [.. effects.Groups.Select((g, i) => new EffectPoint(NameOf(i), g.Gain.Value, g.Gain.Low, g.Gain.High) { Units = g.Units, Tone = ToneOf(g.Gain) })])
    {
        Basis = $"Fifths by predicted effect; intervals hold for all five at once. {Judged}",
        HowComputed = "Mean doubly robust score of each fifth (GATES); the critical value is that of the largest of five.",
    };

    /// <summary>Are predicted effects right?</summary>
    public CalibrationChart Calibration() => new("Are predicted effects right?", [.. effects.Groups.Select(g => new CalibrationBin(g.Predicted, g.Gain.Value, g.Gain.Low, g.Gain.High, g.Units))])
    {
        IsProbability = false,
        Basis = $"On the diagonal, units gain what was predicted. {(settings.IsRate ? "Differences of shares: 0.05 is 5 percentage points. " : "")}{Judged}",
        HowComputed = "Each point is a fifth by predicted effect: mean prediction against mean doubly robust score.",
    };

    /// <summary>How different are they (K17)?</summary>
    public HistogramChart? Spread() => effects.Counts.IsDefaultOrEmpty ? null : new("How different are predicted effects?", GainAxis("Predicted gain"), effects.Edges, effects.Counts)
    {
        At = effects.Average?.Value ?? double.NaN, AtLabel = "average",
        Basis = $"{Shown.Percent(effects.BelowZero)} of the units are predicted to lose; {effects.Arm} against {control}",
    };

    /// <summary>What differs (K12).</summary>
    public BarChart Drivers()
    {
        var shown = effects.Drivers.Where(d => double.IsFinite(d.Share)).Take(MostDrivers).ToList();
        return new("By what do effects differ?", new("Feature", AxisKind.Category), new("Share of the variation of predicted effects", AxisKind.Percent),
            [.. shown.Select(d => d.Feature)], [new("Share", [.. shown.Select(d => d.Share)])])
        { Lying = true, Basis = "What lies between ranges or levels of each feature by itself; shares of related features overlap" };
    }

    /// <summary>The effect by ranges or levels of the features that matter most.</summary>
    public IEnumerable<EffectChart> ByFeature() => effects.Drivers.Where(d => d.Groups.Length > 1).Select(d => new EffectChart($"How does the gain differ by {d.Feature}?", Unit,
        [.. d.Groups.Select(g => new EffectPoint(g.Group, g.Gain.Value, g.Gain.Low, g.Gain.High) { Units = g.Units, Tone = ToneOf(g.Gain) })])
    {
        Basis = $"{Shown.Level(settings.Level)} for each by itself: found by looking, confirm before acting",
        HowComputed = "Mean doubly robust score of the units of each range or level.",
    });

    /// <summary>Segments as if/else (K19).</summary>
    public EffectChart Segments() => new("Who gains, in if/else?", Unit,
        [.. effects.Segments.Select((s, i) => new EffectPoint($"Segment {i + 1}", s.Gain.Value, s.Gain.Low, s.Gain.High) { Units = s.Units, Tone = s.P < 1 - settings.Level ? ToneOf(s.Gain) : Tone.Unsure })])
    {
        Basis = "Conditions chosen by three fifths of the units, effects measured on the other two",
        HowComputed = "A tree of depth two on predicted effects; each leaf’s mean doubly robust score on units that did not choose it.",
    };

    private string NameOf(int fifth) => (fifth + 1).ToString(CultureInfo.InvariantCulture) + (fifth == 0 ? ": predicted to gain least" : fifth == effects.Groups.Length - 1 ? ": predicted to gain most" : "");

    private static Tone ToneOf(Gain gain) => gain.Low > 0 ? Tone.Good : gain.High < 0 ? Tone.Bad : Tone.Unsure;
}
