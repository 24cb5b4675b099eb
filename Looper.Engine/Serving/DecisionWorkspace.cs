using Looper.Core.Serving.Candidates;
using Looper.Core.Serving.Histories;

namespace Looper.Core.Serving;

/// <summary>One feature's value while a context is being read. Text, tags and a vector lie in the context or, with a negative offset, in the workspace.</summary>
internal readonly record struct ContextValue(ServedKind Kind, double Number, int Offset, int Length)
{
    public static ContextValue Invalid => new(ServedKind.Invalid, 0, 0, 0);

    public static ContextValue Of(double number) => new(ServedKind.Number, number, 0, 0);

    public static ContextValue Of(bool value) => new(value ? ServedKind.True : ServedKind.False, 0, 0, 0);

    public static ContextValue Of(int offset, int length) => new(ServedKind.Text, 0, offset, length);
}

/// <summary>The buffers one decision needs; made once per thread and used again.</summary>
public sealed class DecisionWorkspace
{
    /// <summary>Options a decision point may have.</summary>
    public const int MaxOptions = 64;

    internal const int MaxScratch = 8_192;

    [ThreadStatic]
    private static DecisionWorkspace? _ofThread;

    private byte[] _served = new byte[4_096];
    private byte[] _texts = new byte[1_024];
    private int _textLength;
    private readonly byte[] _scratch = new byte[MaxScratch];
    private readonly double[] _scores = new double[MaxOptions];
    private readonly double[] _probabilities = new double[MaxOptions];
    private double[] _mixed = new double[MaxOptions];
    private readonly double[] _predictions = new double[MaxOptions];
    private double[] _row = new double[256];
    private CandidateSet? _candidates;
    private TagSet? _tags;

    /// <summary>This thread's own; valid until the thread decides again.</summary>
    public static DecisionWorkspace OfThread => _ofThread ??= new();

    /// <summary>The features as served, in the order of the decision's blueprint version.</summary>
    public ReadOnlySpan<byte> Served => _served.AsSpan(0, ServedLength);

    /// <summary>One per option, or one for <c>value</c>; empty where no model scored.</summary>
    public ReadOnlySpan<double> Scores => _scores.AsSpan(0, ScoreCount);

    /// <summary>The distribution that the answer was drawn from, one per option; empty for <c>value</c> and for defaults.</summary>
    public ReadOnlySpan<double> Probabilities => _probabilities.AsSpan(0, ProbabilityCount);

    /// <summary>Those of the decision; none where the shape takes none.</summary>
    public CandidateSet Candidates => _candidates ??= new();

    /// <summary>What is known of the unit; nothing until it has been read for the decision.</summary>
    public KnownHistory History { get; } = new();

    internal int ServedLength { get; private set; }
    internal int ScoreCount { get; set; }
    internal int ProbabilityCount { get; set; }
    internal ContextValue[] Values { get; private set; } = new ContextValue[64];
    internal FlatContext Flat { get; } = new();
    internal Span<byte> Scratch => _scratch;
    internal TagSet Tags => _tags ??= new();
    internal Span<double> ScoreBuffer => _scores;
    internal Span<double> ProbabilityBuffer => _probabilities;
    internal Span<double> PredictionBuffer => _predictions;

    /// <summary>Of all arms together: of several versions they may have more options than one decision point has.</summary>
    internal Span<double> Mixed(int answers)
    {
        if (_mixed.Length < answers) _mixed = new double[answers];
        return _mixed.AsSpan(0, answers);
    }

    internal Span<double> Row(int width)
    {
        if (_row.Length < width) _row = new double[width];
        return _row.AsSpan(0, width);
    }

    /// <summary>After a fault: the candidates that were read are answered as sent.</summary>
    internal void ClearButCandidates(AnswerSet? answers)
    {
        (ServedLength, ScoreCount, ProbabilityCount) = (0, 0, 0);
        if (answers is { TakesCandidates: true }) Candidates.AsSent(answers.IsPick, answers.Places);
    }

    internal void Clear()
    {
        (ServedLength, ScoreCount, ProbabilityCount) = (0, 0, 0);
        _candidates?.Clear();
    }

    internal void ClearValues(int count)
    {
        if (Values.Length < count) Values = new ContextValue[count];
        Values.AsSpan(0, count).Clear();
        _textLength = 0;
    }

    /// <summary>Copies a text that does not stand in the context as such.</summary>
    internal ContextValue Keep(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Keep(ServedKind.Text, text.Length, out var kept));
        return kept;
    }

    /// <summary>Room for the bytes of a value, to be written at once.</summary>
    internal Span<byte> Keep(ServedKind kind, int length, out ContextValue kept)
    {
        if (_textLength + length > _texts.Length) Array.Resize(ref _texts, Math.Max(_texts.Length * 2, _textLength + length));
        kept = new(kind, 0, ~_textLength, length);
        _textLength += length;
        return _texts.AsSpan(_textLength - length, length);
    }

    /// <summary>The value that a reader stands on.</summary>
    internal ContextValue Keep(in ServedRowReader value)
    {
        switch (value.Kind)
        {
            case ServedKind.Number:
                return ContextValue.Of(value.Number);
            case ServedKind.True or ServedKind.False:
                return ContextValue.Of(value.Kind == ServedKind.True);
            case ServedKind.Text:
                return Keep(value.Text);
            case ServedKind.Tags or ServedKind.Vector:
                value.Packed.CopyTo(Keep(value.Kind, value.Packed.Length, out var kept));
                return kept;
            case ServedKind.Invalid:
                return ContextValue.Invalid;
            default:
                return default;
        }
    }

    /// <summary>Writes a value as the text of a category; −1 when it is missing, unusable, or longer than the room.</summary>
    internal int WriteText(ReadOnlySpan<byte> context, int feature, Span<byte> destination)
    {
        var value = Values[feature];
        if (value.Kind == ServedKind.Number)
        {
            var number = (stackalloc byte[CategoryText.MaxBytes]);
            return Copy(number[..CategoryText.Write(value.Number, number)], destination);
        }
        return value.Kind switch
        {
            ServedKind.True => Copy(CategoryText.True, destination),
            ServedKind.False => Copy(CategoryText.False, destination),
            ServedKind.Text => Copy(TextOf(value, context), destination),
            _ => -1,
        };
    }

    private static int Copy(ReadOnlySpan<byte> text, Span<byte> destination) => text.TryCopyTo(destination) ? text.Length : -1;

    /// <summary>The bytes of a text, or of packed tags or a vector.</summary>
    internal ReadOnlySpan<byte> TextOf(in ContextValue value, ReadOnlySpan<byte> context) =>
        value.Offset >= 0 ? context.Slice(value.Offset, value.Length) : _texts.AsSpan(~value.Offset, value.Length);

    internal void WriteServed(ReadOnlySpan<byte> context, int count)
    {
        var need = 0;
        foreach (ref readonly var value in Values.AsSpan(0, count)) need += ServedRow.MaxNumberBytes + value.Length;
        if (_served.Length < need) _served = new byte[need];
        var at = 0;
        foreach (ref readonly var value in Values.AsSpan(0, count))
        {
            var rest = _served.AsSpan(at);
            at += value.Kind switch
            {
                ServedKind.Number => ServedRow.WriteNumber(rest, value.Number),
                ServedKind.True => ServedRow.WriteBoolean(rest, true),
                ServedKind.False => ServedRow.WriteBoolean(rest, false),
                ServedKind.Text => ServedRow.WriteText(rest, TextOf(value, context)),
                ServedKind.Tags or ServedKind.Vector => ServedRow.WritePacked(rest, value.Kind, TextOf(value, context)),
                ServedKind.Invalid => ServedRow.WriteInvalid(rest),
                _ => ServedRow.WriteMissing(rest),
            };
        }
        ServedLength = at;
    }
}
