using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Looper.Core.Decisions.AsCode;

/// <summary>Reads one YAML document of bounded size into its parts. No tags: what a value is follows from how it is written and from where it stands.</summary>
internal sealed class YamlReader
{
    public const int MaxBytes = 1_048_576;
    public const int MaxParts = 10_000;
    public const int MaxDepth = 32;

    /// <summary>What the refusals say: it is no file that could be read.</summary>
    public const string Code = "configuration.malformed", TooLargeCode = "configuration.too-large";

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Dictionary<string, YamlPart> _anchors = new(StringComparer.Ordinal);
    private readonly List<Refusal> _faults = [];
    private readonly Parser _parser;
    private int _parts;

    private YamlReader(string text) => _parser = new Parser(new Scanner(new StringReader(text), skipComments: true));

    public static Refusal TooLarge => new(TooLargeCode, "The file is larger than 1 MiB. Split it: what a file does not name is left alone.");

    /// <summary>Refused where it is not UTF-8, with or without a mark at its begin.</summary>
    public static Answered<YamlPart> Read(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > MaxBytes) return TooLarge;
        try
        {
            return Read(s_strict.GetString(utf8));
        }
        catch (DecoderFallbackException fault)
        {
            return new Refusal(Code, string.Create(CultureInfo.InvariantCulture, $"The file is not UTF-8: byte {fault.Index + 1} begins no character. Save it as UTF-8, then send it again."));
        }
    }

    /// <summary>Refused with every fault that could be found; what is no YAML at all ends the search.</summary>
    public static Answered<YamlPart> Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (s_strict.GetMaxByteCount(text.Length) > MaxBytes && Encoding.UTF8.GetByteCount(text) > MaxBytes) return TooLarge;
        var reader = new YamlReader(text.TrimStart('\uFEFF'));
        YamlPart? root = null;
        try
        {
            root = reader.Document();
        }
        catch (YamlException fault)
        {
            var upTo = fault.End.Line > fault.Start.Line ? string.Create(CultureInfo.InvariantCulture, $" up to line {fault.End.Line}") : "";
            reader._faults.Add(TabIn(text) ?? Fault(fault.Start, $"this is not YAML{upTo}. {Sentence(fault.Message)} Often it is a colon, a quote, or the spaces at the beginning of a line, there or just before."));
        }
        return reader._faults switch
        {
            [] => root!,
            [var one] => one,
            var all => new Refusal(Code, $"{all.Count} faults keep the file from being read. The first: {all[0].Reason}") { Faults = [.. all] },
        };
    }

    /// <summary>Where what is no YAML has a tab before its first word: the parser names the line in which it began to look.</summary>
    private static Refusal? TabIn(string text)
    {
        var line = Array.FindIndex(text.Split('\n'), l => l.AsSpan(0, l.Length - l.AsSpan().TrimStart().Length).Contains('\t') && !string.IsNullOrWhiteSpace(l));
        return line < 0 ? null : new(Code, string.Create(CultureInfo.InvariantCulture, $"Line {line + 1}: a tab stands before the first word, which YAML does not take. Indent with spaces."));
    }

    private YamlPart? Document()
    {
        Next(); // the stream
        Next();
        if (_parser.Current is StreamEnd)
        {
            _faults.Add(new(Code, "The file is empty. It must hold `decisionPoints:` and a list; an export shows the form."));
            return null;
        }
        Next();
        var root = Part(1);
        if (root is null) return null;
        Next(); // the document's end
        Next();
        if (_parser.Current is DocumentStart second) _faults.Add(Fault(second.Start, "a second document begins. One file holds one document: put all decision points under one `decisionPoints:`."));
        return root;
    }

    /// <summary>To the next event. Damaged enough, a text makes the parser throw what is no word of YAML.</summary>
    private bool Next()
    {
        try
        {
            return _parser.MoveNext();
        }
        catch (Exception fault) when (fault is InvalidOperationException or ArgumentException)
        {
            var at = _parser.Current?.End ?? Mark.Empty;
            throw new YamlException(at, at, "What comes after this makes no sense to the reader.", fault);
        }
    }

    /// <summary>The part that the current event begins, up to its last event; null where the limits end the reading.</summary>
    private YamlPart? Part(int depth)
    {
        var at = _parser.Current!;
        if (++_parts > MaxParts) return Stop(at.Start, $"the file has more than {MaxParts:N0} values, what aliases repeat counted again. Split it: what a file does not name is left alone.");
        if (depth > MaxDepth) return Stop(at.Start, $"it is nested more than {MaxDepth} levels deep. Nothing that Looper reads is.");
        if (at is AnchorAlias alias) return Repeated(alias);
        var (line, column) = ((int)at.Start.Line, (int)at.Start.Column);
        if (at is NodeEvent { Tag.IsEmpty: false } tagged) _faults.Add(Fault(at.Start, $"the tag `{BlueprintRules.Shown(tagged.Tag.ToString())}` is not taken. Leave it out: what a value is follows from where it stands."));
        var before = _parts - 1;
        YamlPart? part = at switch
        {
            Scalar scalar => new YamlText(line, column, scalar.Value, scalar.Style is not ScalarStyle.Plain),
            SequenceStart => Items(depth) is { } items ? new YamlItems(line, column, _parts - before, [.. items]) : null,
            MappingStart => Fields(depth) is { } fields ? new YamlFields(line, column, _parts - before, [.. fields]) : null,
            _ => throw new YamlException(at.Start, at.End, "Something else was expected."),
        };
        if (part is not null && at is NodeEvent { Anchor.IsEmpty: false } named) _anchors[named.Anchor.Value] = part;
        return part;
    }

    private List<YamlPart>? Items(int depth)
    {
        List<YamlPart> items = [];
        while (Next() && _parser.Current is not SequenceEnd)
        {
            if (Part(depth + 1) is not { } item) return null;
            items.Add(item);
        }
        return items;
    }

    private List<YamlField>? Fields(int depth)
    {
        List<YamlField> fields = [];
        Dictionary<string, int> seen = new(StringComparer.Ordinal);
        while (Next() && _parser.Current is not MappingEnd)
        {
            var at = _parser.Current!.Start;
            if (Part(depth + 1) is not { } name) return null;
            if (!Next() || Part(depth + 1) is not { } value) return null;
            if (name is not YamlText { Text: var text }) _faults.Add(Fault(at, "the name of a field must be one word. Take the brackets away."));
            else if (!seen.TryAdd(text, (int)at.Line)) _faults.Add(Fault(at, $"`{BlueprintRules.Shown(text)}` is there twice, first in line {seen[text]}. Remove one of them."));
            else fields.Add(new(text, (int)at.Line, value));
        }
        return fields;
    }

    private YamlPart? Repeated(AnchorAlias alias)
    {
        if (!_anchors.TryGetValue(alias.Value.Value, out var part)) return Stop(alias.Start, $"the alias `*{BlueprintRules.Shown(alias.Value.Value)}` repeats what has no name, or is not complete yet. Give what it repeats the name `&{BlueprintRules.Shown(alias.Value.Value)}`, above it.");
        _parts += part.Size - 1;
        return _parts > MaxParts ? Stop(alias.Start, $"the file has more than {MaxParts:N0} values, what aliases repeat counted again. Write out less of it.") : part;
    }

    private YamlPart? Stop(Mark at, FormattableString reason)
    {
        _faults.Add(Fault(at, reason.ToString(CultureInfo.InvariantCulture)));
        return null;
    }

    private static Refusal Fault(Mark at, string reason) => new(Code, string.Create(CultureInfo.InvariantCulture, $"Line {at.Line}, column {at.Column}: {reason}"));

    // "While parsing a block mapping, did not find expected key."
    private static string Sentence(string message) => message.EndsWith('.') ? message : message + ".";
}
