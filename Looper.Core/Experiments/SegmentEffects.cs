using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>From moments per segment to effects that say how many segments were looked at.</summary>
internal static class SegmentEffects
{
    public static ImmutableArray<SegmentFigures> Of(ReportSettings settings, ImmutableArray<SegmentedFeature> features, IReadOnlyList<MetricSums> metrics)
    {
        if (features.IsEmpty || metrics.Count == 0) return [];
        var shares = Shares(settings, features, metrics);
        return [.. metrics.SelectMany(m => Enumerable.Range(1, settings.Plan.Arms.Length - 1).SelectMany(arm => OfArm(settings, features, m.Outcome, m.Segments, arm, shares)))];
    }

    private static IEnumerable<SegmentFigures> OfArm(
        ReportSettings settings, ImmutableArray<SegmentedFeature> features, Outcome outcome, Moments[][][] segments, int arm, (double P, double Gap)[][] shares)
    {
        var rows = new List<Row>();
        var total = segments[0].Sum(s => s.Sum(m => m.Count));
        for (var feature = 0; feature < features.Length; feature++)
        {
            var names = features[feature].Segments;
            for (var segment = 0; segment < names.Length; segment++)
            {
                var moments = segments[feature][segment];
                if (moments.Sum(m => m.Count) > 0) rows.Add(Row.Of(settings, outcome, moments, arm, feature, segment, total));
            }
        }

        var adjusted = MultipleComparisons.BenjaminiHochberg([.. rows.Select(r => r.Reading.P)]);
        double[] differ = [.. Enumerable.Range(0, features.Length).Select(f => Heterogeneity.P([.. rows.Where(r => r.Feature == f && r.Shortage is null).Select(r => r.Effect)]))];
        var differAdjusted = MultipleComparisons.BenjaminiHochberg(differ);
        double alpha = 1 - settings.Plan.Level, tested = adjusted.Count(p => !double.IsNaN(p)), found = adjusted.Count(p => p < alpha);
        return Enumerable.Range(0, features.Length).Select(feature => new SegmentFigures
        {
            Feature = features[feature].Name,
            Outcome = outcome.Name,
            Arm = settings.Plan.Arms[arm].Key,
            DifferP = differ[feature],
            AdjustedDifferP = differAdjusted[feature],
            Segments = [.. rows.Select((row, i) => (Row: row, P: adjusted[i])).Where(r => r.Row.Feature == feature).Select(r =>
                r.Row.Figures(settings, outcome, features[feature].Segments[r.Row.Segment], r.P, 1 - alpha * found / tested, shares[feature][r.Row.Segment]))],
        });
    }

    // Of the primary outcome's units, whose windows are closed: the same test as over all units, corrected over all segments.
    private static (double P, double Gap)[][] Shares(ReportSettings settings, ImmutableArray<SegmentedFeature> features, IReadOnlyList<MetricSums> metrics)
    {
        double[] weights = [.. settings.Plan.Arms.Select(a => a.Weight)];
        var segments = metrics.FirstOrDefault(m => m.Outcome.Name == settings.PrimaryOutcome, metrics[0]).Segments;
        var raw = new List<(double P, double Gap)>();
        for (var feature = 0; feature < features.Length; feature++)
        {
            foreach (var segment in segments[feature])
            {
                double[] units = [.. segment.Select(m => m.Count)];
                raw.Add(units.Sum() < Needs.ForSampleRatio ? (double.NaN, double.NaN)
                    : (settings.State == ExperimentState.Running ? SampleRatio.AlwaysValidP(units, weights) : SampleRatio.P(units, weights), SampleRatio.LargestGap(units, weights)));
            }
        }

        var adjusted = MultipleComparisons.BenjaminiHochberg([.. raw.Select(s => s.P)]);
        var next = 0;
        return [.. segments.Select(f => f.Select(_ => (adjusted[next], raw[next++].Gap)).ToArray())];
    }

    private sealed record Row(int Feature, int Segment, Moments Control, Moments Treatment, Effect Effect, double Lift, Reading Reading, double Planned, Shortage? Shortage)
    {
        public static Row Of(ReportSettings settings, Outcome outcome, Moments[] moments, int arm, int feature, int segment, double total)
        {
            Moments a = moments[0], b = moments[arm];
            MetricSummary control = Summary(outcome, a), treatment = Summary(outcome, b);
            var effect = MeanDifference.Between(control, treatment);
            var planned = Math.Max(1_000, Readings.Planned(settings, arm) * moments.Sum(m => m.Count) / total);
            var shortage = Short(settings, outcome, arm, a, b);
            var reading = shortage is not null || !effect.IsDefined ? Statistics.Reading.Undefined("none") : Read(settings, outcome, effect, planned, settings.Plan.Level);
            return new(feature, segment, a, b, effect, RelativeLift.Between(control, treatment).Value, reading, planned, shortage);
        }

        public SegmentEffect Figures(ReportSettings settings, Outcome outcome, string name, double adjustedP, double selectedLevel, (double P, double Gap) shares)
        {
            var figures = new SegmentEffect
            {
                Segment = name,
                BaselineUnits = (long)Control.Count,
                ArmUnits = (long)Treatment.Count,
                Verdict = EffectVerdict.NotEnoughData,
                Shortage = Shortage,
                SampleRatioP = shares.P,
                SampleRatioGap = shares.Gap,
            };
            if (Shortage is not null || !Effect.IsDefined) return figures;
            var found = adjustedP < 1 - settings.Plan.Level;
            var interval = found ? Read(settings, outcome, Effect, Planned, selectedLevel).Interval : Reading.Interval;
            return figures with
            {
                Baseline = Control.Mean,
                Estimate = Effect.Value,
                StandardError = Effect.StandardError,
                Low = interval.Low,
                High = interval.High,
                Relative = Lift,
                P = Reading.P,
                AdjustedP = adjustedP,
                Verdict = !found ? EffectVerdict.Unsure : Effect.Value > 0 == (outcome.Better == Direction.Higher) ? EffectVerdict.Good : EffectVerdict.Bad,
            };
        }

        // Segments have no Bayesian reading of their own: with many of them the prior would have to be learned from them first.
        private static Reading Read(ReportSettings settings, Outcome outcome, Effect effect, double planned, double level) =>
            PlannedEnd.Decides(settings, outcome.Window) == ReadingKind.Sequential ? ConfidenceSequence.Read(effect, planned, level, tunedFor: settings.Plan.Level) : Statistics.Reading.Fixed(effect, level);

        private static MetricSummary Summary(Outcome outcome, Moments moments) =>
            outcome.Kind == OutcomeKind.Boolean && MetricSums.IsYesNo(moments) ? MetricSummary.OfConversion(moments) : MetricSummary.OfMean(moments);

        private static Shortage? Short(ReportSettings settings, Outcome outcome, int arm, Moments a, Moments b)
        {
            var (least, key) = a.Count <= b.Count ? (a, settings.Plan.Arms[0].Key) : (b, settings.Plan.Arms[arm].Key);
            if (least.Count < Needs.ForEffects) return new((long)least.Count, Needs.ForEffects, $"units in {key}");
            if (outcome.Kind != OutcomeKind.Boolean) return null;
            var rarer = Math.Min(Math.Min(a.Sum, a.Count - a.Sum), Math.Min(b.Sum, b.Count - b.Sum));
            var need = Needs.AnswersOfEach(settings, outcome.Window);
            return rarer < need ? new((long)rarer, need, $"units of the rarer answer to {outcome.Name}") : null;
        }
    }
}
