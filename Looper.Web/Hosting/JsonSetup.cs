using System.Text.Json;
using System.Text.Json.Serialization;
using Looper.Core.Blueprints;
using Looper.Web.Api;

namespace Looper.Web.Hosting;

/// <summary>How management routes read and write JSON: camelCase, enums as words, nothing unknown, nothing deep, no NaN, no time of an unknown zone.</summary>
internal static class JsonSetup
{
    private const int MaxDepth = 32; // the description of a rule that holds rules takes more than the rule

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
        options.Converters.Add(new TimeWithOffset());
    });

    /// <summary>What is said of any other time.</summary>
    public const string NoTime = "is no time with its offset from UTC. Write it like 2026-05-04T12:30:00Z.";

    private sealed class TimeWithOffset : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            ZonedTime.TryRead(ref reader, out var time) ? time : throw new JsonException(NoTime);

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(value);
    }

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
