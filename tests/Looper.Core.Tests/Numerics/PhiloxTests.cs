using Looper.Core.Numerics;

namespace Looper.Core.Tests.Numerics;

public class PhiloxTests
{
    // Random123 1.14, examples/kat_vectors, philox4x32 10.
    [Theory]
    [InlineData(new uint[] { 0, 0, 0, 0, 0, 0 }, new uint[] { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 })]
    [InlineData(
        new uint[] { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff },
        new uint[] { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd })]
    [InlineData(
        new uint[] { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0 },
        new uint[] { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 })]
    public void Block_equals_the_published_vectors(uint[] counterAndKey, uint[] expected)
    {
        var block = new uint[4];
        Philox.Block(counterAndKey.AsSpan(0, 4), counterAndKey[4], counterAndKey[5], block);
        Assert.Equal(expected, block);
    }

    [Fact]
    public void Streams_of_one_seed_differ_by_purpose_and_by_index()
    {
        ulong First(string purpose, long index) => new Philox(7, purpose, index).NextUInt64();
        Assert.Equal(First("rows", 1), First("rows", 1));
        Assert.Equal(4, new[] { First("rows", 1), First("rows", 2), First("fold", 1), First("rows", 1L << 40) }.Distinct().Count());
    }

    [Fact]
    public void Uniform_and_normal_numbers_have_their_moments()
    {
        var random = new Philox(1);
        var u = Enumerable.Range(0, 100_000).Select(_ => random.Uniform()).ToArray();
        var z = Enumerable.Range(0, 100_000).Select(_ => random.Normal()).ToArray();
        Assert.InRange(u.Average(), 0.5 - 3.3 * 0.2887 / 316.2, 0.5 + 3.3 * 0.2887 / 316.2);
        Assert.InRange(z.Average(), -3.3 / 316.2, 3.3 / 316.2);
        Assert.InRange(z.Average(x => x * x), 1 - 3.3 * 1.4142 / 316.2, 1 + 3.3 * 1.4142 / 316.2);
        Assert.All(u, x => Assert.InRange(x, 0, 1 - 1e-16));
    }

    [Fact]
    public void Whole_numbers_below_a_bound_are_equally_likely()
    {
        var random = new Philox(2);
        var counts = new int[7];
        for (var i = 0; i < 70_000; i++) counts[random.Below(7)]++;
        Assert.True(counts.Sum(c => (c - 10_000.0) * (c - 10_000) / 10_000) < 22.46); // chi-square, 6 degrees of freedom, 0.001
    }

    [Fact]
    public void Shuffling_keeps_every_item_and_changes_the_order()
    {
        var items = Enumerable.Range(0, 1_000).ToArray();
        new Philox(3).Shuffle(items.AsSpan());
        Assert.NotEqual(Enumerable.Range(0, 1_000), items);
        Assert.Equal(Enumerable.Range(0, 1_000), items.Order());
    }

    [Fact]
    public void Poisson_counts_have_their_mean_and_variance()
    {
        var random = new Philox(4);
        var counts = Enumerable.Range(0, 50_000).Select(_ => (double)random.PoissonCount(2.5)).ToArray();
        Assert.InRange(counts.Average(), 2.5 - 0.024, 2.5 + 0.024);
        Assert.InRange(counts.Average(c => (c - 2.5) * (c - 2.5)), 2.4, 2.6);
    }
}
