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

    private static long[] Ticks(int rows) => [.. Enumerable.Range(0, rows).Select(i => i * TimeSpan.TicksPerMinute)];
}
