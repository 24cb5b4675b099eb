using Looper.Core.Events.Shipping;

namespace Looper.Core.Tests.Events;

public class BatchSizeTests
{
    [Fact]
    public void Failures_make_it_small_and_what_comes_through_makes_it_whole_again()
    {
        var size = new BatchSize(40_000);
        Assert.Equal(40_000, size.Rows);
        size.Failed();
        Assert.Equal(10_000, size.Rows);
        for (var i = 0; i < 10; i++) size.Failed();
        Assert.Equal(100, size.Rows);
        size.Sent();
        Assert.Equal(200, size.Rows);
        for (var i = 0; i < 10; i++) size.Sent();
        Assert.Equal(40_000, size.Rows);
    }

    [Fact]
    public void It_is_never_more_than_it_may_be()
    {
        var size = new BatchSize(60);
        size.Failed();
        Assert.Equal(60, size.Rows);
        size.Sent();
        Assert.Equal(60, size.Rows);
    }
}
