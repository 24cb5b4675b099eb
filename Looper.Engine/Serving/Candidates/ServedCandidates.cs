using System.Buffers.Binary;
using System.Text;

namespace Looper.Core.Serving.Candidates;

/// <summary>
/// The candidates of one decision exactly as served, as the journal keeps them: format (1 byte), number of candidates n and of drawn
/// places p (2 bytes each), the candidate at each of the n places (2 bytes each, counted from 0 as sent), p propensities (8 bytes each), then
/// per candidate as sent the length and UTF-8 of its id and the length and bytes of its <see cref="ServedRow"/>. Little-endian; lengths
/// are 2 and 4 bytes. The format is 1 for a pick, 2 for a ranking.
/// </summary>
public sealed class ServedCandidates
{
    private const byte Pick = 1, Ranking = 2;
    private const int HeaderBytes = 5;
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly int[] _starts;

    private ServedCandidates(ReadOnlyMemory<byte> bytes, int count, int drawn, int[] starts) =>
        (_bytes, IsRanking, Count, Drawn, _starts) = (bytes, bytes.Span[0] == Ranking, count, drawn, starts);

    /// <summary>An order was answered; else one was picked.</summary>
    public bool IsRanking { get; }

    public int Count { get; }

    /// <summary>Places that were drawn, from the first. For <c>pick</c> all: there each place's propensity is that of the pick.</summary>
    public int Drawn { get; }

    /// <summary>Null when the bytes are empty or not what <see cref="Write"/> made.</summary>
    public static ServedCandidates? Read(ReadOnlyMemory<byte> bytes)
    {
        var span = bytes.Span;
        if (span.Length < HeaderBytes || span[0] is not (Pick or Ranking)) return null;
        var (count, drawn) = (BinaryPrimitives.ReadUInt16LittleEndian(span[1..]), BinaryPrimitives.ReadUInt16LittleEndian(span[3..]));
        var at = HeaderBytes + count * 2 + drawn * 8;
        if (count > CandidateSet.Max || drawn > count || at > span.Length) return null;
        var starts = new int[count + 1];
        for (var i = 0; i < count; i++)
        {
            if (BinaryPrimitives.ReadUInt16LittleEndian(span[(HeaderBytes + i * 2)..]) >= count) return null;
            starts[i] = at;
            if (span.Length - at < 2) return null;
            at += 2 + BinaryPrimitives.ReadUInt16LittleEndian(span[at..]);
            if (span.Length - at < 4) return null;
            var row = BinaryPrimitives.ReadInt32LittleEndian(span[at..]);
            if (row < 0 || row > span.Length - at - 4) return null;
            at += 4 + row;
        }
        starts[count] = at;
        return at == span.Length ? new(bytes, count, drawn, starts) : null;
    }

    public static byte[] Write(CandidateSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        var length = HeaderBytes + set.Count * 2 + set.Propensities.Length * 8;
        for (var i = 0; i < set.Count; i++) length += 6 + set.Id(i).Length + set.Served(i).Length;
        var bytes = new byte[length];
        bytes[0] = set.IsPick ? Pick : Ranking;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(1), (ushort)set.Count);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(3), (ushort)set.Propensities.Length);
        var rest = bytes.AsSpan(HeaderBytes);
        foreach (var candidate in set.Order)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(rest, (ushort)candidate);
            rest = rest[2..];
        }
        foreach (var propensity in set.Propensities)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(rest, propensity);
            rest = rest[8..];
        }
        for (var i = 0; i < set.Count; i++)
        {
            var id = set.Id(i);
            var row = set.Served(i);
            BinaryPrimitives.WriteUInt16LittleEndian(rest, (ushort)id.Length);
            id.CopyTo(rest[2..]);
            rest = rest[(2 + id.Length)..];
            BinaryPrimitives.WriteInt32LittleEndian(rest, row.Length);
            row.CopyTo(rest[4..]);
            rest = rest[(4 + row.Length)..];
        }
        return bytes;
    }

    /// <summary>Which candidate, counted as sent, stands at a place.</summary>
    public int At(int place) => BinaryPrimitives.ReadUInt16LittleEndian(_bytes.Span[(HeaderBytes + place * 2)..]);

    /// <summary>For <c>pick</c>: probability that the candidate at this place is the one picked. For <c>ranking</c>: probability that it stands at
    /// this place, given those above it. NaN below the places that are drawn.</summary>
    public double Propensity(int place) =>
        place < Drawn ? BinaryPrimitives.ReadDoubleLittleEndian(_bytes.Span[(HeaderBytes + Count * 2 + place * 8)..]) : double.NaN;

    public ReadOnlySpan<byte> Id(int candidate)
    {
        var rest = _bytes.Span[_starts[candidate]..];
        return rest.Slice(2, BinaryPrimitives.ReadUInt16LittleEndian(rest));
    }

    public string IdText(int candidate) => Encoding.UTF8.GetString(Id(candidate));

    /// <summary>−1 when there is no such candidate.</summary>
    public int Find(ReadOnlySpan<byte> utf8Id)
    {
        for (var i = 0; i < Count; i++)
        {
            if (Id(i).SequenceEqual(utf8Id)) return i;
        }
        return -1;
    }

    /// <summary>The place of a candidate in the answer, from 0.</summary>
    public int PlaceOf(int candidate)
    {
        for (var place = 0; place < Count; place++)
        {
            if (At(place) == candidate) return place;
        }
        return -1;
    }

    /// <summary>Whether something may be reported of it: in a ranking of every candidate, in a pick of the one picked.</summary>
    public bool Answered(string id) => Find(Encoding.UTF8.GetBytes(id)) is >= 0 and var candidate && (IsRanking || At(0) == candidate);

    /// <summary>In the format of <see cref="ServedRow"/>.</summary>
    public ReadOnlySpan<byte> Row(int candidate)
    {
        var from = _starts[candidate] + 2 + Id(candidate).Length + 4;
        return _bytes.Span[from.._starts[candidate + 1]];
    }
}
