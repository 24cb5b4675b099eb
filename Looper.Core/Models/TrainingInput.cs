using System.Text.Json;

namespace Looper.Core.Models;

/// <summary>What a training run was asked to do, as its run stores it.</summary>
/// <param name="Why">Read by people: <c>asked by hand</c>, <c>enough outcomes</c>, <c>schedule</c>.</param>
/// <param name="Provisional">Also learn from decisions whose outcome has arrived although its window is still open.</param>
/// <param name="Examples">Closed decisions when it was asked for; 0 when nobody counted.</param>
/// <param name="CountedAt">When they were counted.</param>
public sealed record TrainingInput(string Why, bool Provisional = false, long Examples = 0, DateTimeOffset? CountedAt = null)
{
    public string Write() => JsonSerializer.Serialize(this, ModelJson.Options);

    public static TrainingInput Read(string json) => JsonSerializer.Deserialize<TrainingInput>(json, ModelJson.Options) ?? new("asked by hand");
}
