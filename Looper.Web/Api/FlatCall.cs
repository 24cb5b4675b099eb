using System.Buffers;
using System.Runtime.CompilerServices;
using Looper.Core.Serving;

namespace Looper.Web.Api;

/// <summary>Reads decide calls of the usual kind, an object with plain texts and a context of plain values and lists of them, in one pass over the bytes.</summary>
/// <remarks>Says no to all else (nesting but for lists of plain values, escapes, other fields, whatever breaks a limit or is not strict JSON), and then
/// <see cref="DecisionCall"/> is read by the framework's reader, which also words the fault: both give the same calls, this one several times faster.</remarks>
internal ref struct FlatCall(ReadOnlySpan<byte> json)
{
    private static readonly SearchValues<byte> s_ends = SearchValues.Create([(byte)'"', (byte)'\\', .. Enumerable.Range(0, 32).Select(i => (byte)i)]);

    private readonly ReadOnlySpan<byte> _json = json;
    private int _at;

    /// <summary>Where the next byte stands.</summary>
    public int At
    {
        readonly get => _at;
        set => _at = value;
    }

    /// <summary>The whole of the bytes as one call; false where this is not the reader for it.</summary>
    /// <param name="json">Valid UTF-8.</param>
    public static bool TryRead(ReadOnlySpan<byte> json, out DecisionCall call)
    {
        var read = default(DecisionCall);
        call = read;
        var flat = new FlatCall(json);
        flat.Space();
        if (!flat.TryReadCall(ref read) || !flat.IsAtEnd()) return false;
        call = read;
        return true;
    }

    /// <summary>Passes over the beginning of a batch that has nothing but items; false where it has another.</summary>
    public bool BeginItems()
    {
        Space();
        if (!Take((byte)'{')) return false;
        Space();
        if (!TakeText("\"items\""u8)) return false;
        Space();
        if (!Take((byte)':')) return false;
        Space();
        return Take((byte)'[');
    }

    /// <summary>Goes to the next item of a batch.</summary>
    /// <returns>1 when it stands on one, 0 at the end of the whole body, −1 where this is not the reader for it.</returns>
    public int NextItem(bool isFirst)
    {
        Space();
        if (Take((byte)']'))
        {
            Space();
            return Take((byte)'}') && IsAtEnd() ? 0 : -1;
        }
        if (isFirst) return 1;
        if (!Take((byte)',')) return -1;
        Space();
        return 1;
    }

    /// <summary>Reads the call that begins here; false where this is not the reader for it.</summary>
    /// <param name="call">Empty before.</param>
    public bool TryReadCall(scoped ref DecisionCall call)
    {
        if (!Take((byte)'{')) return false;
        for (var isFirst = true; ; isFirst = false)
        {
            Space();
            if (!isFirst)
            {
                if (Take((byte)'}')) return !call.Point.IsEmpty && !call.Unit.IsEmpty;
                if (!Take((byte)',')) return false;
                Space();
            }
            if (!TryReadField(ref call)) return false;
        }
    }

    private bool TryReadField(scoped ref DecisionCall call)
    {
        if (TakeText("\"decisionPoint\""u8)) return Colon() && TryReadName(DataJson.MaxText, out call.Point);
        if (TakeText("\"unit\""u8)) return Colon() && TryReadName(DataJson.MaxUnit, out call.Unit);
        if (TakeText("\"decisionId\""u8)) return Colon() && TryReadName(DataJson.MaxId, out call.Id);
        if (!TakeText("\"context\""u8) || !Colon()) return false;
        var context = FlatContext.OfThread;
        var length = context.Read(_json[_at..]);
        if (length < 0) return false;
        call.Context = _json.Slice(_at, length);
        call.ReadContext = context;
        _at += length;
        return true;
    }

    private bool TryReadName(int limit, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (!Take((byte)'"')) return false;
        var length = TextLength();
        if (length <= 0 || length > limit) return false;
        text = _json.Slice(_at, length);
        _at += length + 1;
        return !text.Contains((byte)0x7F);
    }

    /// <summary>Bytes up to the closing quote; −1 when something else comes before it.</summary>
    private readonly int TextLength()
    {
        var length = _json[_at..].IndexOfAny(s_ends);
        return length >= 0 && _json[_at + length] == '"' ? length : -1;
    }

    private bool Colon()
    {
        Space();
        if (!Take((byte)':')) return false;
        Space();
        return true;
    }

    private bool IsAtEnd()
    {
        Space();
        return _at == _json.Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Space()
    {
        while (_at < _json.Length && _json[_at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t') _at++;
    }

    private bool Take(byte what)
    {
        if (_at >= _json.Length || _json[_at] != what) return false;
        _at++;
        return true;
    }

    private bool TakeText(ReadOnlySpan<byte> what)
    {
        if (!_json[_at..].StartsWith(what)) return false;
        _at += what.Length;
        return true;
    }
}
