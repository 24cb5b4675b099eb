using Looper.Core.Models;

namespace Looper.Core.Tests.Models;

public sealed class TimeSplitTests
{
    [Fact]
    public void The_newest_fifth_judges_and_the_validation_slice_lies_between()
    {
        var split = TimeSplit.Of(Ticks(10_000), TimeSpan.Zero);
        Assert.Equal((6_800, 6_800, 8_000, 8_000), (split.Train, split.ValidationFrom, split.ValidationUntil, split.NewestFrom));
    }

    [Theory, InlineData(1_000, 800), InlineData(600, 400), InlineData(300, 200)]
    public void Small_data_keeps_two_hundred_rows_to_judge_but_never_more_than_a_third(int rows, int newestFrom) =>
        Assert.Equal(newestFrom, TimeSplit.Of(Ticks(rows), TimeSpan.Zero).NewestFrom);

    [Fact]
    public void Rows_whose_outcome_was_not_known_when_the_next_slice_began_are_left_out()
    {
        var split = TimeSplit.Of(Ticks(10_000), TimeSpan.FromMinutes(100));
        Assert.Equal(7_901, split.ValidationUntil); // the row exactly a window before is known
        Assert.Equal(99, split.ValidationFrom - split.Train);
    }

    [Fact]
    public void A_window_longer_than_the_data_leaves_a_twentieth_out_and_no_more()
    {
        var split = TimeSplit.Of(Ticks(10_000), TimeSpan.FromDays(180));
        Assert.InRange(8_000 - split.ValidationUntil, 499, 500);
        Assert.True(split.Train > 5_000);
    }

    [Fact] // 2,000 imported a year before 30 days of 1,000 a day: the range is long, so a share of it is no bound
    public void A_few_old_rows_do_not_take_the_recent_ones_away()
    {
        long[] live = [.. Enumerable.Range(0, 30_000).Select(i => 365 * TimeSpan.TicksPerDay + i * TimeSpan.TicksPerDay / 1_000)];
        var split = TimeSplit.Of([.. Enumerable.Range(0, 2_000).Select(i => i * TimeSpan.TicksPerMinute), .. live], TimeSpan.FromDays(14));
        Assert.True(split.Train > split.NewestFrom / 2, $"{split}");
        Assert.InRange(split.NewestFrom - split.ValidationUntil, 1, 1_600);
    }

    [Fact]
    public void Rows_of_one_moment_can_be_told_apart_by_their_place_alone()
    {
        var split = TimeSplit.Of([.. Enumerable.Repeat(0L, 8_000), .. Ticks(2_000).Select(t => t + 10 * TimeSpan.TicksPerDay)], TimeSpan.FromDays(1));
        Assert.Equal((6_800, 6_800, 8_000), (split.Train, split.ValidationFrom, split.NewestFrom));
    }

    private static long[] Ticks(int rows) => [.. Enumerable.Range(0, rows).Select(i => i * TimeSpan.TicksPerMinute)];
}
