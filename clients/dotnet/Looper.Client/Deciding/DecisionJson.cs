using System.Text.Json;

namespace Looper.Client.Deciding;

/// <summary>Reads the answer of a decide call.</summary>
internal static class DecisionJson
{
    private static readonly JsonSerializerOptions s_answer = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, RespectNullableAnnotations = true };

    // A configuration that lacks a value is not read as zero.
    private static readonly JsonSerializerOptions s_value = new() { PropertyNameCaseInsensitive = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };

    /// <summary>The decision, or why it cannot be used.</summary>
    public static (Decision<T>? Decision, Failure? Failure) Read<T>(byte[] body)
    {
        Answer answer;
        try
        {
            answer = JsonSerializer.Deserialize<Answer>(body, s_answer) ?? throw new JsonException("It is null.");
        }
        catch (JsonException fault)
        {
            return (null, new(FallbackReason.Unreadable, $"What answered sent no decision: {fault.Message}"));
        }
        return Read<T>(answer.Decision, out var value) is { } unfit ? (null, unfit) : (Decided(answer, value), null);
    }

    /// <summary>What is decided on, as the type that is expected.</summary>
    /// <returns>Null where it fits.</returns>
    public static Failure? Read<T>(JsonElement decision, out T value)
    {
        value = default!;
        try
        {
            if (decision.Deserialize<T>(s_value) is { } read)
            {
                value = read;
                return null;
            }
        }
        catch (Exception)
        {
            // of JSON or of the type itself: said below
        }
        return new(FallbackReason.Unreadable, $"The decision is {decision.GetRawText()}, which is no {typeof(T).Name}. Ask for the type that the decision point answers with.", IsOfCall: true);
    }

    private static Decision<T> Decided<T>(Answer answer, T value) => new()
    {
        Value = value,
        DecisionId = answer.DecisionId,
        Ranking = answer.Ranking,
        Propensity = answer.Propensity,
        Reason = answer.Reason,
        Experiment = answer.Experiment,
        Arm = answer.Arm,
        BlueprintVersion = answer.BlueprintVersion,
        ModelVersion = answer.ModelVersion,
        IsDefault = answer.IsDefault,
        Recorded = answer.Recorded,
        Explanation = answer.Explanation,
    };

    private sealed class Answer
    {
        public required string DecisionId { get; init; }
        public required JsonElement Decision { get; init; }
        public IReadOnlyList<RankedCandidate>? Ranking { get; init; }
        public double? Propensity { get; init; }
        public required string Reason { get; init; }
        public string? Experiment { get; init; }
        public string? Arm { get; init; }
        public required int BlueprintVersion { get; init; }
        public int? ModelVersion { get; init; }
        public required bool IsDefault { get; init; }
        public bool Recorded { get; init; } = true;
        public JsonElement? Explanation { get; init; }
    }
}
