using System.Text.Json;
using Looper.Core.Experiments;

namespace Looper.Core.Policies;

/// <summary>How results become text and come back: an undefined number is null, never NaN and never 0.</summary>
public static class PolicyJson
{
    public static JsonSerializerOptions Options => ExperimentJson.ReportOptions;

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Options);

    /// <exception cref="JsonException">The stored text is not of this kind.</exception>
    public static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, Options) ?? throw new JsonException($"The stored {typeof(T).Name} is empty.");
}
