namespace Looper.Core.Numerics;

/// <summary>A reproducible stream of pseudo-random numbers: the same seed, purpose and index give the same numbers on every machine.</summary>
/// <remarks>Philox4x32-10, Salmon, Moraes, Dror &amp; Shaw 2011 (SC'11, "Parallel random numbers: as easy as 1, 2, 3"). The key is the seed; the
/// counter is (block, purpose, index), so every fold, tree, replicate and permutation owns a stream and thread scheduling changes nothing.
/// 2³⁴ words a stream. Not thread safe: one stream per thread. Not for secrets.</remarks>
public sealed class Philox
{
    private const uint M0 = 0xD2511F53, M1 = 0xCD9E8D57, W0 = 0x9E3779B9, W1 = 0xBB67AE85;
    private readonly uint _key0, _key1, _purpose, _index0, _index1;
    private readonly uint[] _words = new uint[4];
    private uint _block;
    private int _next = 4;

    /// <param name="seed">Any value; stored with every result that used it.</param>
    /// <param name="purpose">What the numbers are for, in the caller's words ("rows", "fold"): streams of one seed never overlap by accident.</param>
    /// <param name="index">Which of the streams of this purpose: the tree, fold, replicate…</param>
    public Philox(long seed, string purpose = "", long index = 0)
    {
        (_key0, _key1) = ((uint)seed, (uint)(seed >> 32));
        (_index0, _index1) = ((uint)index, (uint)(index >> 32));
        _purpose = 2166136261; // FNV-1a
        foreach (var c in purpose) _purpose = (_purpose ^ c) * 16777619;
    }

    /// <summary>One block of the generator: four words that depend on the counter and the key alone.</summary>
    /// <param name="counter">Four words, not changed.</param>
    /// <param name="key0">Low word of the key.</param>
    /// <param name="key1">High word of the key.</param>
    /// <param name="block">Receives four words.</param>
    public static void Block(ReadOnlySpan<uint> counter, uint key0, uint key1, Span<uint> block)
    {
        uint c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
        for (var round = 0; round < 10; round++)
        {
            ulong p0 = (ulong)M0 * c0, p1 = (ulong)M1 * c2;
            (c0, c1, c2, c3) = ((uint)(p1 >> 32) ^ c1 ^ key0, (uint)p1, (uint)(p0 >> 32) ^ c3 ^ key1, (uint)p0);
            key0 += W0;
            key1 += W1;
        }
        (block[0], block[1], block[2], block[3]) = (c0, c1, c2, c3);
    }

    /// <summary>The next 32 random bits.</summary>
    public uint NextUInt32()
    {
        if (_next == 4)
        {
            Block([_block++, _purpose, _index0, _index1], _key0, _key1, _words);
            _next = 0;
        }
        return _words[_next++];
    }

    /// <summary>The next 64 random bits.</summary>
    public ulong NextUInt64() => NextUInt32() | (ulong)NextUInt32() << 32;

    /// <summary>A uniform number in [0, 1), a multiple of 2⁻⁵³.</summary>
    public double Uniform() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A uniform whole number in [0, <paramref name="bound"/>), without modulo bias.</summary>
    /// <param name="bound">At least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bound"/> is below 1.</exception>
    /// <remarks>Lemire 2019, ACM TOMACS 29:3, algorithm 5.</remarks>
    public int Below(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        var product = (ulong)NextUInt32() * (uint)bound;
        if ((uint)product < (uint)bound)
        {
            var threshold = (uint)-bound % (uint)bound;
            while ((uint)product < threshold) product = (ulong)NextUInt32() * (uint)bound;
        }
        return (int)(product >> 32);
    }

    /// <summary>A standard normal number: the inverse distribution function of one uniform inside (0, 1).</summary>
    public double Normal() => MathNet.Numerics.Distributions.Normal.InvCDF(0, 1, ((NextUInt64() >> 11) + 0.5) * (1.0 / (1UL << 53)));

    /// <summary>A Poisson number with the given mean: the inverse distribution function of one uniform.</summary>
    /// <param name="mean">In [0, 700].</param>
    public int PoissonCount(double mean)
    {
        double u = Uniform(), p = Math.Exp(-mean), cumulative = p;
        var k = 0;
        while (u >= cumulative && k < 10_000)
        {
            p *= mean / ++k;
            cumulative += p;
        }
        return k;
    }

    /// <summary>Puts the items into a uniformly random order (Fisher &amp; Yates).</summary>
    /// <param name="items">Reordered in place.</param>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
