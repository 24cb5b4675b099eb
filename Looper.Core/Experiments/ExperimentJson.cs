using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Looper.Core.Blueprints;

namespace Looper.Core.Experiments;

/// <summary>How plans and reports become text and come back.</summary>
public static class ExperimentJson
{
    /// <summary>Reports: an undefined number is null, never NaN and never 0.</summary>
    public static JsonSerializerOptions ReportOptions { get; } = MakeReportOptions();

    public static string Write(ExperimentPlan plan) => JsonSerializer.Serialize(plan, BlueprintJson.Options);

    /// <summary>A plan that Looper itself stored, this version or another: fields it does not know are left out.</summary>
    /// <exception cref="JsonException">The stored text is not a plan.</exception>
    public static ExperimentPlan ReadPlan(string json) =>
        JsonSerializer.Deserialize<ExperimentPlan>(json, ReportOptions) ?? throw new JsonException("The stored plan is empty.");

    public static string Write(ImmutableArray<Tester> testers) => JsonSerializer.Serialize(testers, BlueprintJson.Options);

    /// <param name="json">Null for none.</param>
    public static ImmutableArray<Tester> ReadTesters(string? json) => json is null ? [] : JsonSerializer.Deserialize<ImmutableArray<Tester>>(json, ReportOptions);

    public static string Write(ImmutableArray<AllocationEpoch> epochs) => JsonSerializer.Serialize(epochs, BlueprintJson.Options);

    /// <param name="json">Null for none.</param>
    public static ImmutableArray<AllocationEpoch> ReadAllocation(string? json) => json is null ? [] : JsonSerializer.Deserialize<ImmutableArray<AllocationEpoch>>(json, ReportOptions);

    public static string Write(ApprovalRequest request) => JsonSerializer.Serialize(request, BlueprintJson.Options);

    /// <param name="json">Null for none.</param>
    public static ApprovalRequest? ReadApproval(string? json) => json is null ? null : JsonSerializer.Deserialize<ApprovalRequest>(json, ReportOptions);

    public static string Write(ReportContent report) => JsonSerializer.Serialize(report, ReportOptions);

    /// <summary>A report that Looper itself stored.</summary>
    /// <exception cref="JsonException">The stored text is not a report.</exception>
    public static ReportContent ReadReport(string json) =>
        JsonSerializer.Deserialize<ReportContent>(json, ReportOptions) ?? throw new JsonException("The stored report is empty.");

    private static JsonSerializerOptions MakeReportOptions()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false), new DurationJson(), new UndefinedAsNull() },
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
