using Looper.Core.Serving.Histories;

namespace Looper.Core.Serving;

/// <summary>Whom to decide for and with what; all UTF-8.</summary>
/// <param name="decisionId">The subject of the draw: the same id draws the same number.</param>
/// <param name="context">A JSON value, at most 64 levels deep; empty for none.</param>
/// <param name="candidates">A JSON array of checked candidates, where the shape takes them; empty for none.</param>
/// <param name="at">The decision's time, as it is recorded: experiments by slots of time and with changing shares go by it.</param>
public readonly ref struct DecisionRequest(
    ReadOnlySpan<byte> unit, ReadOnlySpan<byte> decisionId, ReadOnlySpan<byte> context, ReadOnlySpan<byte> candidates = default, DateTimeOffset at = default)
{
    public ReadOnlySpan<byte> Unit { get; } = unit;
    public ReadOnlySpan<byte> DecisionId { get; } = decisionId;
    public ReadOnlySpan<byte> Context { get; } = context;
    public ReadOnlySpan<byte> Candidates { get; } = candidates;

    /// <summary>What was read of the context already; null when nothing was.</summary>
    public FlatContext? Read { get; init; }

    /// <summary>When it is made: what histories look back from, what experiments by time go by, and what the record says.</summary>
    public DateTimeOffset At { get; init; } = at;

    /// <summary>What was reported for units; without them a feature that looks back is missing.</summary>
    public UnitHistories? Histories { get; init; }
}

/// <summary>What the engine decided; features and scores lie in the workspace it was given.</summary>
/// <param name="Blueprint">The version whose options and feature order apply: the arm's own when it names one; null when the
/// decision point holds not so much as a default.</param>
/// <param name="Propensity">
/// Probability of this answer for this context over everything that is drawn by lot here: inside an experiment the
/// distributions of all arms weighted by their shares, so that rows of an arm that fixes an option can be weighted too.
/// In (0, 1].
/// </param>
/// <param name="ModelNumber">Highest number among the models used; 0 without one.</param>
public readonly record struct Decision(
    BlueprintSnapshot? Blueprint,
    Answer Answer,
    double Propensity,
    Reason Reason,
    ExperimentSnapshot? Experiment = null,
    int Arm = -1,
    int ModelNumber = 0);
