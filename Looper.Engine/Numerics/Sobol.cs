namespace Looper.Core.Numerics;

/// <summary>Points that fill the unit cube evenly: Sobol's sequence, scrambled so that each seed gives another such set.</summary>
/// <remarks>Direction numbers of Joe &amp; Kuo 2008 (SIAM J. Sci. Comput. 30:2635), file new-joe-kuo-6, first 40 dimensions; the scramble is a
/// random lower triangular matrix over the bits of each dimension and a digital shift (Matoušek 1998). 32 bits; immutable, thread safe.</remarks>
public sealed class Sobol
{
    private const int Bits = 32;
    private readonly uint[][] _directions;
    private readonly uint[] _shift;

    /// <summary>Dimensions that the table has.</summary>
    public static int MaxDimensions => s_table.Length + 1;

    /// <param name="dimensions">1 to <see cref="MaxDimensions"/>.</param>
    /// <param name="scramble">Stream of the scramble; null leaves the plain sequence.</param>
    /// <exception cref="ArgumentOutOfRangeException">More dimensions than the table has, or none.</exception>
    public Sobol(int dimensions, Philox? scramble = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(dimensions, MaxDimensions);
        _directions = new uint[dimensions][];
        _shift = new uint[dimensions];
        for (var j = 0; j < dimensions; j++)
        {
            _directions[j] = Directions(j);
            if (scramble is null) continue;
            _directions[j] = Scrambled(_directions[j], scramble);
            _shift[j] = scramble.NextUInt32();
        }
    }

    /// <summary>Point number <paramref name="index"/>, each coordinate in [0, 1).</summary>
    /// <param name="index">From 0; consecutive runs of 2ᵏ are the evenest.</param>
    /// <param name="point">Receives one coordinate a dimension.</param>
    public void Point(uint index, Span<double> point)
    {
        var gray = index ^ index >> 1;
        for (var j = 0; j < _directions.Length; j++)
        {
            var bits = _shift[j];
            for (var k = 0; gray >> k != 0 && k < Bits; k++)
                if ((gray >> k & 1) == 1) bits ^= _directions[j][k];
            point[j] = bits * (1.0 / 4294967296.0);
        }
    }

    private static uint[] Directions(int dimension)
    {
        var v = new uint[Bits];
        if (dimension == 0)
        {
            for (var k = 0; k < Bits; k++) v[k] = 1u << Bits - 1 - k;
            return v;
        }
        var row = s_table[dimension - 1];
        var (a, s) = (row[0], row.Length - 1);
        for (var k = 0; k < Bits; k++)
        {
            if (k < s)
            {
                v[k] = row[k + 1] << Bits - 1 - k;
                continue;
            }
            v[k] = v[k - s] ^ v[k - s] >> s;
            for (var i = 1; i < s; i++)
                if ((a >> s - 1 - i & 1) == 1) v[k] ^= v[k - i];
        }
        return v;
    }

    // Each output bit is itself plus a random choice of the bits above it.
    private static uint[] Scrambled(uint[] directions, Philox random)
    {
        var rows = new uint[Bits];
        for (var bit = 0; bit < Bits; bit++)
        {
            var place = 1u << Bits - 1 - bit;
            rows[bit] = place | random.NextUInt32() & ~(place | place - 1);
        }
        return [.. directions.Select(v =>
        {
            var mixed = 0u;
            for (var bit = 0; bit < Bits; bit++)
                if ((System.Numerics.BitOperations.PopCount(rows[bit] & v) & 1) == 1) mixed |= 1u << Bits - 1 - bit;
            return mixed;
        })];
    }

    // A row a dimension from the second on: the inner coefficients of the primitive polynomial, then the first direction numbers.
    private static readonly uint[][] s_table =
    [
        [0, 1],
        [1, 1, 3],
        [1, 1, 3, 1],
        [2, 1, 1, 1],
        [1, 1, 1, 3, 3],
        [4, 1, 3, 5, 13],
        [2, 1, 1, 5, 5, 17],
        [4, 1, 1, 5, 5, 5],
        [7, 1, 1, 7, 11, 19],
        [11, 1, 1, 5, 1, 1],
        [13, 1, 1, 1, 3, 11],
        [14, 1, 3, 5, 5, 31],
        [1, 1, 3, 3, 9, 7, 49],
        [13, 1, 1, 1, 15, 21, 21],
        [16, 1, 3, 1, 13, 27, 49],
        [19, 1, 1, 1, 15, 7, 5],
        [22, 1, 3, 1, 15, 13, 25],
        [25, 1, 1, 5, 5, 19, 61],
        [1, 1, 3, 7, 11, 23, 15, 103],
        [4, 1, 3, 7, 13, 13, 15, 69],
        [7, 1, 1, 3, 13, 7, 35, 63],
        [8, 1, 3, 5, 9, 1, 25, 53],
        [14, 1, 3, 1, 13, 9, 35, 107],
        [19, 1, 3, 1, 5, 27, 61, 31],
        [21, 1, 1, 5, 11, 19, 41, 61],
        [28, 1, 3, 5, 3, 3, 13, 69],
        [31, 1, 1, 7, 13, 1, 19, 1],
        [32, 1, 3, 7, 5, 13, 19, 59],
        [37, 1, 1, 3, 9, 25, 29, 41],
        [41, 1, 3, 5, 13, 23, 1, 55],
        [42, 1, 3, 7, 3, 13, 59, 17],
        [50, 1, 3, 1, 3, 5, 53, 69],
        [55, 1, 1, 5, 5, 23, 33, 13],
        [56, 1, 1, 7, 7, 1, 61, 123],
        [59, 1, 1, 7, 9, 13, 61, 49],
        [62, 1, 3, 3, 5, 3, 55, 33],
        [14, 1, 3, 1, 15, 31, 13, 49, 245],
        [21, 1, 3, 5, 15, 31, 59, 63, 97],
        [22, 1, 3, 1, 11, 11, 11, 77, 249],
    ];
}
