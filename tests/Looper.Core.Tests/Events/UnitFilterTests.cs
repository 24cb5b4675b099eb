using Looper.Core.Events.Records;
using Looper.Core.Events.Sqlite;

namespace Looper.Core.Tests.Events;

public class UnitFilterTests
{
    [Fact]
    public void It_never_denies_a_unit_of_the_last_half_million_and_seldom_takes_one_for_another()
    {
        var filter = new UnitFilter();
        const int added = (2 * UnitFilter.Half) + 1_000;
        for (var i = 0; i < added; i++) filter.Add(UnitHash.Of($"user-{i}"));
        for (var i = added - UnitFilter.Half; i < added; i++) Assert.True(filter.MayHold(UnitHash.Of($"user-{i}")));
        var wrong = Enumerable.Range(0, 20_000).Count(i => filter.MayHold(UnitHash.Of($"other-{i}")));
        Assert.InRange(wrong, 1, 60); // 0.1 % of each filter that is full
    }

    [Fact]
    public void What_is_two_halves_old_is_forgotten()
    {
        var filter = new UnitFilter();
        for (var i = 0; i < 3 * UnitFilter.Half; i++) filter.Add(UnitHash.Of($"user-{i}"));
        Assert.InRange(Enumerable.Range(0, 1_000).Count(i => filter.MayHold(UnitHash.Of($"user-{i}"))), 0, 20);
    }
}
