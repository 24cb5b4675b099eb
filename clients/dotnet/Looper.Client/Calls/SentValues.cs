using System.Text.Encodings.Web;
using System.Text.Json;

namespace Looper.Client.Calls;

/// <summary>How a context, features and the call around them are written.</summary>
internal static class SentValues
{
    /// <summary>What Looper takes of a decide call.</summary>
    public const int MostBytes = 512 * 1024;

    public static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSerializerOptions s_values = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Converters = { new FiniteDoubles(), new FiniteSingles() } };

    /// <summary>Throws whatever the value throws.</summary>
    public static void Write(Utf8JsonWriter json, object value) => JsonSerializer.Serialize(json, value, value.GetType(), s_values);
}
