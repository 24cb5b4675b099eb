using Looper.Core.Numerics;
using Looper.Core.Statistics;

namespace Looper.Core.Tests.Statistics;

public sealed class HeldOutGainTests(ITestOutputHelper output)
{
    private static readonly HeldOutStretch[] s_two = [new(0, 1), new(2, 3)];

    private sealed class Units(int cells, double shift)
    {
        private readonly Dictionary<int, List<CellSum>> _had = [];

        public CellSums Sums { get; } = new(cells);

        public List<(int Unit, int Cell, double Value)> All { get; } = [];

        public void Add(int unit, int cell, double value)
        {
            All.Add((unit, cell, value));
            if (!_had.TryGetValue(unit, out var had)) _had.Add(unit, had = []);
            Sums.Add([.. had], cell, value - shift);
            var at = had.FindIndex(h => h.Cell == cell);
            if (at < 0) had.Add(new(cell, 1, value - shift));
            else had[at] = had[at] with { Count = had[at].Count + 1, Value = had[at].Value + value - shift };
        }
    }

    /// <summary>Units come back, each with a level of its own, in two stretches between which more are held out: some change sides.</summary>
    private static Units Drawn(Philox random, int units, double effect, double shift)
    {
        var all = new Units(4, shift);
        for (var unit = 0; unit < units; unit++)
        {
            var (place, level) = (random.Uniform(), 3 + (2 * random.Uniform()));
            for (var stretch = 0; stretch < 2; stretch++)
            {
                var isHeldOut = place < (stretch == 0 ? 0.2 : 0.35);
                for (var left = (int)(5 * random.Uniform() * random.Uniform() * 2); left > 0; left--)
                    all.Add(unit, (2 * stretch) + (isHeldOut ? 1 : 0), level + stretch + (2 * random.Uniform()) + (isHeldOut ? 0 : effect));
            }
        }
        return all;
    }

    [Fact]
    public void Agrees_with_the_sum_of_squares_over_units_written_out()
    {
        var units = Drawn(new(3, "gain"), 400, 0.5, 4.7);
        var gain = HeldOutGain.Of(units.Sums, s_two, 4.7, 0.95);
        double[] count = new double[4], sum = new double[4];
        foreach (var (_, cell, value) in units.All) (count[cell], sum[cell]) = (count[cell] + 1, sum[cell] + value);
        double Mean(int cell) => sum[cell] / count[cell];
        var total = (count[0] * (Mean(0) - Mean(1))) + (count[2] * (Mean(2) - Mean(3)));
        Assert.Equal(total, gain.Total.Value, 1e-9 * Math.Abs(total));
        Assert.Equal(((count[0] * Mean(1)) + (count[2] * Mean(3))) / (count[0] + count[2]), gain.Baseline, 1e-10);
        Assert.Equal(total / (gain.Baseline * gain.Decisions), gain.Relative.Value, 1e-10);

        double Weight(int cell) => cell % 2 == 0 ? 1 : -count[cell - 1] / count[cell];
        var influences = units.All.GroupBy(v => v.Unit).Select(u => (
            Decided: u.Where(v => v.Cell % 2 == 0).Sum(v => v.Value - Mean(v.Cell)), Held: u.Where(v => v.Cell % 2 == 1).Sum(v => Weight(v.Cell) * (v.Value - Mean(v.Cell))))).ToList();
        double n = Math.Max(units.Sums.Units(0), units.Sums.Units(2)), m = Math.Max(units.Sums.Units(1), units.Sums.Units(3));
        Assert.Equal(n, Math.Max(units.All.Where(v => v.Cell == 0).Select(v => v.Unit).Distinct().Count(), units.All.Where(v => v.Cell == 2).Select(v => v.Unit).Distinct().Count()));
        var variance = influences.Sum(i => (i.Decided + i.Held) * (i.Decided + i.Held)) + (influences.Sum(i => i.Decided * i.Decided) / (n - 1)) + (influences.Sum(i => i.Held * i.Held) / (m - 1));
        Assert.Equal(Math.Sqrt(variance), gain.Total.StandardError, 1e-8 * Math.Sqrt(variance));
        Assert.Contains(influences, i => i.Decided != 0 && i.Held != 0); // somebody changed sides
    }

    [Fact]
    public void Of_one_stretch_it_is_the_difference_of_two_ratios()
    {
        var units = Drawn(new(4, "gain"), 300, 1, 0);
        var gain = HeldOutGain.Of(units.Sums, [new(0, 1)], 0, 0.95);
        MetricSummary Ratios(int cell)
        {
            var moments = new JointMoments(2);
            foreach (var unit in units.All.Where(v => v.Cell == cell).GroupBy(v => v.Unit)) moments.Add([unit.Sum(v => v.Value), unit.Count()]);
            return Ratio.Of(moments);
        }
        var welch = MeanDifference.Between(Ratios(1), Ratios(0));
        Assert.Equal(welch.Value, gain.PerDecision.Value, 1e-10);
        Assert.Equal(welch.StandardError, gain.PerDecision.StandardError, 1e-10);
        Assert.Equal(welch.DegreesOfFreedom, gain.PerDecision.DegreesOfFreedom, 1e-6);
    }

    [Fact]
    public void Its_intervals_hold_what_is_true_as_often_as_they_say()
    {
        const int Rounds = 2_000;
        int totals = 0, relatives = 0, alone = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var units = Drawn(new(round, "gain-coverage"), 300, 0.5, 0);
            var gain = HeldOutGain.Of(units.Sums, s_two, 0, 0.95);
            var interval = Reading.Fixed(gain.Total, 0.95).Interval;
            double first = units.Sums.Count(0), second = units.Sums.Count(2), truth = 0.5 * (first + second), baseline = (5 * first) + (6 * second); // levels of 4, 1 of noise, 1 more in the second stretch
            if (interval.Low <= truth && truth <= interval.High) totals++;
            if (gain.RelativeLimits.Low <= truth / baseline && truth / baseline <= gain.RelativeLimits.High) relatives++;
            var loners = new Units(4, 0);
            for (var i = 0; i < units.All.Count; i++) loners.Add(i, units.All[i].Cell, units.All[i].Value);
            var narrow = Reading.Fixed(HeldOutGain.Of(loners.Sums, s_two, 0, 0.95).Total, 0.95).Interval;
            if (narrow.Low <= truth && truth <= narrow.High) alone++;
        }
        output.WriteLine($"total {100.0 * totals / Rounds:0.0} %, relative {100.0 * relatives / Rounds:0.0} %, as if every decision were a unit of its own {100.0 * alone / Rounds:0.0} % of {Rounds}");
        Assert.InRange(totals / (double)Rounds, 0.935, 0.965);
        Assert.InRange(relatives / (double)Rounds, 0.935, 0.965);
        Assert.True(alone < 0.93 * Rounds);
    }

    [Fact]
    public void A_side_that_did_not_vary_has_the_spread_of_the_other()
    {
        // who is held out sees nothing and cannot click; of the others, who come twice, a part does
        var (units, random) = (new Units(2, 0), new Philox(8, "gain-alike"));
        for (var unit = 0; unit < 1_000; unit++)
        {
            for (var time = 0; time < 2; time++) units.Add(unit, unit < 200 ? 1 : 0, unit >= 200 && random.Uniform() < 0.3 ? 1 : 0);
        }
        var gain = HeldOutGain.Of(units.Sums, [new(0, 1)], 0, 0.95);
        var rate = units.Sums.Value(0) / units.Sums.Count(0);
        var perUnit = units.All.Where(v => v.Cell == 0).GroupBy(v => v.Unit).Sum(u => Math.Pow(u.Sum(v => v.Value) - (2 * rate), 2)) / 800;
        double own = 800 * perUnit * 800 / 799, lent = 16.0 * 200 * perUnit * 200 / 199; // n/M is 4, squared
        Assert.Equal(1_600 * rate, gain.Total.Value, 1e-9);
        Assert.Equal(Math.Sqrt(own + lent), gain.Total.StandardError, 1e-9);
        Assert.Equal(Cause.BaselineZero, gain.Relative.Why);
    }

    [Fact]
    public void Times_whose_units_are_no_longer_told_apart_have_their_errors_added_up()
    {
        var (units, closed) = (Drawn(new(6, "gain"), 300, 0.5, 0), new CellSums(2));
        var had = new Dictionary<int, CellSum>();
        var all = units.All.Where(v => v.Cell < 2).ToList();
        for (var time = 0; time < 2; time++) // the same units come with the same again
        {
            had.Clear();
            foreach (var (unit, cell, value) in all)
            {
                var before = had.TryGetValue(unit, out var sum) ? sum : new(cell, 0, 0);
                closed.Add(before.Count == 0 ? [] : [before], cell, value);
                had[unit] = new(cell, before.Count + 1, before.Value + value);
            }
            closed.Close();
        }
        var once = new Units(2, 0);
        foreach (var (unit, cell, value) in all) once.Add(unit, cell, value);
        double[] weights = [1, -0.3, -2, 0.7];
        Assert.Equal(4 * once.Sums.Form(weights), closed.Form(weights), 1e-9 * closed.Form(weights)); // (2a)²: what it is, since each unit has the same part in both
        Assert.Equal(2 * once.Sums.Count(0), closed.Count(0));
        var stored = CellSums.Of(closed.Store()).Widened(4);
        Assert.Equal(closed.Form(weights), stored.Form([.. weights, 0, 0, 0, 0]), 1e-9);
        Assert.Equal(once.Sums.Units(0), closed.Units(0)); // at least
        for (var more = 0; more < 40; more++) // many times: the oldest become one, and the bound stays one
        {
            var form = stored.Form([.. weights, 0, 0, 0, 0]);
            stored.Add(once.Sums.Widened(4));
            var open = stored.Form([.. weights, 0, 0, 0, 0]);
            stored.Close();
            Assert.True(stored.Form([.. weights, 0, 0, 0, 0]) >= open * (1 - 1e-12) && open > form);
        }
        Assert.InRange(stored.Store().Products.Length, 2, 33);
        Assert.Equal(42 * 42 * once.Sums.Form(weights), stored.Form([.. weights, 0, 0, 0, 0]), 1e-9 * stored.Form([.. weights, 0, 0, 0, 0])); // and no wider, where all times are alike
        var both = CellSums.Of(closed.Store());
        both.Add(once.Sums);
        Assert.Equal(9 * once.Sums.Form(weights), both.Form(weights), 1e-9 * both.Form(weights));
    }

    [Fact]
    public void Parts_of_the_units_add_up_to_all_of_them()
    {
        var units = Drawn(new(5, "gain"), 200, 1, 0);
        var (even, odd) = (new Units(2, 0), new Units(4, 0));
        foreach (var (unit, cell, value) in units.All.Where(v => v.Cell < 2 && v.Unit % 2 == 0)) even.Add(unit, cell, value);
        foreach (var (unit, cell, value) in units.All.Where(v => v.Cell < 2 && v.Unit % 2 == 1)) odd.Add(unit, cell, value);
        var together = even.Sums.Widened(4);
        together.Add(odd.Sums);
        HeldOutStretch[] one = [new(0, 1)];
        var (whole, parts) = (HeldOutGain.Of(units.Sums, one, 0, 0.95), HeldOutGain.Of(together, one, 0, 0.95));
        Assert.Equal(whole.Total.Value, parts.Total.Value, 1e-9);
        Assert.Equal(whole.Total.StandardError, parts.Total.StandardError, 1e-9);
        Assert.Equal((whole.Total.Units, whole.Decisions), (parts.Total.Units, parts.Decisions));
    }

    [Fact]
    public void What_cannot_be_told_is_undefined_and_says_why()
    {
        Cause Why(params (int Unit, int Cell, double Value)[] values)
        {
            var units = new Units(2, 0);
            foreach (var (unit, cell, value) in values) units.Add(unit, cell, value);
            var gain = HeldOutGain.Of(units.Sums, [new(0, 1)], 0, 0.95);
            Assert.True(gain.Total.IsDefined || double.IsNaN(gain.Total.Value));
            return gain.Total.Why;
        }
        Assert.Equal(Cause.EmptyArm, Why((1, 0, 1)));
        Assert.Equal(Cause.TooFewUnits, Why((1, 0, 1), (2, 0, 2), (3, 1, 1)));
        Assert.Equal(Cause.ZeroVariance, Why((1, 0, 1), (2, 0, 1), (3, 1, 0), (4, 1, 0)));
        Assert.Equal(Cause.None, Why((1, 0, 1), (2, 0, 2), (3, 1, 0), (4, 1, 0))); // what did not vary is given the other's spread
        Assert.Equal(Cause.None, Why((1, 0, 1), (2, 0, 2), (3, 1, 0), (4, 1, 1)));
        Assert.Equal(Cause.EmptyArm, HeldOutGain.Of(new(2), [], 0, 0.95).Total.Why);
        var near = new Units(2, 0);
        foreach (var (unit, value) in new[] { (1, -1.0), (2, 1.1), (3, -2.0), (4, 2.0) }) near.Add(unit, unit < 3 ? 1 : 0, value);
        var gain = HeldOutGain.Of(near.Sums, [new(0, 1)], 0, 0.95);
        Assert.True(gain.Total.IsDefined);
        Assert.Equal((Cause.UnstableRatio, true), (gain.Relative.Why, double.IsNaN(gain.RelativeLimits.Low)));
    }
}
