using System.Text.Json;
using System.Text.Json.Serialization;

namespace Looper.Core.Models;

/// <summary>How the JSON columns of a model are written: NaN and infinities as null, read back as NaN.</summary>
internal static class ModelJson
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase), new UndefinedIsNull() },
    };

    public static T? Read<T>(string json) where T : class => json is "" or "{}" ? null : JsonSerializer.Deserialize<T>(json, Options);

    private sealed class UndefinedIsNull : JsonConverter<double>
    {
        public override bool HandleNull => true;

        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null ? double.NaN : reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value)) writer.WriteNumberValue(value);
            else writer.WriteNullValue();
        }
    }
}
