namespace Looper.Core.Serving;

/// <summary>What one pass over a context of the usual kind found: an object of plain names, texts, numbers, true, false, null and lists of these. Read once, it serves
/// every version of a blueprint that decides on it; made once per thread and used again.</summary>
/// <remarks>Says no to all else (nesting, escapes, what breaks a limit or is not strict JSON), and then <see cref="ContextReader"/> leaves it to the framework's reader: both
/// give the same values, this one several times faster.</remarks>
public sealed class FlatContext
{
    /// <summary>Names in a context, also where one comes twice.</summary>
    public const int MostNames = 200;

    /// <summary>Bytes of a name or a text.</summary>
    public const int MostText = 1_024;

    [ThreadStatic]
    private static FlatContext? _ofThread;

    private readonly FlatValue[] _values = new FlatValue[MostNames];
    private readonly FlatName[] _names = new FlatName[MostNames]; // that stood in each place in the object before
    private int _count;

    /// <summary>This thread's own; valid until the thread reads again.</summary>
    public static FlatContext OfThread => _ofThread ??= new();

    internal ReadOnlySpan<FlatValue> Values => _values.AsSpan(0, _count);

    /// <summary>Reads the object that begins with the first byte.</summary>
    /// <param name="json">Valid UTF-8; may go on behind the object.</param>
    /// <returns>Its length in bytes; −1 where this is not the reader for it.</returns>
    public int Read(ReadOnlySpan<byte> json)
    {
        _count = 0;
        var scan = new FlatScan(json);
        if (!scan.Take((byte)'{')) return -1;
        scan.Space();
        if (scan.Take((byte)'}')) return scan.At;
        while (_count < MostNames && scan.TryReadValue(ref _names[_count], ref _values[_count++]))
        {
            scan.Space();
            if (scan.Take((byte)'}')) return scan.At;
            if (!scan.Take((byte)',')) return -1;
            scan.Space();
        }
        return -1;
    }

    /// <summary>Reads a context that has nothing before or behind it but space.</summary>
    internal bool TryReadAll(ReadOnlySpan<byte> context, out int start)
    {
        start = 0;
        while (start < context.Length && context[start] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t') start++;
        var length = Read(context[start..]);
        return length >= 0 && context[(start + length)..].IndexOfAnyExcept(" \n\r\t"u8) < 0;
    }
}

/// <summary>A name and its value; offsets count from the beginning of the object.</summary>
internal struct FlatValue
{
    public int Name;
    public int NameLength;
    public FlatKind Kind;

    /// <summary>Of a text without its quotes, or of a list or a long number as it stands.</summary>
    public int Offset;

    public int Length;
    public double Number;
}

internal enum FlatKind
{
    Null,
    True,
    False,
    Number,

    /// <summary>With an exponent, or more digits than are exact in one division.</summary>
    LongNumber,
    Text,
    List,
}
