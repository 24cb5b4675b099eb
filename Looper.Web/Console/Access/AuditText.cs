using System.Globalization;
using System.Text.Json;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Access;

/// <summary>What an entry of the audit keeps, as people read it. The file that the table gives has it to the letter.</summary>
internal static class AuditText
{
    /// <summary>From here on the whole is shown only when asked for.</summary>
    public const int Long = 160;

    /// <summary>Names and values side by side: <c>key: shop; arms: [{key: a, weight: 0.166667}]</c>.</summary>
    public static string Of(string? kept)
    {
        if (string.IsNullOrEmpty(kept)) return Shown.Nothing;
        try
        {
            using var json = JsonDocument.Parse(kept);
            return json.RootElement.ValueKind == JsonValueKind.Object ? Pairs(json.RootElement, "; ") : Written(json.RootElement);
        }
        catch (JsonException)
        {
            return kept; // a plain word
        }
    }

    private static string Pairs(JsonElement value, string between) => string.Join(between, value.EnumerateObject().Select(p => $"{p.Name}: {Written(p.Value)}"));

    private static string Written(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => $"{{{Pairs(value, ", ")}}}",
        JsonValueKind.Array => $"[{string.Join(", ", value.EnumerateArray().Select(Written))}]",
        JsonValueKind.Null => Shown.Nothing,
        JsonValueKind.Number when value.GetRawText().Contains('.', StringComparison.Ordinal) => value.GetDouble().ToString("G6", CultureInfo.InvariantCulture),
        JsonValueKind.String => value.GetString()!,
        _ => value.GetRawText(),
    };
}
