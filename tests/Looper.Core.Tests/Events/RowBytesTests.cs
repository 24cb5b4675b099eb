using Looper.Core.Events.Shipping;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Events;

public sealed class RowBytesTests
{
    [Fact]
    public void Every_value_stays_as_it_was_kept_until_all_are_cleared()
    {
        var (bytes, draw) = (new RowBytes(), new Philox(3));
        foreach (var _ in Enumerable.Range(0, 3)) // the arrays of before are used again
        {
            var kept = Enumerable.Range(0, 3_000).Select(i =>
            {
                var value = new byte[i % 500 == 0 ? 64 * 1024 + draw.Below(9) : draw.Below(300)]; // some fill an array to its end, or are longer than one
                for (var b = 0; b < value.Length; b++) value[b] = (byte)draw.Below(256);
                return (Value: value, Kept: bytes.Keep(value));
            }).ToList();
            Assert.All(kept, k => Assert.True(k.Value.AsSpan().SequenceEqual(k.Kept.Span)));
            bytes.Clear();
        }
    }
}
