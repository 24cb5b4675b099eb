using System.Collections.Immutable;
using Looper.Core.Causal;
using Looper.Core.Learning;

namespace Looper.Core.Personalization;

/// <summary>One treatment against the first arm, estimated.</summary>
/// <param name="Arm">Its index.</param>
/// <param name="Rows">The units of both arms, among all.</param>
internal sealed record ArmComparison(int Arm, int[] Rows, TwoArms Arms, EffectAnalysis Analysis)
{
    private const int Fifths = 5, Points = 50, Bins = 20, Explained = 3;

    public static ArmComparison Of(DataSet data, int[] arms, ArmChances chances, int arm, EffectPlan plan)
    {
        int[] rows = [.. Enumerable.Range(0, arms.Length).Where(i => arms[i] == 0 || arms[i] == arm)];
        double[] propensity = [.. rows.Select(i => chances.Of[arm][i] / (chances.Of[0][i] + chances.Of[arm][i]))];
        var two = new TwoArms(data.Take(rows), [.. rows.Select(i => arms[i] == arm)], propensity, plan.Seed);
        return new(arm, rows, two, EffectAnalysis.Of(two, plan));
    }

    public ArmEffects Figures(string key, FeatureTexts texts, double level, long seed)
    {
        var (validation, effects) = (Analysis.Validation, Analysis.Models.Effects);
        double[] judged = [.. validation.Judged.Select(i => Analysis.Scores[i])];
        var all = new double[Arms.Count];
        for (var k = 0; k < judged.Length; k++) all[validation.Judged[k]] = validation.Predicted[k];
        var slope = EffectCalibration.Of(Arms, Analysis.Nuisances, all, validation.Judged);
        var ranked = RankedEffect.Of(validation.Predicted, judged, seed);
        var (edges, counts) = Histogram(effects);
        return new()
        {
            Arm = key,
            Verdict = EffectDrivers.Verdict(Arms.Units, effects, validation),
            Differs = validation.Differs,
            HeterogeneityP = validation.HeterogeneityP,
            RateP = validation.RateP,
            Rate = Gain.Of(validation.Rate, validation.RateError, level),
            Qini = Gain.Of(ranked.QiniWeighted, ranked.QiniStandardError, level),
            Average = Gain.Of(Analysis.Average, level),
            ExtremeShare = Analysis.ExtremeShare,
            Overlapping = Gain.Of(Analysis.Overlapping, level),
            Learner = Analysis.Models.Learner,
            Weights = Analysis.Models.Weights.ToImmutableDictionary(),
            Judged = judged.Length,
            Curve = [.. GainPoint.Of(validation.Predicted, judged, Points, level).Select(p => new CurvePoint(p.Share, p.Gain, p.Interval.Low, p.Interval.High))],
            Groups = [.. EffectGroups.Of(validation.Predicted, judged, Fifths, level, seed).Select(g => new GroupGain(g.Estimated, new(g.Average.Value, g.Interval.Low, g.Interval.High), (long)g.Average.Units))],
            Slope = Gain.Of(slope.Slope, slope.SlopeError, level),
            Edges = edges,
            Counts = counts,
            BelowZero = effects.Count(e => e < 0) / (double)effects.Length,
            Drivers = Drivers(texts, effects, level),
            Segments = [.. Segments.Select(s => Gained(s, texts, level))],
        };
    }

    private ImmutableArray<Driver> Drivers(FeatureTexts texts, double[] effects, double level)
    {
        var shares = EffectDrivers.Of(Arms.Units, effects);
        var order = Enumerable.Range(0, shares.Length).OrderByDescending(j => double.IsNaN(shares[j]) ? -1 : shares[j]).ToList();
        return [.. order.Select((j, place) => new Driver(Arms.Units.Columns[j].Name, shares[j], place >= Explained ? []
            : [.. FeatureEffect.Of(Arms.Units, j, effects, Analysis.Scores).Select(g => new FeatureGain(texts.Of(j, g), g.Predicted, Gain.Of(g.Average, level), (long)g.Average.Units))]))];
    }

    /// <summary>Groups told by conditions, on units that did not choose them; empty where predicted effects do not divide the units.</summary>
    public Segment[] Segments { get; } = SegmentsOf(Arms, Analysis);

    private static Segment[] SegmentsOf(TwoArms arms, EffectAnalysis analysis)
    {
        if (analysis.Validation.Earlier is not { } earlier) return [];
        var chooses = LearnedRule.Chooses(arms);
        int[] choosing = [.. Enumerable.Range(0, arms.Count).Where(i => chooses[i])], judging = [.. Enumerable.Range(0, arms.Count).Where(i => !chooses[i])];
        var segments = Causal.Segments.Of(arms.Units, arms.Units.Predictions(earlier), choosing, judging, analysis.Scores);
        return segments.All(s => s.Conditions.Count == 0) ? [] : segments;
    }

    // what is one category is no other: the rest is not worth saying
    private string Rule(IReadOnlyList<SegmentCondition> conditions, FeatureTexts texts)
    {
        bool IsCategory(SegmentCondition c) => Arms.Units.Columns[c.Column].Kind == ColumnKind.Category;
        bool IsImplied(SegmentCondition c) => IsCategory(c) && !c.Holds && conditions.Any(other => other.Column == c.Column && other.Holds);
        return string.Join(" and ", conditions.Where(c => !IsImplied(c)).Select(texts.Of));
    }

    private SegmentGain Gained(Segment segment, FeatureTexts texts, double level) => new(Rule(segment.Conditions, texts), segment.Share,
        Gain.Of(segment.Effect, level), Gain.Of(segment.Difference, segment.DifferenceError, level), segment.P, (long)segment.Effect.Units);

    private static (ImmutableArray<double> Edges, ImmutableArray<double> Counts) Histogram(double[] effects)
    {
        double low = effects.Min(), high = effects.Max();
        if (!(high > low)) return ([], []);
        var counts = new double[Bins];
        foreach (var e in effects) counts[Math.Min(Bins - 1, (int)((e - low) / (high - low) * Bins))]++;
        return ([.. Enumerable.Range(0, Bins + 1).Select(b => low + (high - low) * b / Bins)], [.. counts]);
    }
}
