using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Experiments;
using Looper.Core.Numerics;
using Looper.Core.Serving;
using Looper.Core.Statistics;
using Looper.Testing;

namespace Looper.Core.Tests.Experiments;

public class SegmentTests
{
    private static readonly Outcome Purchase = new("purchase", OutcomeKind.Boolean);
    private static readonly Dictionary<int, ImmutableArray<Feature>> Features = new()
    {
        [1] = [new("country", FeatureKind.Category), new("visits", FeatureKind.Number), new("member", FeatureKind.Boolean), new("email", FeatureKind.Category) { IsPersonal = true }],
        [2] = [new("visits", FeatureKind.Number), new("country", FeatureKind.Category)],
    };

    [Fact]
    public void An_effect_of_one_segment_is_found_there_and_the_features_say_which()
    {
        var report = Report(20_000, (arm, country, _, random) => random.Uniform() < 0.2 + (arm == 1 && country == "NL" ? 0.08 : 0));
        var country = report.Segments.Single(s => s.Feature == "country");
        Assert.Equal(EffectVerdict.Good, country.Segments.Single(s => s.Segment == "NL").Verdict);
        Assert.All(country.Segments.Where(s => s.Segment != "NL"), s => Assert.NotEqual(EffectVerdict.Good, s.Verdict));
        Assert.True(country.AdjustedDifferP < 0.001);
        Assert.True(report.Segments.Single(s => s.Feature == "member").AdjustedDifferP > 0.05);
        Assert.Equal(["country", "visits", "member"], report.Segments.Select(s => s.Feature)); // the personal one makes none
    }

    [Fact] // 300 A/A experiments with 9 segments each: any segment called different in at most 5 %
    public void Looking_at_many_segments_finds_nothing_where_nothing_is()
    {
        int runs = Sizes.IsLong ? 2_000 : 150, found = 0, differ = 0;
        for (var run = 0; run < runs; run++)
        {
            var report = Report(4_000, (_, _, _, random) => random.Uniform() < 0.2, run, ReadingKind.Fixed);
            if (report.Segments.Any(s => s.Segments.Any(e => e.Verdict is EffectVerdict.Good or EffectVerdict.Bad))) found++;
            if (report.Segments.Any(s => s.AdjustedDifferP < 0.05)) differ++;
        }

        var limit = 0.05 + 3.3 * Math.Sqrt(0.05 * 0.95 / runs);
        Assert.True(found / (double)runs <= limit, $"a segment in {found} of {runs}");
        Assert.True(differ / (double)runs <= limit, $"a feature in {differ} of {runs}");
    }

    [Theory] // fifteen yes an arm: enough for one look, too few for a reading of any day
    [InlineData(ReadingKind.Sequential, 20)]
    [InlineData(ReadingKind.Fixed, null)]
    public void A_segment_needs_as_many_answers_as_the_whole_does(ReadingKind reading, int? need)
    {
        var units = Enumerable.Range(0, 400).Select(i => Exposed.Unit(i % 2, [i < 30 ? 1 : 0], Row(("t", "NL"), ("n", 3.0), ("b", true))));
        var plan = Exposed.Plan(("control", 0.5), ("treatment", 0.5)) with { Reading = reading, PlannedDays = 9 };
        var report = Exposed.Report(Exposed.Settings(plan, "purchase"), Exposed.Blueprint(Purchase), units, features: Features);
        Assert.Equal(need, (int?)report.Metrics[0].Comparisons[0].Shortage?.Need);
        Assert.Equal(need, (int?)report.Segments.Single(s => s.Feature == "country").Segments.Single().Shortage?.Need);
    }

    [Theory, InlineData(ReadingKind.Sequential), InlineData(ReadingKind.Fixed)]
    public void The_interval_of_a_segment_that_is_found_leaves_zero_out(ReadingKind reading)
    {
        var found = 0;
        for (var run = 0; run < 20; run++)
        {
            var report = Report(6_000, (arm, country, _, random) => random.Uniform() < 0.2 + (arm == 1 && country == "NL" ? 0.07 + 0.002 * run : 0), run, reading);
            foreach (var segment in report.Segments.SelectMany(s => s.Segments).Where(s => s.Verdict is EffectVerdict.Good or EffectVerdict.Bad))
            {
                found++;
                Assert.True(segment.Low > 0 || segment.High < 0, $"[{segment.Low}, {segment.High}] at p {segment.P}, {segment.AdjustedP}");
            }
        }

        Assert.True(found > 3, $"{found}");
    }

    [Fact]
    public void Rows_of_an_earlier_version_are_read_by_that_version()
    {
        var random = new Philox(92);
        var units = Enumerable.Range(0, 3_000).Select(i => i % 3 == 0
            ? Exposed.Unit(i % 2, [i % 5 == 0 ? 1 : 0], Row(("n", 3.0), ("t", "NL")), version: 2)
            : Exposed.Unit(i % 2, [i % 5 == 0 ? 1 : 0], Row(("t", "NL"), ("n", 3.0), ("b", true), ("t", "x@y"))));
        var report = Exposed.Report(Exposed.Settings(Exposed.Plan(("control", 0.5), ("treatment", 0.5)), "purchase"), Exposed.Blueprint(Purchase), units, features: Features);
        Assert.Equal(["NL"], report.Segments.Single(s => s.Feature == "country").Segments.Select(s => s.Segment));
        Assert.Equal(["missing", "yes"], report.Segments.Single(s => s.Feature == "member").Segments.Select(s => s.Segment));
    }

    [Fact]
    public void Units_lost_in_one_segment_are_named_there()
    {
        var random = new Philox(93);
        var units = Enumerable.Range(0, 20_000).Select(i => (Arm: i % 2, Country: i % 3 == 0 ? "DE" : "NL", Lost: random.Uniform() < 0.15))
            .Where(u => !(u is { Arm: 1, Country: "DE" } && u.Lost))
            .Select(u => Exposed.Unit(u.Arm, [random.Uniform() < 0.2 ? 1 : 0], Row(("t", u.Country), ("n", 1.0), ("b", true))));
        var segments = Exposed.Report(Exposed.Settings(Exposed.Plan(("control", 0.5), ("treatment", 0.5)), "purchase"), Exposed.Blueprint(Purchase), units, features: Features)
            .Segments.Single(s => s.Feature == "country").Segments;
        Assert.True(segments.Single(s => s.Segment == "DE").SampleRatioP < 0.001);
        Assert.True(segments.Single(s => s.Segment == "NL").SampleRatioP > 0.01);
    }

    [Theory] // 560 to 440: beyond chance at one look, not at every day's
    [InlineData(ExperimentState.Running, false), InlineData(ExperimentState.Stopped, true)]
    public void The_shares_of_a_segment_are_judged_as_those_of_the_whole_are(ExperimentState state, bool expected)
    {
        var units = Enumerable.Range(0, 2_000).Select(i => Exposed.Unit(i % 2, [i % 3 == 0 ? 1 : 0], Row(("t", i / 2 < (i % 2 == 0 ? 560 : 440) ? "DE" : "NL"), ("n", 1.0), ("b", true))));
        var segments = Exposed.Report(Exposed.Settings(Exposed.Plan(("control", 0.5), ("treatment", 0.5)), "purchase", state), Exposed.Blueprint(Purchase), units, features: Features)
            .Segments.Single(s => s.Feature == "country").Segments;
        Assert.Equal(expected, segments.Any(s => s.SampleRatioP < 0.001));
    }

    [Theory] // of ten million units p is below 0.001 from a gap of 0.05 points on, which is too small to matter
    [InlineData(0.0008, false), InlineData(0.0012, true)]
    public void Shares_that_miss_by_less_than_matters_are_not_broken(double gap, bool expected)
    {
        double[] units = [1e7 * (0.5 + gap), 1e7 * (0.5 - gap)];
        Moments[] arms = [.. units.Select(n => new Moments(n, 0.2, n * 0.16, double.NaN))];
        var sums = new MetricSums(new(Purchase, MetricKind.Conversion, MetricRole.Goal, ""), [.. arms.Select(m => new ArmSums(m, new(1), 0, 0, 0))], double.NaN, new(2, 1, false)) { Segments = [[new Moments[2], arms]] };
        var settings = Exposed.Settings(Exposed.Plan(("control", 0.5), ("treatment", 0.5)), "purchase", ExperimentState.Stopped);
        var segment = SegmentEffects.Of(settings, [new("country", ["missing", "NL"])], [sums]).Single().Segments.Single();
        Assert.True(segment.SampleRatioP < 0.001);
        Assert.Equal(expected, segment.IsSampleRatioBroken);
    }

    [Fact]
    public void Few_units_in_a_segment_are_a_sentence_and_no_number()
    {
        var report = Report(400, (_, _, _, random) => random.Uniform() < 0.5);
        Assert.All(report.Segments.SelectMany(s => s.Segments).Where(s => s.Shortage is not null), s => Assert.True(double.IsNaN(s.Estimate) && double.IsNaN(s.Low) && double.IsNaN(s.P)));
        Assert.Contains(report.Segments.SelectMany(s => s.Segments), s => s.Shortage is not null);
    }

    [Fact] // two-pass and without the kernels: visit by quartile of last year's spending, both e-mails against none
    public void Effects_by_history_of_real_customers_equal_an_independent_computation()
    {
        Assert.SkipUnless(SharedData.IsHere, SharedData.Absent);
        var rows = Hillstrom.Read();
        var plan = Exposed.Plan([.. Hillstrom.Arms.Select(a => (a, 1.0 / 3))]) with { Reading = ReadingKind.Fixed, PlannedDays = 9 };
        var report = Exposed.Report(
            Exposed.Settings(plan, "visit", ExperimentState.Stopped), Exposed.Blueprint(new Outcome("visit", OutcomeKind.Boolean)),
            rows.Select(r => Exposed.Unit(r.Arm, [r.Visit], Exposed.Served(r.History))), features: new() { [1] = [new("history", FeatureKind.Number)] });
        double[] pilot = [.. rows.Take(5_000).Select(r => r.History).Order()];
        double[] cuts = [.. new[] { 0.25, 0.5, 0.75 }.Select(q => (Position: q * 4_999, Low: (int)(q * 4_999))).Select(q => pilot[q.Low] + (q.Position - q.Low) * (pilot[q.Low + 1] - pilot[q.Low]))];
        for (var arm = 1; arm <= 2; arm++)
            for (var quarter = 0; quarter < 4; quarter++)
            {
                double low = quarter == 0 ? double.NegativeInfinity : cuts[quarter - 1], high = quarter == 3 ? double.PositiveInfinity : cuts[quarter];
                double[] a = [.. rows.Where(r => r.Arm == 0 && r.History >= low && r.History < high).Select(r => r.Visit)];
                double[] b = [.. rows.Where(r => r.Arm == arm && r.History >= low && r.History < high).Select(r => r.Visit)];
                double pa = a.Average(), pb = b.Average(), se = Math.Sqrt(pa * (1 - pa) / a.Length + pb * (1 - pb) / b.Length);
                var segment = report.Segments.Single(s => s.Arm == Hillstrom.Arms[arm]).Segments[quarter];
                Assert.Equal((a.Length, b.Length), ((int)segment.BaselineUnits, (int)segment.ArmUnits));
                Assert.Equal(pb - pa, segment.Estimate, Math.Abs(pb - pa) * 1e-9);
                Assert.Equal(se, segment.StandardError, se * 1e-9);
            }
    }

    [Fact]
    public void A_category_of_the_name_of_the_rest_is_told_apart_from_it()
    {
        string[] levels = ["other", "all others", "missing", .. Enumerable.Range(0, 10).Select(i => $"level-{i}")]; // one more than have a segment of their own
        var units = Enumerable.Range(0, 2_000).Select(i => Exposed.Unit(i % 2, [i % 3 == 0 ? 1 : 0], Row(("t", levels[i / 2 % 13 == 12 && i % 4 < 2 ? 0 : i / 2 % 13]), ("n", 1.0), ("b", true), ("t", "x"))));
        var report = Exposed.Report(Exposed.Settings(Exposed.Plan(("control", 0.5), ("treatment", 0.5)), "purchase"), Exposed.Blueprint(Purchase), units, features: Features);
        string[] segments = [.. report.Segments.Single(s => s.Feature == "country").Segments.Select(s => s.Segment)];
        Assert.Equal(segments.Length, segments.Distinct().Count());
        Assert.Contains("(all others)", segments);
    }

    private static ReportContent Report(int n, Func<int, string, double, Philox, bool> buys, int seed = 91, ReadingKind reading = ReadingKind.Sequential)
    {
        var random = new Philox(seed, "segments");
        var units = Enumerable.Range(0, n).Select(i =>
        {
            int arm = random.Below(2);
            var country = random.Uniform() switch { < 0.4 => "NL", < 0.8 => "DE", _ => "BE" };
            var visits = 10 * random.Uniform();
            return Exposed.Unit(arm, [buys(arm, country, visits, random) ? 1 : 0], Row(("t", country), ("n", visits), ("b", random.Below(2) == 1), ("t", $"{i}@example.org")));
        });
        var plan = Exposed.Plan(("control", 0.5), ("treatment", 0.5)) with { Reading = reading, PlannedDays = 9 };
        return Exposed.Report(Exposed.Settings(plan, "purchase"), Exposed.Blueprint(Purchase), units, features: Features);
    }

    private static byte[] Row(params (string Kind, object Value)[] values)
    {
        var row = new byte[256];
        var at = 0;
        foreach (var (_, value) in values)
        {
            at += value switch
            {
                double number => ServedRow.WriteNumber(row.AsSpan(at), number),
                bool yes => ServedRow.WriteBoolean(row.AsSpan(at), yes),
                _ => ServedRow.WriteText(row.AsSpan(at), System.Text.Encoding.UTF8.GetBytes((string)value)),
            };
        }

        return row[..at];
    }
}
