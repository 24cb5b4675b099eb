using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Serving;

namespace Looper.Web.Api;

/// <summary>Writes answers of the usual kind by hand: an option or a number, no explanation, nothing to escape.</summary>
/// <remarks>Says no to all else, and then <see cref="DecisionAnswer.Write"/> is asked: both give the same bytes, this one several times faster.</remarks>
internal ref struct FlatAnswer
{
    /// <summary>Room that is always enough to try.</summary>
    public const int MostBytes = 1_024;

    private static readonly byte[] s_plainBytes = [.. Enumerable.Range(0x20, 0x7F - 0x20).Select(i => (byte)i).Where(c => c is not ((byte)'"' or (byte)'\\'))];
    private static readonly SearchValues<byte> s_plainUtf8 = SearchValues.Create(s_plainBytes);
    private static readonly SearchValues<char> s_plain = SearchValues.Create([.. s_plainBytes.Select(b => (char)b)]);

    private readonly Span<byte> _to;
    private int _at;
    private bool _fits = true;

    private FlatAnswer(Span<byte> to) => _to = to;

    /// <summary>The answer of a single call.</summary>
    public static bool TryWrite(in DecisionAnswer answer, Span<byte> to, out int written)
    {
        var flat = new FlatAnswer(to);
        flat.Write(answer);
        written = flat._at;
        return flat._fits;
    }

    /// <summary>The item of a batch around it.</summary>
    public static bool TryWriteItem(in DecisionAnswer answer, Span<byte> to, out int written)
    {
        var flat = new FlatAnswer(to);
        flat.Add("{\"status\":200,\"result\":"u8);
        flat.Write(answer);
        flat.Add(answer.IsReplay ? ",\"replayed\":true}"u8 : "}"u8);
        written = flat._at;
        return flat._fits;
    }

    private void Write(in DecisionAnswer answer)
    {
        var record = answer.Record;
        if (answer.Explaining != Explaining.No || !record.Candidates.IsEmpty || !record.Configuration.IsEmpty)
        {
            _fits = false;
            return;
        }
        Add("{\"decisionId\":"u8);
        if (record.MadeId is { } made) Add(made);
        else if (record.IdUtf8 is { IsEmpty: false } id) AddText(id);
        else AddText(record.Id);
        Add(",\"decision\":"u8);
        WriteDecision(answer);
        Add(",\"propensity\":"u8);
        Add(record.Propensity);
        Add(",\"reason\":"u8);
        AddText(record.Reason.Word());
        var (experiment, arm) = answer.Names();
        Add(",\"arm\":"u8);
        AddText(arm);
        Add(",\"experiment\":"u8);
        AddText(experiment);
        Add(",\"blueprintVersion\":"u8);
        Add(record.BlueprintVersion);
        Add(",\"modelVersion\":"u8);
        if (record.ModelNumber > 0) Add(record.ModelNumber);
        else Add("null"u8);
        Add((record.Marks & RecordMarks.Default) != 0 ? ",\"isDefault\":true"u8 : ",\"isDefault\":false"u8);
        Add(answer.IsRecorded ? "}"u8 : ",\"recorded\":false}"u8);
    }

    private void WriteDecision(in DecisionAnswer answer)
    {
        var option = answer.Record.Option;
        if (option < 0)
        {
            Add(answer.Record.Value);
            return;
        }
        var (shape, options) = answer.Words();
        if (option >= options.Length) Add("null"u8);
        else if (shape == DecisionShape.Binary) Add(option == 1 ? "true"u8 : "false"u8);
        else AddText(options[option]);
    }

    private void Add(ReadOnlySpan<byte> json)
    {
        _fits &= json.TryCopyTo(_to[_at..]);
        if (_fits) _at += json.Length;
    }

    private void Add(int value)
    {
        _fits &= Utf8Formatter.TryFormat(value, _to[_at..], out var length);
        if (_fits) _at += length;
    }

    private void Add(Guid value)
    {
        Add("\""u8);
        _fits &= value.TryFormat(_to[_at..], out var length);
        if (_fits) _at += length;
        Add("\""u8);
    }

    private void Add(double value)
    {
        if (!double.IsFinite(value))
        {
            Add("null"u8);
            return;
        }
        _fits &= NumberText.TryWrite(value, _to[_at..], out var length);
        if (_fits) _at += length;
    }

    private void AddText(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length + 2 > _to.Length - _at || utf8.ContainsAnyExcept(s_plainUtf8))
        {
            _fits = false;
            return;
        }
        _to[_at++] = (byte)'"';
        utf8.CopyTo(_to[_at..]);
        _at += utf8.Length;
        _to[_at++] = (byte)'"';
    }

    private void AddText(string? text)
    {
        if (text is null)
        {
            Add("null"u8);
            return;
        }
        if (text.Length + 2 > _to.Length - _at || text.AsSpan().ContainsAnyExcept(s_plain))
        {
            _fits = false;
            return;
        }
        _to[_at++] = (byte)'"';
        _at += Encoding.ASCII.GetBytes(text, _to[_at..]);
        _to[_at++] = (byte)'"';
    }
}
