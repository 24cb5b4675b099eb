using System.Text.Json;
using Looper.Core.Blueprints;

namespace Looper.Core.Serving;

/// <summary>A JSON array → tags or a vector. One way, for contexts that are read in one pass and for those that are not.</summary>
internal static class ListReader
{
    /// <param name="reader">Stands on the array's start; on its end afterwards.</param>
    /// <param name="dimension">Of a vector.</param>
    /// <returns>Invalid for any other kind of feature.</returns>
    public static ContextValue Read(ref Utf8JsonReader reader, FeatureKind kind, int dimension, DecisionWorkspace workspace)
    {
        switch (kind)
        {
            case FeatureKind.Tags:
                return ReadTags(ref reader, workspace);
            case FeatureKind.Vector:
                return ReadVector(ref reader, dimension, workspace);
            default:
                reader.Skip();
                return ContextValue.Invalid;
        }
    }

    private static ContextValue ReadTags(ref Utf8JsonReader reader, DecisionWorkspace workspace)
    {
        var tags = workspace.Tags;
        tags.Clear();
        var fits = true;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (fits) fits = Add(ref reader, tags, workspace);
            reader.Skip();
        }
        if (!fits) return ContextValue.Invalid;
        tags.Pack(workspace.Keep(ServedKind.Tags, tags.PackedLength, out var kept));
        return kept;
    }

    private static bool Add(ref Utf8JsonReader reader, TagSet tags, DecisionWorkspace workspace)
    {
        var text = (stackalloc byte[CategoryText.MaxBytes]);
        switch (reader.TokenType)
        {
            case JsonTokenType.String when !reader.ValueIsEscaped:
                return tags.Add(reader.ValueSpan);
            case JsonTokenType.String when reader.ValueSpan.Length <= DecisionWorkspace.MaxScratch:
                var written = ContextReader.Unescape(ref reader, workspace.Scratch);
                return written >= 0 && tags.Add(workspace.Scratch[..written]);
            case JsonTokenType.True or JsonTokenType.False:
                return tags.Add(reader.TokenType == JsonTokenType.True ? CategoryText.True : CategoryText.False);
            case JsonTokenType.Number when reader.TryGetDouble(out var number) && double.IsFinite(number):
                return tags.Add(text[..CategoryText.Write(number + 0.0, text)]);
            default:
                return false;
        }
    }

    private static ContextValue ReadVector(ref Utf8JsonReader reader, int dimension, DecisionWorkspace workspace)
    {
        Span<byte> packed = stackalloc byte[Feature.MostDimensions * ServedVector.BytesPerNumber];
        var (count, fits) = (0, true);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            fits = fits && count < Feature.MostDimensions && reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var number) && ServedVector.TryWrite(packed, count, number);
            count++;
            reader.Skip();
        }
        if (!fits || count != dimension) return ContextValue.Invalid;
        packed[..(count * ServedVector.BytesPerNumber)].CopyTo(workspace.Keep(ServedKind.Vector, count * ServedVector.BytesPerNumber, out var kept));
        return kept;
    }
}
