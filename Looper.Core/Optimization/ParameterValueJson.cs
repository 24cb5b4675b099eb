using System.Text.Json;
using System.Text.Json.Serialization;

namespace Looper.Core.Optimization;

/// <summary>A number or a word, as JSON has them.</summary>
public sealed class ParameterValueJson : JsonConverter<ParameterValue>
{
    /// <inheritdoc/>
    /// <exception cref="JsonException">It is neither.</exception>
    public override ParameterValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.Number => new(reader.GetDouble()),
        JsonTokenType.String => new(reader.GetString()!),
        _ => throw new JsonException("Give a number or a text."),
    };

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, ParameterValue value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (value.Category is { } word) writer.WriteStringValue(word);
        else writer.WriteNumberValue(value.Number);
    }
}
