using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Models;
using Looper.Core.Statistics;

namespace Looper.Core.Monitoring;

/// <summary>How one feature, or an outcome, is spread now against where the live model learned.</summary>
/// <param name="Subject">The feature's or the outcome's name.</param>
/// <param name="Index">Population stability index; NaN with too little data.</param>
/// <param name="PValue">Corrected over all features of the look (Benjamini and Hochberg); NaN with too little data.</param>
/// <param name="MissingThen">Share of missing values where the model learned, in [0, 1].</param>
/// <param name="Units">Units counted now.</param>
/// <param name="Condition">The condition that is crossed; null when none is.</param>
public sealed record DriftFigure(
    string Subject, bool IsOutcome, double Index, double PValue, double MissingThen, double MissingNow, long Units, string? Condition, AlertWeight Weight)
{
    public string Sentence => Condition switch
    {
        null when double.IsNaN(Index) && Units >= Drift.FewestUnits => Text($"Not enough data: the model learned from fewer than {Drift.FewestUnits} units."),
        null when double.IsNaN(Index) => Text($"Not enough data: {Units:N0} of {Drift.FewestUnits} units."),
        null => Text($"`{Subject}` is spread as where the model learned (drift index {Index:0.000})."),
        Drift.Missing => Text($"`{Subject}` is missing in {MissingNow:0.0%} of decisions (was {MissingThen:0.0%} where the model learned). Check what your app sends; train again if it is meant so."),
        Drift.Outcome => Text($"What comes of decisions has changed: `{Subject}` is spread differently from where the model learned (drift index {Index:0.00}). Train again on newer outcomes."),
        _ => Text($"`{Subject}` has moved away from where the model learned (drift index {Index:0.00}). Train again, or check what your app sends."),
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>
/// Judges drift. A figure alarms only when it is both too large to be chance (p below 0.001 after correction over all features) and
/// large enough to matter, so that neither 200 decisions nor a million fire on what means nothing.
/// </summary>
public static class Drift
{
    public const string Feature = "drift.feature", Missing = "drift.missing", Outcome = "drift.outcome";

    /// <summary>Units needed on either side.</summary>
    public const int FewestUnits = 200;

    public const double Level = 0.001;

    /// <summary>Rise of the share of missing values that matters by itself.</summary>
    public const double MissingRise = 0.05;

    /// <param name="now">Counts in the bins of <paramref name="then"/>, one decision per unit.</param>
    public static ImmutableArray<DriftFigure> OfFeatures(ServedProfile then, ProfileCounter now)
    {
        ArgumentNullException.ThrowIfNull(then);
        ArgumentNullException.ThrowIfNull(now);
        var compared = then.Features.Select((f, i) => Compare(then, f, now.Of(i), now.Rows)).ToArray();
        var corrected = MultipleComparisons.BenjaminiHochberg(Array.ConvertAll(compared, c => c.PValue));
        return [.. then.Features.Select((f, i) => Judge(f, compared[i].Index, corrected[i], now.MissingShare(i), now.Rows, isOutcome: false))];
    }

    /// <param name="outcome">Its name.</param>
    /// <param name="labels">Outcomes of closed examples, one per unit; NaN where unknown.</param>
    /// <returns>Null where the model's profile has no outcome.</returns>
    public static DriftFigure? OfOutcome(string outcome, ServedProfile then, IReadOnlyCollection<double> labels)
    {
        ArgumentNullException.ThrowIfNull(then);
        ArgumentNullException.ThrowIfNull(labels);
        if (then.Outcome is not { } reference) return null;
        var counts = new long[reference.Counts.Length];
        foreach (var label in labels) counts[reference.BinOf(label, null)]++;
        var compared = Compare(then, reference, counts, labels.Count);
        return Judge(reference with { Name = outcome }, compared.Index, compared.PValue, labels.Count == 0 ? double.NaN : (double)counts[^1] / labels.Count, labels.Count, isOutcome: true);
    }

    private static PopulationStability Compare(ServedProfile profile, BinnedFeature then, ReadOnlySpan<long> now, long units)
    {
        var independent = profile.Units ?? then.Rows;
        return independent < FewestUnits || units < FewestUnits ? new(double.NaN, double.NaN) : PopulationStability.Of(then.Counts.AsSpan(), now, independent);
    }

    private static DriftFigure Judge(BinnedFeature then, double index, double p, double missing, long units, bool isOutcome)
    {
        var significant = p < Level;
        var condition = significant && missing - then.MissingShare > MissingRise && !isOutcome ? Missing
            : significant && index >= PopulationStability.Warn ? isOutcome ? Outcome : Feature
            : null;
        var weight = index >= PopulationStability.Alarm ? AlertWeight.Urgent : AlertWeight.Warn;
        return new(then.Name, isOutcome, index, p, then.MissingShare, missing, units, condition, weight);
    }
}
