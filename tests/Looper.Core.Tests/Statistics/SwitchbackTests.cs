using Looper.Core.Numerics;
using Looper.Core.Statistics;
using Looper.Testing;
using MathNet.Numerics.LinearAlgebra;

namespace Looper.Core.Tests.Statistics;

public class SwitchbackTests
{
    [Fact] // the same regression with dummy columns and matrices
    public void Estimate_equals_weighted_least_squares_with_region_and_slot_effects()
    {
        var blocks = World(new Philox(61), weeks: 2, carry: 0).Whole;
        var effect = Switchback.Between(blocks);
        var width = 1 + 3 + 6; // arm, 3 regions, 7 slots less one
        Matrix<double> x = Matrix<double>.Build.Dense(blocks.Length, width), y = Matrix<double>.Build.Dense(blocks.Length, 1);
        for (var i = 0; i < blocks.Length; i++)
        {
            var root = Math.Sqrt(blocks[i].Units);
            x[i, 0] = blocks[i].Treated ? root : 0;
            x[i, 1 + blocks[i].Region] = root;
            if (blocks[i].Slot > 0) x[i, 3 + blocks[i].Slot] = root;
            y[i, 0] = root * blocks[i].Sum / blocks[i].Units;
        }

        Assert.Equal((x.Transpose() * x).Inverse().Multiply(x.Transpose() * y)[0, 0], effect.Value, 1e-9);
        Assert.Equal(blocks.Length - width, effect.DegreesOfFreedom);
    }

    [Fact]
    public void Interval_covers_with_strong_regions_and_days()
    {
        int runs = Sizes.IsLong ? 5_000 : 500, covered = 0;
        for (var run = 0; run < runs; run++)
        {
            var effect = Switchback.Between(World(new Philox(62, "world", run), weeks: 4, carry: 0).Whole);
            if (Reading.Fixed(effect, 0.95).Interval.Contains(0.5)) covered++;
        }

        Draw.InBand(0.95, runs, covered / (double)runs);
    }

    [Fact]
    public void Carry_over_is_found_where_it_is_and_not_where_it_is_not()
    {
        int found = 0, alarms = 0;
        for (var run = 0; run < 200; run++)
        {
            var (_, first, second) = World(new Philox(63, "carry", run), weeks: 4, carry: 0.4);
            if (Reading.Fixed(Switchback.CarryOver(first, second), 0.95).P < 0.05) found++;
            (_, first, second) = World(new Philox(64, "none", run), weeks: 4, carry: 0);
            if (Reading.Fixed(Switchback.CarryOver(first, second), 0.95).P < 0.05) alarms++;
        }

        Assert.True(found > 190, $"found {found} of 200");
        Assert.True(alarms / 200.0 <= Draw.Band(0.05, 200).High, $"{alarms} alarms of 200");
    }

    [Fact]
    public void Undefined_where_the_slot_decides_the_arm_or_nothing_was_switched()
    {
        TimeBlock[] decided = [.. Enumerable.Range(0, 20).Select(i => new TimeBlock(i % 2, i / 2 % 2, i / 2 % 2 == 0, 10, i))];
        Assert.Equal(Cause.Singular, Switchback.Between(decided).Why);
        TimeBlock[] constant = [.. Enumerable.Range(0, 20).Select(i => new TimeBlock(0, i % 2, true, 10, i))];
        Assert.Equal(Cause.EmptyArm, Switchback.Between(constant).Why);
        TimeBlock[] few = [new(0, 0, true, 1, 1), new(1, 1, false, 1, 2), new(2, 0, false, 1, 2)];
        Assert.Equal(Cause.TooFewUnits, Switchback.Between(few).Why);
    }

    // Three regions, seven days of the week; the arm alternates balanced inside each region and day. Half of a spill-over falls in the first half.
    private static (TimeBlock[] Whole, TimeBlock[] First, TimeBlock[] Second) World(Philox random, int weeks, double carry)
    {
        List<TimeBlock> whole = [], first = [], second = [];
        var flips = new bool[3 * 7];
        for (var i = 0; i < flips.Length; i++) flips[i] = random.Uniform() < 0.5;
        for (var week = 0; week < weeks; week++)
            for (var region = 0; region < 3; region++)
                for (var day = 0; day < 7; day++)
                {
                    var treated = (week % 2 == 0) == flips[region * 7 + day];
                    var level = 3 * region + Math.Sin(day) + (treated ? 0.5 : 0) + 0.2 * random.Normal();
                    var size = 50 + random.Below(100);
                    double early = 0, late = 0;
                    for (var i = 0; i < size; i++) early += level - (treated ? carry : 0) + random.Normal();
                    for (var i = 0; i < size; i++) late += level + random.Normal();
                    whole.Add(new(region, day, treated, 2 * size, early + late));
                    first.Add(new(region, day, treated, size, early));
                    second.Add(new(region, day, treated, size, late));
                }

        return ([.. whole], [.. first], [.. second]);
    }
}
