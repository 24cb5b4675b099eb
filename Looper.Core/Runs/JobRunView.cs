using System.Text.Json.Nodes;

namespace Looper.Core.Runs;

/// <summary>A run as people see it.</summary>
/// <param name="Subject">What it is for: the key of the decision point, or of the experiment where <see cref="ExperimentId"/> names one; empty for work of the installation.</param>
/// <param name="Percent">0 to 100.</param>
/// <param name="Detail">How far the phase is in its own units, and how fast; empty where the percentage says it all.</param>
/// <param name="Result">One sentence: what came out, or why it failed and what to do.</param>
public sealed record JobRunView(
    Guid Id, string Kind, Guid? DecisionPointId, string Subject, JobState State, string Phase, double Percent, string Detail, string? Result, string RequestedBy,
    DateTimeOffset RequestedAt, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, long Starts)
{
    internal static JobRunView Of(JobRun run) => new(
        run.Id, run.Kind, run.DecisionPointId, run.Subject, run.State, run.Phase, Math.Round(run.Percent, 1), run.Detail, run.Result, run.RequestedBy,
        run.RequestedAt, run.StartedAt, run.EndedAt, run.Token) { ExperimentId = IsOfExperiment(run.Kind) ? (Guid?)JsonNode.Parse(run.Input)?["experimentId"] : null };

    /// <summary>The experiment that it is for; null for work of a decision point or of the installation.</summary>
    public Guid? ExperimentId { get; private init; }

    public string Title => JobKinds.Title(Kind);
    public bool IsOpen => State is JobState.Queued or JobState.Running or JobState.Cancelling;

    private static bool IsOfExperiment(string kind) => kind is JobKinds.EstimateEffects or JobKinds.PredictLongTerm;
}

public sealed record JobLogView(long Id, DateTimeOffset At, string Text);

/// <param name="DecisionPointId">Only this decision point's runs; null all.</param>
/// <param name="OpenOnly">Only queued, running and cancelling ones.</param>
/// <param name="Before">Runs asked for before this moment, for the next page; null from the newest.</param>
public sealed record JobRunFilter(Guid? DecisionPointId = null, string? Kind = null, bool OpenOnly = false, DateTimeOffset? Before = null, int Take = 50);
