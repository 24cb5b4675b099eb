using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Looper.Core.Serving;

/// <summary>Tags and vectors where there is one text for a value: a cell of CSV, a field of a form, a row of a table.</summary>
public static class ListText
{
    private static readonly JsonSerializerOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A JSON array, where the text begins with <c>[</c>; else parts between <c>|</c>.</summary>
    /// <returns>Its parts as texts; null where it is an array that cannot be read, or holds anything but texts, numbers, true and false.</returns>
    public static string[]? Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var trimmed = text.Trim();
        if (trimmed.Length == 0) return [];
        if (trimmed[0] != '[') return [.. trimmed.Split('|').Select(p => p.Trim()).Where(p => p.Length > 0)];
        try
        {
            using var json = JsonDocument.Parse(trimmed);
            string[] items = [.. json.RootElement.EnumerateArray().Select(Item).OfType<string>()];
            return items.Length == json.RootElement.GetArrayLength() ? items : null;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException) // the second of half a surrogate pair
        {
            return null;
        }
    }

    /// <summary>The parts as numbers; null where one is none.</summary>
    public static double[]? Numbers(string text)
    {
        if (Read(text) is not { } parts) return null;
        var numbers = new double[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (!double.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i]) || !double.IsFinite(numbers[i])) return null;
        }
        return numbers;
    }

    /// <summary>The value that a reader stands on, as a JSON array.</summary>
    public static string Of(in ServedRowReader served)
    {
        if (served.Kind == ServedKind.Tags) return Of(TagReader.Texts(served.Packed));
        var numbers = new string[ServedVector.Count(served.Packed)];
        for (var i = 0; i < numbers.Length; i++) numbers[i] = ((float)ServedVector.Number(served.Packed, i)).ToString("R", CultureInfo.InvariantCulture);
        return $"[{string.Join(", ", numbers)}]";
    }

    public static string Of(IEnumerable<string> tags) => $"[{string.Join(", ", tags.Select(t => JsonSerializer.Serialize(t, s_json)))}]";

    private static string? Item(JsonElement item) => item.ValueKind switch
    {
        JsonValueKind.String => item.GetString(),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => item.GetRawText(),
        _ => null,
    };
}
