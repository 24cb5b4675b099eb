using System.Text.Json;
using System.Text.Unicode;

namespace Looper.InProcess.Deciding;

/// <summary>What Looper takes of a decide call, beyond which it would refuse the decision when it hears of it.</summary>
internal static class CallLimits
{
    private const int MostUnit = 256, MostId = 128, MostText = 1_024, MostNames = 200, MostLevels = 16;

    private static readonly JsonReaderOptions s_reading = new() { MaxDepth = int.MaxValue };

    /// <summary>What is wrong, in a sentence; null where nothing is.</summary>
    public static string? Fault(string unit, string? decisionId) =>
        Fault("unit", unit, MostUnit) ?? (decisionId is null ? null : Fault("decisionId", decisionId, MostId));

    /// <inheritdoc cref="Fault(string, string?)"/>
    /// <param name="context">JSON, or what a converter wrote for it.</param>
    public static string? Fault(ReadOnlySpan<byte> context)
    {
        if (!Utf8.IsValid(context)) return "context: it holds bytes that are no UTF-8.";
        var reader = new Utf8JsonReader(context, s_reading);
        var names = 0;
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray when reader.CurrentDepth + 1 >= MostLevels: // the call around it is a level too
                    return $"context: the call is nested deeper than {MostLevels} levels.";
                case JsonTokenType.PropertyName when ++names > MostNames:
                    return $"context: it holds more than {MostNames} values.";
                case JsonTokenType.String or JsonTokenType.PropertyName when IsTooLong(ref reader):
                    return $"context: it holds a text longer than {MostText} characters.";
            }
        }
        return null;
    }

    private static string? Fault(string field, string text, int most) =>
        text.Length == 0 ? $"{field}: this is empty."
        : text.Length > most ? $"{field}: this is longer than {most} characters."
        : text.AsSpan().ContainsAnyInRange('\0', '\x1F') || text.Contains('\x7F') ? $"{field}: this holds control characters." : null;

    private static bool IsTooLong(ref Utf8JsonReader reader) =>
        reader.ValueSpan.Length > MostText && (reader.ValueIsEscaped ? reader.GetString()!.Length : System.Text.Encoding.UTF8.GetCharCount(reader.ValueSpan)) > MostText;
}
