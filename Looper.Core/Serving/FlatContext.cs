using System.Buffers;
using System.Runtime.CompilerServices;

namespace Looper.Core.Serving;

/// <summary>Reads the usual kind of context, an object of plain names, texts, numbers, true, false, null and lists of these, in one pass over its bytes.</summary>
/// <remarks>Says no to all else (nesting where it matters, escapes, exponents, long numbers, anything that is not strict JSON), and then
/// <see cref="ContextReader"/> reads from the start: both give the same values, this one several times faster. A number of up to 15 digits is
/// digits ÷ a power of ten that is exact, so the one division rounds it correctly.</remarks>
internal ref struct FlatContext(ReadOnlySpan<byte> json)
{
    private const int MaxDigits = 15;
    private static readonly SearchValues<byte> s_ends = SearchValues.Create([(byte)'"', (byte)'\\', .. Enumerable.Range(0, 32).Select(i => (byte)i)]);
    private static ReadOnlySpan<double> Powers => [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

    private readonly ReadOnlySpan<byte> _json = json;
    private int _at;

    /// <summary>What a value is; its text or number in the fields beside.</summary>
    public FlatKind Kind { get; private set; }
    public double Number { get; private set; }
    public int Offset { get; private set; }
    public int Length { get; private set; }

    /// <summary>The name that was read last.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>Whether an object begins here.</summary>
    public bool Begin()
    {
        Space();
        return Take((byte)'{');
    }

    /// <summary>Reads up to the next value.</summary>
    /// <param name="expected">A name and its closing quote, which most likely comes next; empty for none.</param>
    /// <param name="isExpected">It did.</param>
    /// <returns>1 for a value, 0 at the end, −1 where this is not the reader for it.</returns>
    public int Read(scoped ReadOnlySpan<byte> expected, bool isFirst, out bool isExpected)
    {
        isExpected = false;
        Space();
        if (Peek() == '}')
        {
            _at++;
            Space();
            return _at == _json.Length ? 0 : -1;
        }
        if (!isFirst)
        {
            if (!Take((byte)',')) return -1;
            Space();
        }
        if (!Take((byte)'"')) return -1;
        if (!expected.IsEmpty && _json[_at..].StartsWith(expected))
        {
            isExpected = true;
            _at += expected.Length;
        }
        else
        {
            var length = TextLength();
            if (length < 0) return -1;
            Name = _json.Slice(_at, length);
            _at += length + 1;
        }
        Space();
        if (!Take((byte)':')) return -1;
        Space();
        return ReadValue() ? 1 : -1;
    }

    private bool ReadValue()
    {
        switch (Peek())
        {
            case '"':
                _at++;
                var length = TextLength();
                if (length < 0) return false;
                (Kind, Offset, Length) = (FlatKind.Text, _at, length);
                _at += length + 1;
                return true;
            case 't':
                return Word("true"u8, FlatKind.True);
            case 'f':
                return Word("false"u8, FlatKind.False);
            case 'n':
                return Word("null"u8, FlatKind.Null);
            case '[':
                return ReadList();
            default:
                return ReadNumber();
        }
    }

    /// <summary>Where a list of plain values ends; what it holds is read, and judged, by the framework's reader.</summary>
    private bool ReadList()
    {
        var json = _json;
        var from = _at;
        for (var at = from + 1; at < json.Length; at++)
        {
            switch (json[at])
            {
                case (byte)'"':
                    var length = json[(at + 1)..].IndexOfAny(s_ends);
                    if (length < 0 || json[at + 1 + length] != '"') return false;
                    at += length + 1;
                    break;
                case (byte)'[' or (byte)'{' or (byte)'}':
                    return false;
                case (byte)']':
                    (Kind, Offset, Length, _at) = (FlatKind.List, from, at + 1 - from, at + 1);
                    return true;
            }
        }
        return false;
    }

    private bool ReadNumber()
    {
        var json = _json;
        var at = _at;
        var isNegative = at < json.Length && json[at] == '-';
        if (isNegative) at++;
        var first = at;
        long digits = 0;
        for (; at < json.Length && (uint)(json[at] - '0') <= 9; at++) digits = digits * 10 + (json[at] - '0');
        var count = at - first;
        if (count == 0 || count > MaxDigits || (count > 1 && json[first] == '0')) return false;
        var decimals = 0;
        if (at < json.Length && json[at] == '.')
        {
            var point = at++;
            for (; at < json.Length && (uint)(json[at] - '0') <= 9 && count + at - point - 1 <= MaxDigits; at++) digits = digits * 10 + (json[at] - '0');
            decimals = at - point - 1;
            if (decimals == 0 || count + decimals > MaxDigits) return false;
        }
        if (at >= json.Length || json[at] is not ((byte)',' or (byte)'}' or (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')) return false;
        var value = digits / Powers[decimals];
        (Kind, Number, _at) = (FlatKind.Number, isNegative && digits != 0 ? -value : value, at); // −0 becomes 0
        return true;
    }

    private bool Word(ReadOnlySpan<byte> word, FlatKind kind)
    {
        if (!_json[_at..].StartsWith(word)) return false;
        _at += word.Length;
        Kind = kind;
        return true;
    }

    /// <summary>Bytes up to the closing quote; −1 when something else comes before it.</summary>
    private readonly int TextLength()
    {
        var length = _json[_at..].IndexOfAny(s_ends);
        return length >= 0 && _json[_at + length] == '"' ? length : -1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Space()
    {
        while (_at < _json.Length && _json[_at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t') _at++;
    }

    private readonly int Peek() => _at < _json.Length ? _json[_at] : -1;

    private bool Take(byte what)
    {
        if (_at >= _json.Length || _json[_at] != what) return false;
        _at++;
        return true;
    }
}

internal enum FlatKind
{
    Null,
    True,
    False,
    Number,
    Text,
    List,
}
