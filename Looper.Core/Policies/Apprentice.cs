using System.Text.Json;
using Looper.Core.Blueprints;

namespace Looper.Core.Policies;

/// <summary>A policy that learns beside the one that decides: it decides nothing, and is judged again and again on what was logged. One a decision point.</summary>
public sealed class Apprentice
{
    public Guid Id { get; init; }
    public Guid DecisionPointId { get; init; }

    /// <summary>JSON of a <see cref="PolicySpec"/>.</summary>
    public string Policy { get; private set; } = "";

    public string StartedBy { get; private set; } = "";
    public DateTimeOffset StartedAt { get; private set; }

    /// <summary>The newest judgement that was asked for; also that of its run.</summary>
    public Guid? EvaluationId { get; private set; }

    public DateTimeOffset? AskedAt { get; private set; }

    /// <summary>Concurrency token.</summary>
    public long Revision { get; set; }

    public void Begin(PolicySpec policy, string by, DateTimeOffset at)
    {
        (Policy, StartedBy, StartedAt) = (JsonSerializer.Serialize(policy, PolicyJson.Options), by, at);
        (EvaluationId, AskedAt) = (null, null);
    }

    public void Asked(Guid evaluation, DateTimeOffset at) => (EvaluationId, AskedAt) = (evaluation, at);

    public PolicySpec Spec() => JsonSerializer.Deserialize<PolicySpec>(Policy, PolicyJson.Options) ?? throw new JsonException("The stored policy is empty.");
}
