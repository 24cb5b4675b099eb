using System.Collections.Immutable;
using System.Text.Json;
using Looper.Core.Blueprints;
using Looper.Core.Causal;

namespace Looper.Core.Personalization;

/// <summary>What effects are asked for.</summary>
/// <param name="Metric">Outcome or metric of the experiment, or <c>goal</c> for the weighted sum of the goal’s outcomes; null takes the one that decides.</param>
/// <param name="Learner"><c>auto</c> weighs all of them: <c>s</c>, <c>t</c>, <c>x</c>, <c>r</c> and <c>dr</c> (meta-learners), <c>risk</c> (by the predicted outcome), <c>forest</c> (causal forest), <c>bcf</c> (Bayesian causal forest).</param>
public sealed record EffectRequest(string? Metric = null, string Learner = "auto");

/// <summary>The same as its run stores it: every input besides the events, so that the same run gives the same numbers.</summary>
/// <param name="Metric">Key of the metric.</param>
/// <param name="Seed">Fixes every random choice.</param>
public sealed record EffectInput(Guid ExperimentId, string Metric, string Learner, long Seed)
{
    /// <summary>Learners that can be asked for.</summary>
    public static ImmutableArray<string> Learners { get; } = ["auto", .. EffectPlan.Learners];

    public string Write() => JsonSerializer.Serialize(this, BlueprintJson.Options);

    /// <exception cref="JsonException">The stored text is not an input.</exception>
    public static EffectInput Read(string json) => JsonSerializer.Deserialize<EffectInput>(json, BlueprintJson.Options) ?? throw new JsonException("The stored input is empty.");
}
