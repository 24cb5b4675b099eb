using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Looper.Core.Optimization;

namespace Looper.Core.Studies;

/// <summary>How plans, values and metrics become text and come back; undefined numbers are null.</summary>
public static class StudyJson
{
    public static JsonSerializerOptions Options { get; } = MakeOptions();

    public static string Write(StudyPlan plan) => JsonSerializer.Serialize(plan, Options);

    public static StudyPlan ReadPlan(string json) => JsonSerializer.Deserialize<StudyPlan>(json, Options) ?? throw new JsonException("The stored plan is empty.");

    public static string Write(ImmutableSortedDictionary<string, ParameterValue> values) => JsonSerializer.Serialize(values, Options);

    public static ImmutableSortedDictionary<string, ParameterValue> ReadValues(string json) =>
        JsonSerializer.Deserialize<ImmutableSortedDictionary<string, ParameterValue>>(json, Options)!;

    public static string Write(ImmutableSortedDictionary<string, TrialMetric> metrics) => JsonSerializer.Serialize(metrics, Options);

    public static ImmutableSortedDictionary<string, TrialMetric> ReadMetrics(string? json) => json is null
        ? ImmutableSortedDictionary<string, TrialMetric>.Empty : JsonSerializer.Deserialize<ImmutableSortedDictionary<string, TrialMetric>>(json, Options)!;

    private static JsonSerializerOptions MakeOptions()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false), new UndefinedAsNull() },
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    private sealed class UndefinedAsNull : JsonConverter<double>
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
