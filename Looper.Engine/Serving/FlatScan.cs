using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Looper.Core.Serving;

/// <summary>Goes through the bytes of a <see cref="FlatContext"/>.</summary>
/// <remarks>A number of up to 15 digits is digits ÷ a power of ten that is exact, so the one division rounds it correctly.</remarks>
internal ref struct FlatScan(ReadOnlySpan<byte> json)
{
    private const int MostDigits = 15;
    private static readonly SearchValues<byte> s_ends = SearchValues.Create([(byte)'"', (byte)'\\', .. Enumerable.Range(0, 32).Select(i => (byte)i)]);
    private static ReadOnlySpan<double> Powers => [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

    private readonly ReadOnlySpan<byte> _json = json;
    private int _at;

    /// <summary>Where the next byte stands.</summary>
    public readonly int At => _at;

    /// <summary>Reads a name and its value; false where it is none of the usual kind.</summary>
    /// <param name="name">The one that stood in this place before; the one that stands there afterwards.</param>
    public bool TryReadValue(ref FlatName name, ref FlatValue value)
    {
        if (name.Begins(_json[_at..])) (value.Name, value.NameLength, _at) = (_at + 1, name.Length, _at + name.Bytes);
        else if (!TryReadName(ref name, ref value)) return false;
        Space();
        switch (Peek())
        {
            case '"':
                value.Kind = FlatKind.Text;
                return TryReadText(ref value.Offset, ref value.Length);
            case 't':
                value.Kind = FlatKind.True;
                return TakeText("true"u8);
            case 'f':
                value.Kind = FlatKind.False;
                return TakeText("false"u8);
            case 'n':
                value.Kind = FlatKind.Null;
                return TakeText("null"u8);
            case '[':
                (value.Kind, value.Offset) = (FlatKind.List, _at);
                if (!SkipList()) return false;
                value.Length = _at - value.Offset;
                return true;
            default:
                return TryReadNumber(ref value);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Space()
    {
        while (_at < _json.Length && _json[_at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t') _at++;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Take(byte what)
    {
        if (_at >= _json.Length || _json[_at] != what) return false;
        _at++;
        return true;
    }

    private bool TryReadName(ref FlatName name, ref FlatValue value)
    {
        if (!TryReadText(ref value.Name, ref value.NameLength)) return false;
        Space();
        if (!Take((byte)':')) return false;
        name = FlatName.Of(_json[(value.Name - 1).._at], value.NameLength);
        return true;
    }

    private bool TryReadNumber(ref FlatValue value)
    {
        if (!FlatNumber.TryRead(_json[_at..], out var few, out var behind, out var bytes)) return TryReadLonger(ref value);
        (value.Kind, value.Number) = (FlatKind.Number, few / Powers[behind]);
        _at += bytes;
        return true;
    }

    private bool TryReadLonger(ref FlatValue value)
    {
        var json = _json;
        var at = _at;
        var isNegative = at < json.Length && json[at] == '-';
        if (isNegative) at++;
        var first = at;
        long digits = 0;
        for (; at < json.Length && (uint)(json[at] - '0') <= 9; at++) digits = unchecked(digits * 10 + (json[at] - '0'));
        var count = at - first;
        if (count == 0 || (count > 1 && json[first] == '0')) return false;
        var decimals = 0;
        if (at < json.Length && json[at] == '.')
        {
            var point = at++;
            for (; at < json.Length && (uint)(json[at] - '0') <= 9; at++) digits = unchecked(digits * 10 + (json[at] - '0'));
            decimals = at - point - 1;
            if (decimals == 0) return false;
        }
        var isLong = count + decimals > MostDigits;
        if (at < json.Length && (json[at] | 0x20) == 'e') // embeddings are full of them
        {
            isLong = true;
            if (!SkipExponent(ref at)) return false;
        }
        if (at >= json.Length || json[at] is not ((byte)',' or (byte)'}' or (byte)']' or (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')) return false;
        if (isLong) (value.Kind, value.Offset, value.Length) = (FlatKind.LongNumber, _at, at - _at);
        else
        {
            var number = digits / Powers[decimals];
            (value.Kind, value.Number) = (FlatKind.Number, isNegative && digits != 0 ? -number : number); // −0 becomes 0
        }
        _at = at;
        return true;
    }

    private readonly bool SkipExponent(ref int at)
    {
        at++;
        if (at < _json.Length && _json[at] is (byte)'+' or (byte)'-') at++;
        var power = at;
        while (at < _json.Length && (uint)(_json[at] - '0') <= 9) at++;
        return at > power;
    }

    /// <summary>A list of plain values; what they are worth is for the framework's reader.</summary>
    private bool SkipList()
    {
        Take((byte)'[');
        Space();
        if (Take((byte)']')) return true;
        while (SkipItem())
        {
            Space();
            if (Take((byte)']')) return true;
            if (!Take((byte)',')) return false;
            Space();
        }
        return false;
    }

    private bool SkipItem()
    {
        var item = default(FlatValue);
        return Peek() switch
        {
            '"' => TryReadText(ref item.Offset, ref item.Length),
            't' => TakeText("true"u8),
            'f' => TakeText("false"u8),
            'n' => TakeText("null"u8),
            _ => TryReadNumber(ref item),
        };
    }

    private bool TryReadText(ref int offset, ref int length)
    {
        if (!Take((byte)'"')) return false;
        var bytes = TextLength(_json[_at..]);
        if ((uint)bytes > FlatContext.MostText || _json[_at + bytes] != '"') return false;
        (offset, length, _at) = (_at, bytes, _at + bytes + 1);
        return true;
    }

    /// <summary>Bytes before the first that ends or breaks a text; −1 without one. Nearly all names and texts end within sixteen.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int TextLength(ReadOnlySpan<byte> json)
    {
        if (json.Length < Vector128<byte>.Count) return json.IndexOfAny(s_ends);
        var first = Vector128.Create(json);
        var ends = Vector128.Equals(first, Vector128.Create((byte)'"')) | Vector128.Equals(first, Vector128.Create((byte)'\\')) | Vector128.LessThan(first, Vector128.Create((byte)0x20));
        var found = ends.ExtractMostSignificantBits();
        return found != 0 ? BitOperations.TrailingZeroCount(found) : json.IndexOfAny(s_ends);
    }

    private bool TakeText(ReadOnlySpan<byte> what)
    {
        if (!_json[_at..].StartsWith(what)) return false;
        _at += what.Length;
        return true;
    }

    private readonly int Peek() => _at < _json.Length ? _json[_at] : -1;
}
