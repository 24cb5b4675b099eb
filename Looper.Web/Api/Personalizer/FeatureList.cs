using System.Text.Json;

namespace Looper.Web.Api.Personalizer;

/// <summary>A list of objects of features, as Personalizer takes them, as the one object that Looper takes: the features of all of them side by side. A namespace
/// (<c>{"device":{"os":"ios"}}</c>) stays nested, and is read as <c>device.os</c> like everywhere.</summary>
internal static class FeatureList
{
    // Personalizer's lists lie a level deeper than the object that they become.
    private const int Level = 1;

    /// <param name="reader">Stands on the value; on its last token afterwards.</param>
    /// <param name="json">What the reader reads.</param>
    /// <param name="merged">Empty for none.</param>
    public static DataFault? Read(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, string field, out ReadOnlyMemory<byte> merged)
    {
        merged = default;
        if (reader.TokenType == JsonTokenType.Null) return null;
        if (reader.TokenType != JsonTokenType.StartArray) return DataFault.Invalid(field, "this must be an array of objects with features, such as [{\"price\":3}].");
        var objects = reader;
        if (DataJson.Skip(ref reader, field, Level) is { } fault) return fault;
        var parts = new List<ReadOnlyMemory<byte>>(1);
        while (objects.Read() && objects.TokenType != JsonTokenType.EndArray)
        {
            if (objects.TokenType != JsonTokenType.StartObject) return DataFault.Invalid($"{field}[{parts.Count}]", "this must be an object with features.");
            var start = (int)objects.TokenStartIndex;
            objects.Skip();
            parts.Add(json[start..(int)objects.BytesConsumed]);
        }
        merged = parts.Count == 1 ? parts[0] : Merged(parts);
        return null;
    }

    private static byte[] Merged(List<ReadOnlyMemory<byte>> objects)
    {
        var merged = new List<byte>(objects.Sum(o => o.Length) + 2) { (byte)'{' };
        foreach (var part in objects)
        {
            var features = part.Span[1..^1];
            if (features.IndexOfAnyExcept(" \n\r\t"u8) < 0) continue;
            if (merged.Count > 1) merged.Add((byte)',');
            merged.AddRange(features);
        }
        merged.Add((byte)'}');
        return [.. merged];
    }
}
