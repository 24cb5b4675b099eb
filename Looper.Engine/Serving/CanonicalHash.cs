using System.Text.Json;

namespace Looper.Core.Serving;

/// <summary>
/// A hash of what a JSON value means: order of properties, white space, escapes and the spelling of numbers make no difference.
/// Tells a repeated request from a changed one.
/// </summary>
/// <remarks>Σ over leaves of XXH64(kind and value, seed = hash of the path), modulo 2⁶⁴. Not made to withstand a forger: only the
/// sender of a request could forge, and would deceive no one but itself.</remarks>
public static class CanonicalHash
{
    private const int MaxDepth = 64; // what lies deeper counts as it is written

    /// <param name="json">Valid JSON; empty counts as null.</param>
    public static ulong Of(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty) return 0;
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = int.MaxValue });
        var paths = (stackalloc ulong[MaxDepth + 1]);
        var items = (stackalloc int[MaxDepth + 1]);
        items[0] = -1;
        ulong sum = 0, property = 1;
        while (reader.Read())
        {
            var depth = reader.CurrentDepth;
            if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray) continue;
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                property = Text(ref reader, paths[depth]);
                continue;
            }
            var path = items[depth] < 0 ? property : Mixed(paths[depth], items[depth]++);
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray when depth == MaxDepth:
                    var start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    sum += Assignment.Hash(json[start..(int)reader.BytesConsumed], path);
                    break;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    paths[depth + 1] = path;
                    items[depth + 1] = reader.TokenType == JsonTokenType.StartArray ? 0 : -1;
                    sum += Assignment.Hash(reader.ValueSpan, path);
                    break;
                case JsonTokenType.String:
                    sum += Text(ref reader, path) * 3;
                    break;
                case JsonTokenType.Number:
                    sum += Mixed(path, BitConverter.DoubleToInt64Bits(reader.TryGetDouble(out var value) ? value + 0.0 : double.NaN)) * 5;
                    break;
                default:
                    sum += Assignment.Hash(reader.ValueSpan, path) * 7;
                    break;
            }
        }
        return sum;
    }

    private static ulong Mixed(ulong seed, long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BitConverter.TryWriteBytes(bytes, value);
        return Assignment.Hash(bytes, seed);
    }

    private static ulong Text(ref Utf8JsonReader reader, ulong seed)
    {
        if (!reader.ValueIsEscaped) return Assignment.Hash(reader.ValueSpan, seed);
        var plain = new byte[reader.ValueSpan.Length];
        try
        {
            return Assignment.Hash(plain.AsSpan(0, reader.CopyString(plain)), seed);
        }
        catch (InvalidOperationException) // half of a surrogate pair: as it stands
        {
            return Assignment.Hash(reader.ValueSpan, seed);
        }
    }
}
