namespace Looper.Core.Serving;

/// <summary>What the engine decided; features and scores lie in the workspace it was given.</summary>
/// <param name="BlueprintVersion">The version whose options and feature order apply: the arm's own when it names one.</param>
/// <param name="Option">Index into that version's options; −1 for <c>value</c>.</param>
/// <param name="Value">The answer of a <c>value</c> decision; NaN otherwise.</param>
/// <param name="Propensity">
/// Probability of this answer for this unit's context over everything that is drawn by lot: inside an experiment the arms'
/// distributions weighted by their shares, for an arm that fixes an option says nothing about the others. In (0, 1].
/// </param>
/// <param name="ModelNumber">Highest number among the models used; 0 without one.</param>
public readonly record struct Decision(
    int BlueprintVersion,
    int Option,
    double Value,
    double Propensity,
    Reason Reason,
    ExperimentSnapshot? Experiment,
    int Arm,
    int ModelNumber);

/// <summary>The buffers one decision needs; made once per thread and used again.</summary>
public sealed class DecisionWorkspace
{
    internal const int MaxOptions = 64;

    /// <summary>The features as served, in the order of the decision's blueprint version.</summary>
    public ReadOnlySpan<byte> Served => ServedBuffer.AsSpan(0, ServedLength);

    /// <summary>One per option, or one for <c>value</c>; empty where no model scored.</summary>
    public ReadOnlySpan<double> Scores => ScoreBuffer.AsSpan(0, ScoreCount);

    internal byte[] ServedBuffer { get; set; } = new byte[4_096];
    internal int ServedLength { get; set; }
    internal double[] ScoreBuffer { get; } = new double[MaxOptions];
    internal int ScoreCount { get; set; }
}
