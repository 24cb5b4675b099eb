using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Looper.Core.Serving;

namespace Looper.Web.Api;

/// <summary>What both data routes ask of a body: valid UTF-8, at most 16 levels, 200 names and 1,024 characters a text. A name that
/// comes twice counts as last written.</summary>
internal static class DataJson
{
    public const int MaxDepth = 16;
    public const int MaxNames = FlatContext.MostNames;
    public const int MaxText = FlatContext.MostText;
    public const int MaxId = 128;
    public const int MaxUnit = Core.Events.DecisionRecord.MostUnit;

    /// <summary>Without a limit of the reader's own: ours is met first and named, and what of a batch lies deeper is passed over.</summary>
    public static JsonReaderOptions Options => new() { MaxDepth = int.MaxValue };

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private static ReadOnlySpan<byte> Gzip => [0x1F, 0x8B];

    public static DataFault? CheckText(ReadOnlySpan<byte> body) => body.StartsWith(Gzip) ? DataFault.Malformed("it is compressed (gzip). Send it as it is.")
        : !Utf8.IsValid(body) ? DataFault.Malformed("it holds bytes that are no UTF-8.")
        : body.StartsWith(ByteOrderMark) ? DataFault.Malformed("it begins with a byte order mark. Send it without.")
        : null;

    /// <summary>The reader's exceptions are the only way it tells of bad input.</summary>
    public static bool IsBadInput(Exception fault) => fault is JsonException or InvalidOperationException;

    public static DataFault Malformed(Exception fault) => fault is JsonException json
        ? DataFault.Malformed($"{What(json.Message)} at line {json.LineNumber + 1}, byte {json.BytePositionInLine + 1}.")
        : DataFault.Malformed("a text holds half of a surrogate pair. Send whole characters.");

    /// <summary>The reader's own sentence names options of ours, so only its kind is told.</summary>
    private static string What(string message) => message switch
    {
        _ when message.Contains("trailing comma", StringComparison.Ordinal) => "nothing follows a comma",
        _ when message.Contains("after a single JSON value", StringComparison.Ordinal) => "something follows its end",
        _ when message.Contains("should be closed", StringComparison.Ordinal) || message.Contains("end of data", StringComparison.Ordinal)
            || message.Contains("does not contain any JSON tokens", StringComparison.Ordinal) => "it breaks off",
        _ => "look for a missing comma, quote or bracket, or a value that JSON does not have,",
    };

    /// <summary>A text of the call itself: present, not empty, no control characters, not too long.</summary>
    public static DataFault? Text(scoped ref Utf8JsonReader reader, string field, int limit, out ReadOnlySpan<byte> utf8)
    {
        utf8 = default;
        if (reader.TokenType != JsonTokenType.String) return DataFault.Invalid(field, "this must be a text.");
        utf8 = reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(reader.GetString()!) : reader.ValueSpan;
        if (utf8.IsEmpty) return DataFault.Invalid(field, "this is empty.");
        if (utf8.Length > limit && Encoding.UTF8.GetCharCount(utf8) > limit) return DataFault.Invalid(field, $"this is longer than {limit} characters.");
        return utf8.IndexOfAnyInRange((byte)0, (byte)0x1F) >= 0 || utf8.Contains((byte)0x7F) ? DataFault.Invalid(field, "this holds control characters.") : null;
    }

    /// <summary>Passes over the value the reader stands on, checking limits on the way.</summary>
    /// <param name="depth">Level of the call itself; above 0 inside a batch.</param>
    public static DataFault? Skip(ref Utf8JsonReader reader, string field, int depth)
    {
        var level = reader.CurrentDepth;
        var names = 0;
        do
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray when reader.CurrentDepth - depth >= MaxDepth:
                    return DataFault.Invalid(field, $"the call is nested deeper than {MaxDepth} levels.");
                case JsonTokenType.PropertyName when ++names > MaxNames:
                    return DataFault.Invalid(field, $"it holds more than {MaxNames} values.");
                case JsonTokenType.String or JsonTokenType.PropertyName when IsTooLong(ref reader):
                    return DataFault.Invalid(field, $"it holds a text longer than {MaxText} characters.");
            }
        }
        while ((reader.CurrentDepth > level || reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray) && reader.Read());
        return null;
    }

    private static bool IsTooLong(ref Utf8JsonReader reader) =>
        reader.ValueSpan.Length > MaxText && (reader.ValueIsEscaped ? reader.GetString()!.Length : Encoding.UTF8.GetCharCount(reader.ValueSpan)) > MaxText;
}
