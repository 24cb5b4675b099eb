using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Looper.Core.Blueprints;

/// <summary>The whole strategy of a decision point as one value: what a draft edits and a published version freezes.</summary>
public sealed record BlueprintContent
{
    /// <summary>Positions of a ranking that can be drawn.</summary>
    public const int MostPositions = 50;

    /// <summary>What a model of a ranking knows of the place where a candidate was shown: counted from 1, fixed at 1 when candidates are scored.
    /// No feature can have such a name.</summary>
    public const string PositionFeature = "@position";

    private static readonly Feature s_position = new(PositionFeature, FeatureKind.Number);

    public required DecisionShape Shape { get; init; }

    /// <summary>Who or what is decided for: user, device, account, order…</summary>
    public string UnitName { get; init; } = "user";

    /// <summary>For <c>choice</c>: 2 to 50. For <c>binary</c> always <c>false</c>, <c>true</c>. Empty for the other shapes.</summary>
    public ImmutableArray<Option> Options { get; init; } = [];

    /// <summary>What the app gets while there is no model, on any fault and while paused: an option key, a number for <c>value</c>,
    /// <c>as-sent</c> where candidates are sent, or the JSON of a <see cref="Configuration"/>.</summary>
    public required string Default { get; init; }

    /// <summary>For <c>ranking</c>: how many places of the list are shown, 1 to <see cref="MostPositions"/>. They are drawn one after the other,
    /// each with a propensity of its own. Null for the other shapes, and then not written, so that their hashes stay what they were.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Positions { get; init; }

    /// <summary>Bounds of the answer of a <c>value</c> decision; either end may be open.</summary>
    public ValueRange? Range { get; init; }

    /// <summary>What a <c>configuration</c> decision answers; empty for the other shapes.</summary>
    public ImmutableArray<ConfigurationParameter> Parameters { get; init; } = [];

    public ImmutableArray<Feature> Features { get; init; } = [];

    /// <summary>What is sent with each candidate; empty where none are sent.</summary>
    public ImmutableArray<Feature> CandidateFeatures { get; init; } = [];

    public ImmutableArray<Outcome> Outcomes { get; init; } = [];

    public Goal Goal { get; init; } = new();

    public PolicySpec Policy { get; init; } = new RandomPolicy();

    public Rollout Rollout { get; init; } = new();

    public TrainingPlan Training { get; init; } = new();

    /// <summary>Flush each decision before answering it.</summary>
    public bool Durable { get; init; }

    /// <summary>What a model can see: the features of the context, then those of a candidate, then in a ranking the place it was shown at.</summary>
    [JsonIgnore]
    public ImmutableArray<Feature> AllFeatures
    {
        get
        {
            var all = CandidateFeatures.IsEmpty ? Features : Features.AddRange(CandidateFeatures);
            return Shape == DecisionShape.Ranking ? all.Add(s_position) : all;
        }
    }
}

public sealed record Option(string Key)
{
    public string? Name { get; init; }
}

public sealed record ValueRange(double? Low, double? High);

/// <summary>The objective (a weighted sum of outcomes, each counted in its better direction) and the guardrails.</summary>
public sealed record Goal
{
    public ImmutableArray<GoalTerm> Terms { get; init; } = [];

    public ImmutableArray<Guardrail> Guardrails { get; init; } = [];
}

/// <param name="Weight">Positive; the outcome's direction gives the sign.</param>
public sealed record GoalTerm(string Outcome, double Weight = 1);

/// <param name="MarginRelative">How much worse, as a fraction of the baseline, is still acceptable.</param>
public sealed record Guardrail(string Outcome, double MarginRelative);

/// <summary>Whom Looper decides for; everyone else gets <see cref="Baseline"/>.</summary>
public sealed record Rollout
{
    /// <summary>Fraction of units decided for, in [0, 1].</summary>
    public double Share { get; init; } = 1;

    /// <summary>Fraction of units that keep the baseline for good, in [0, 1).</summary>
    public double Holdout { get; init; }

    /// <summary>What the product did before: an option key (or a number for <c>value</c>); null means the default.</summary>
    public string? Baseline { get; init; }
}
