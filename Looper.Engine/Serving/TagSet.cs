using System.Buffers.Binary;
using System.Text;

namespace Looper.Core.Serving;

/// <summary>Collects the tags of one value: each once, in the order of their bytes, so that equal sets give equal bytes. Used again for every value.</summary>
public sealed class TagSet
{
    private readonly (int Offset, int Length)[] _tags = new (int, int)[Blueprints.Feature.MostTags];
    private byte[] _bytes = new byte[1_024];
    private int _used;

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of the set when packed.</summary>
    public int PackedLength => _used + 2 * Count;

    public void Clear() => (Count, _used) = (0, 0);

    /// <summary>Adds a tag; an empty one says nothing and is passed over.</summary>
    /// <returns>False when there are too many, or one is too long to be kept.</returns>
    public bool Add(ReadOnlySpan<byte> tag)
    {
        if (tag.IsEmpty) return true;
        int low = 0, high = Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            var order = Tag(middle).SequenceCompareTo(tag);
            if (order == 0) return true;
            if (order < 0) low = middle + 1;
            else high = middle;
        }
        if (Count == _tags.Length || tag.Length > ServedRow.MaxTextBytes || PackedLength + 2 + tag.Length > ushort.MaxValue) return false;
        if (_used + tag.Length > _bytes.Length) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _used + tag.Length));
        tag.CopyTo(_bytes.AsSpan(_used));
        Array.Copy(_tags, low, _tags, low + 1, Count - low);
        _tags[low] = (_used, tag.Length);
        _used += tag.Length;
        Count++;
        return true;
    }

    /// <param name="destination">Room for <see cref="PackedLength"/>.</param>
    public void Pack(Span<byte> destination)
    {
        for (var i = 0; i < Count; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(destination, (ushort)_tags[i].Length);
            Tag(i).CopyTo(destination[2..]);
            destination = destination[(2 + _tags[i].Length)..];
        }
    }

    private ReadOnlySpan<byte> Tag(int i) => _bytes.AsSpan(_tags[i].Offset, _tags[i].Length);
}

/// <summary>Reads packed tags one after the other without allocating.</summary>
public ref struct TagReader(ReadOnlySpan<byte> packed)
{
    private ReadOnlySpan<byte> _rest = packed;

    public ReadOnlySpan<byte> Tag { get; private set; }

    /// <summary>False at the end.</summary>
    /// <exception cref="FormatException">The bytes are no tags.</exception>
    public bool Read()
    {
        if (_rest.IsEmpty) return false;
        var length = _rest.Length >= 2 ? BinaryPrimitives.ReadUInt16LittleEndian(_rest) : int.MaxValue;
        if (length > _rest.Length - 2) throw new FormatException("Not packed tags: cut short.");
        Tag = _rest.Slice(2, length);
        _rest = _rest[(2 + length)..];
        return true;
    }

    /// <summary>How many tags there are.</summary>
    public static int Count(ReadOnlySpan<byte> packed)
    {
        var count = 0;
        var reader = new TagReader(packed);
        while (reader.Read()) count++;
        return count;
    }

    public static bool Contains(ReadOnlySpan<byte> packed, ReadOnlySpan<byte> tag)
    {
        var reader = new TagReader(packed);
        while (reader.Read())
        {
            if (reader.Tag.SequenceEqual(tag)) return true;
        }
        return false;
    }

    public static string[] Texts(ReadOnlySpan<byte> packed)
    {
        var texts = new List<string>();
        var reader = new TagReader(packed);
        while (reader.Read()) texts.Add(Encoding.UTF8.GetString(reader.Tag));
        return [.. texts];
    }
}
