using System.Buffers.Text;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Looper.Core.Blueprints;

namespace Looper.Core.Serving;

/// <summary>
/// The context of a request (UTF-8 JSON) → a <see cref="ServedRow"/>, in the blueprint's order, in one pass and without a
/// document. A value that does not fit its feature becomes <see cref="ServedKind.Invalid"/>; it never costs the caller a decision.
/// </summary>
/// <remarks>
/// Feature <c>a.b</c> is read from <c>{"a":{"b":…}}</c> and from <c>{"a.b":…}</c>; a name that comes twice counts as last written;
/// unknown names are passed over; null and absence are missing. What fits:
/// <list type="table">
/// <item>number: a finite number; true is 1 and false is 0; a text that is a number (<c>"83.5"</c>).</item>
/// <item>boolean: true and false; the numbers 0 and 1; the texts <c>true</c>, <c>false</c>, <c>1</c>, <c>0</c>, in any case.</item>
/// <item>category: any text up to <see cref="ServedRow.MaxTextBytes"/>; true, false and numbers as their text (5.0 is <c>5</c>).</item>
/// <item>time: RFC 3339 with its offset, or seconds or milliseconds since 1970; served as seconds.</item>
/// <item>tags: an array of up to <see cref="Feature.MostTags"/> different texts; true, false and numbers in it as their text; a text by itself is one tag.</item>
/// <item>vector: an array of as many numbers as its dimension says.</item>
/// </list>
/// Derived features are computed from these, whatever the context says of their names.
/// </remarks>
public sealed class ContextReader
{
    private const int MaxDepth = 64;
    private readonly Utf8Table _names;
    private readonly FeatureKind[] _kinds;
    private readonly int[] _dimensions;
    private readonly byte[][] _expected;
    private readonly FlatName[] _quoted; // the same between quotes
    private readonly bool _nests;
    private readonly DerivedFeatures? _derived;

    public ContextReader(ImmutableArray<Feature> features)
    {
        _names = new(features.Select(f => f.Name));
        _kinds = [.. features.Select(f => f.Kind)];
        _dimensions = [.. features.Select(f => f.Dimension ?? 0)];
        _expected = [.. features.Select(f => System.Text.Encoding.UTF8.GetBytes(f.Name))];
        _quoted = [.. _expected.Select(n => FlatName.Of([(byte)'"', .. n, (byte)'"'], n.Length))];
        _nests = features.Any(f => f.Name.Contains('.'));
        _derived = DerivedFeatures.Of(features);
    }

    /// <summary>Number of features.</summary>
    public int Count => _kinds.Length;

    /// <summary>Writes the served row into the workspace.</summary>
    /// <param name="context">A JSON value; empty for none.</param>
    /// <param name="read">What was read of it already; null when nothing was.</param>
    /// <returns>False when it is not an object: then every feature is missing.</returns>
    public bool Read(ReadOnlySpan<byte> context, DecisionWorkspace workspace, FlatContext? read = null)
    {
        workspace.ClearValues(Count);
        var (isObject, start) = (true, 0);
        if (!context.IsEmpty && read is null && workspace.Flat.TryReadAll(context, out start)) read = workspace.Flat;
        if (read is not null) Take(read.Values, context, start, workspace);
        else if (!context.IsEmpty)
        {
            var reader = new Utf8JsonReader(context, new JsonReaderOptions { MaxDepth = MaxDepth });
            reader.Read();
            isObject = reader.TokenType == JsonTokenType.StartObject;
            if (isObject) ReadObject(ref reader, workspace);
            else isObject = reader.TokenType == JsonTokenType.Null;
        }
        _derived?.Derive(context, workspace);
        workspace.WriteServed(context, Count);
        return isObject;
    }

    /// <summary>Most applications send the same names in the same order, so the feature after the last one found is tried first.</summary>
    private void Take(ReadOnlySpan<FlatValue> values, ReadOnlySpan<byte> context, int start, DecisionWorkspace workspace)
    {
        var next = 0;
        var found = workspace.Values;
        foreach (ref readonly var value in values)
        {
            var feature = next < _quoted.Length && _quoted[next].Begins(context[(start + value.Name - 1)..]) ? next : Find(context.Slice(start + value.Name, value.NameLength), next);
            if (feature < 0) continue;
            next = feature + 1;
            var kind = _kinds[feature];
            found[feature] = value.Kind switch
            {
                FlatKind.Null => default,
                FlatKind.Number when kind == FeatureKind.Number => ContextValue.Of(value.Number),
                FlatKind.True or FlatKind.False when kind == FeatureKind.Boolean => ContextValue.Of(value.Kind == FlatKind.True),
                FlatKind.Number => OfNumber(value.Number, kind, workspace),
                FlatKind.LongNumber => OfLongNumber(context.Slice(start + value.Offset, value.Length), kind, workspace),
                FlatKind.Text when kind == FeatureKind.Category && value.Length <= ServedRow.MaxTextBytes => ContextValue.Of(start + value.Offset, value.Length),
                FlatKind.Text => OfText(context.Slice(start + value.Offset, value.Length), kind, workspace),
                FlatKind.List => OfList(context.Slice(start + value.Offset, value.Length), feature, workspace),
                _ => OfBoolean(value.Kind == FlatKind.True, kind, workspace),
            };
        }
    }

    private int Find(ReadOnlySpan<byte> name, int expected) =>
        expected < _expected.Length && name.SequenceEqual(_expected[expected]) ? expected : _names.Find(name);

    private ContextValue OfList(ReadOnlySpan<byte> json, int feature, DecisionWorkspace workspace)
    {
        var list = new Utf8JsonReader(json);
        list.Read();
        return ListReader.Read(ref list, _kinds[feature], _dimensions[feature], workspace);
    }

    private static ContextValue OfLongNumber(ReadOnlySpan<byte> json, FeatureKind kind, DecisionWorkspace workspace) =>
        Utf8Parser.TryParse(json, out double number, out var length) && length == json.Length && double.IsFinite(number)
            ? OfNumber(number + 0.0, kind, workspace) // −0 becomes 0
            : ContextValue.Invalid;

    private void ReadObject(ref Utf8JsonReader reader, DecisionWorkspace workspace)
    {
        var path = (stackalloc byte[_names.Longest + 1]);
        var lengths = (stackalloc int[MaxDepth + 1]);
        int depth = 0, length = 0;
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.EndObject)
            {
                if (--depth < 0) return;
                continue;
            }
            var parent = depth == 0 ? 0 : lengths[depth];
            length = Extend(ref reader, path, parent);
            var feature = length < 0 ? -1 : _names.Find(path[..length]);
            reader.Read();
            if (feature >= 0)
            {
                workspace.Values[feature] = reader.TokenType == JsonTokenType.StartArray
                    ? ListReader.Read(ref reader, _kinds[feature], _dimensions[feature], workspace)
                    : ValueOf(ref reader, _kinds[feature], workspace);
            }
            if (reader.TokenType == JsonTokenType.StartArray) reader.Skip();
            if (reader.TokenType != JsonTokenType.StartObject) continue;
            if (!_nests || length < 0 || length >= path.Length)
            {
                reader.Skip();
                continue;
            }
            path[length] = (byte)'.';
            lengths[++depth] = length + 1;
        }
    }

    /// <summary>Appends the property's name to the path; −1 when no feature is that long or the name is no text.</summary>
    private static int Extend(ref Utf8JsonReader reader, scoped Span<byte> path, int parent)
    {
        if (parent + reader.ValueSpan.Length > path.Length)
        {
            if (!reader.ValueIsEscaped || reader.ValueSpan.Length > DecisionWorkspace.MaxScratch) return -1;
            var plain = (stackalloc byte[DecisionWorkspace.MaxScratch]);
            var written = Unescape(ref reader, plain);
            if (written < 0 || parent + written > path.Length) return -1;
            plain[..written].CopyTo(path[parent..]);
            return parent + written;
        }
        if (reader.ValueIsEscaped)
        {
            var written = Unescape(ref reader, path[parent..]);
            return written < 0 ? -1 : parent + written;
        }
        reader.ValueSpan.CopyTo(path[parent..]);
        return parent + reader.ValueSpan.Length;
    }

    private static ContextValue ValueOf(ref Utf8JsonReader reader, FeatureKind kind, DecisionWorkspace workspace) => reader.TokenType switch
    {
        JsonTokenType.Null => default,
        JsonTokenType.True or JsonTokenType.False => OfBoolean(reader.TokenType == JsonTokenType.True, kind, workspace),
        JsonTokenType.Number => reader.TryGetDouble(out var number) && double.IsFinite(number)
            ? OfNumber(number + 0.0, kind, workspace) // −0 becomes 0
            : ContextValue.Invalid,
        JsonTokenType.String => OfText(ref reader, kind, workspace),
        _ => ContextValue.Invalid,
    };

    private static ContextValue OfBoolean(bool value, FeatureKind kind, DecisionWorkspace workspace) => kind switch
    {
        FeatureKind.Number => ContextValue.Of(value ? 1 : 0),
        FeatureKind.Boolean => ContextValue.Of(value),
        FeatureKind.Category => workspace.Keep(value ? CategoryText.True : CategoryText.False),
        _ => ContextValue.Invalid,
    };

    private static ContextValue OfNumber(double value, FeatureKind kind, DecisionWorkspace workspace)
    {
        switch (kind)
        {
            case FeatureKind.Number:
                return ContextValue.Of(value);
            case FeatureKind.Boolean:
                return value is 0 or 1 ? ContextValue.Of(value == 1) : ContextValue.Invalid;
            case FeatureKind.Time:
                return TimeText.TryRead(value, out var seconds) ? ContextValue.Of(seconds) : ContextValue.Invalid;
            case FeatureKind.Tags or FeatureKind.Vector:
                return ContextValue.Invalid;
            default:
                var text = (stackalloc byte[CategoryText.MaxBytes]);
                return workspace.Keep(text[..CategoryText.Write(value, text)]);
        }
    }

    private static ContextValue OfText(ref Utf8JsonReader reader, FeatureKind kind, DecisionWorkspace workspace)
    {
        if (reader.ValueSpan.Length > DecisionWorkspace.MaxScratch) return ContextValue.Invalid;
        if (kind == FeatureKind.Category && !reader.ValueIsEscaped)
            return reader.ValueSpan.Length <= ServedRow.MaxTextBytes ? ContextValue.Of((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length) : ContextValue.Invalid;
        var plain = reader.ValueSpan;
        if (reader.ValueIsEscaped)
        {
            var unescaped = workspace.Scratch;
            var written = Unescape(ref reader, unescaped);
            if (written < 0) return ContextValue.Invalid;
            plain = unescaped[..written];
        }
        return OfText(plain, kind, workspace);
    }

    private static ContextValue OfText(ReadOnlySpan<byte> plain, FeatureKind kind, DecisionWorkspace workspace) => kind switch
    {
        FeatureKind.Number => double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? ContextValue.Of(number + 0.0) : ContextValue.Invalid,
        FeatureKind.Boolean => BooleanOf(plain),
        FeatureKind.Time => TimeText.TryRead(plain, out var seconds) ? ContextValue.Of(seconds) : ContextValue.Invalid,
        FeatureKind.Tags => OneTag(plain, workspace),
        FeatureKind.Vector => ContextValue.Invalid,
        _ => plain.Length <= ServedRow.MaxTextBytes ? workspace.Keep(plain) : ContextValue.Invalid,
    };

    private static ContextValue OneTag(ReadOnlySpan<byte> text, DecisionWorkspace workspace)
    {
        var tags = workspace.Tags;
        tags.Clear();
        if (!tags.Add(text)) return ContextValue.Invalid;
        tags.Pack(workspace.Keep(ServedKind.Tags, tags.PackedLength, out var kept));
        return kept;
    }

    private static ContextValue BooleanOf(ReadOnlySpan<byte> text) =>
        text.SequenceEqual("1"u8) || System.Text.Ascii.EqualsIgnoreCase(text, CategoryText.True) ? ContextValue.Of(true)
        : text.SequenceEqual("0"u8) || System.Text.Ascii.EqualsIgnoreCase(text, CategoryText.False) ? ContextValue.Of(false)
        : ContextValue.Invalid;

    /// <summary>−1 when the escapes are no text (half of a surrogate pair).</summary>
    internal static int Unescape(ref Utf8JsonReader reader, scoped Span<byte> destination)
    {
        try
        {
            return reader.CopyString(destination);
        }
        catch (InvalidOperationException) // the reader has no other way to say so
        {
            return -1;
        }
        catch (ArgumentException) // longer than any feature's name
        {
            return -1;
        }
    }
}
