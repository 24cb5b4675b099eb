using System.Text.Json;
using System.Text.Json.Serialization;
using Looper.Core.Blueprints;

namespace Looper.Web.Hosting;

/// <summary>How management routes read and write JSON: camelCase, enums as words, nothing unknown, nothing deep, no NaN.</summary>
internal static class JsonSetup
{
    private const int MaxDepth = 16;

    public static IServiceCollection AddJson(this IServiceCollection services) => services.ConfigureHttpJsonOptions(json =>
    {
        var options = json.SerializerOptions;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.AllowOutOfOrderMetadataProperties = true;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.MaxDepth = MaxDepth;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        options.Converters.Add(new DurationJson());
        options.Converters.Add(new FiniteOrNull());
    });

    /// <summary>An undefined number is null outside.</summary>
    private sealed class FiniteOrNull : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetDouble() is var value && double.IsFinite(value) ? value : throw new JsonException("The number is too large.");

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value)) writer.WriteNumberValue(value);
            else writer.WriteNullValue();
        }
    }
}
