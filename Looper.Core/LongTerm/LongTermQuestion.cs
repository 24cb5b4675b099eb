using System.Text.Json;
using Looper.Core.Blueprints;

namespace Looper.Core.LongTerm;

/// <summary>What a long-term effect is asked for.</summary>
/// <param name="Metric">Outcome or metric of the experiment that takes long to be known, or <c>goal</c>; null takes the one that decides.</param>
/// <param name="Early">How long after a unit’s first decision its early outcomes are read, shorter than the metric’s own time; null takes a quarter of that.</param>
public sealed record LongTermRequest(string? Metric = null, TimeSpan? Early = null);

/// <summary>The same as its run stores it: every input besides the events, so that the same run gives the same numbers.</summary>
/// <param name="Metric">Key of the metric.</param>
/// <param name="Early">Early outcomes are read so long after a unit’s first decision.</param>
/// <param name="Seed">Fixes every random choice.</param>
public sealed record LongTermInput(Guid ExperimentId, string Metric, TimeSpan Early, long Seed)
{
    public string Write() => JsonSerializer.Serialize(this, BlueprintJson.Options);

    /// <exception cref="JsonException">The stored text is not an input.</exception>
    public static LongTermInput Read(string json) => JsonSerializer.Deserialize<LongTermInput>(json, BlueprintJson.Options) ?? throw new JsonException("The stored input is empty.");
}
