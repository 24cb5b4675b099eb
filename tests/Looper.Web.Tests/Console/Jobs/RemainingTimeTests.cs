using Looper.Core.Runs;
using Looper.Web.Console.Jobs;

namespace Looper.Web.Tests.Console.Jobs;

public sealed class RemainingTimeTests
{
    private static readonly DateTimeOffset s_start = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private static JobRunView At(double percent, long starts) =>
        new(Guid.Empty, "estimate-effects", null, "", JobState.Running, "", percent, "", null, "ann", s_start, s_start, null, starts);

    [Fact]
    public void A_first_start_goes_on_at_its_pace_once_it_has_moved()
    {
        var remaining = new RemainingTime();
        remaining.See(At(4, 1), s_start.AddMinutes(1));
        Assert.Null(remaining.Of(At(4, 1), s_start.AddMinutes(1)));
        Assert.Equal(TimeSpan.FromMinutes(15), remaining.Of(At(25, 1), s_start.AddMinutes(5)));
    }

    [Fact] // the first start reached 60 % and was lost; the second begins anew after an hour and does 10 % in two minutes
    public void A_second_start_is_judged_by_its_own_pace_alone()
    {
        var (remaining, again) = (new RemainingTime(), s_start.AddHours(1));
        remaining.See(At(60, 1), s_start.AddMinutes(30));
        remaining.See(At(60, 2), again);
        Assert.Null(remaining.Of(At(60, 2), again));
        remaining.See(At(0, 2), again);
        Assert.Null(remaining.Of(At(4, 2), again.AddMinutes(1)));
        Assert.Equal(TimeSpan.FromMinutes(18), remaining.Of(At(10, 2), again.AddMinutes(2)));
    }
}
