using System.Collections.Immutable;
using Looper.Core.Learning;
using Looper.Core.Runs;

namespace Looper.Core.Models;

/// <summary>A model as a row of a list.</summary>
/// <param name="Quality">On the newest slice, which the model never saw while fitting; null when it was never judged.</param>
/// <param name="Verdict">The last word of its evidence.</param>
public sealed record ModelView(
    Guid Id, Guid DecisionPointId, string DecisionPointKey, int Number, string Outcome, ModelState State, int BlueprintVersion, string Family,
    DateTimeOffset DataFrom, DateTimeOffset DataUntil, long Rows, DateTimeOffset TrainedAt, double TrainSeconds, Guid? JobRunId,
    ModelQuality? Quality, string Verdict, DateTimeOffset? PromotedAt, DateTimeOffset? RetiredAt);

/// <summary>How a decision point stands with training.</summary>
/// <param name="FirstModelAt">Closed examples that start the first training; 0 when it does not start by itself.</param>
/// <param name="LastRun">The newest training, open or ended; null before the first.</param>
public sealed record TrainingView(int FirstModelAt, JobRunView? LastRun);

/// <summary>A model with all that is known about it.</summary>
/// <param name="Columns">What it looks at.</param>
/// <param name="ArtefactBytes">Size of its artefact.</param>
/// <param name="Fault">Why its artefact cannot be read; null when it can.</param>
/// <param name="Data">What it was made from.</param>
/// <param name="Preparation">What training found out about data, features and settings before the fit.</param>
/// <param name="Shadow">The latest comparison with the live model on live decisions; null before the first.</param>
/// <param name="Decisions">Every decision about its place, newest first.</param>
public sealed record ModelDetailView(
    ModelView Model, long Seed, ImmutableArray<FeatureImportance> Importance, Lineage? Lineage, Evidence Evidence,
    ImmutableArray<Column> Columns, int ArtefactBytes, string? Fault, DataSnapshot? Data, Preparation Preparation, ShadowComparison? Shadow,
    ImmutableArray<GateDecisionView> Decisions);

/// <summary>One decision about a model's place: by the gate's rule, or by a person.</summary>
/// <param name="ModelNumber">The model it is about.</param>
/// <param name="LiveNumber">What was live then; null when nothing was.</param>
/// <param name="DecidedBy"><c>rule</c>, or a person's name.</param>
/// <param name="Evidence">What was known: numbers, intervals, rows and rules.</param>
public sealed record GateDecisionView(
    Guid Id, string Outcome, int ModelNumber, int? LiveNumber, DateTimeOffset At, GateStage Stage, GateVerdict Verdict, string DecidedBy, string? Reason, Evidence Evidence);

/// <summary>Two models of one decision point beside each other.</summary>
public sealed record ModelComparisonView(ModelDetailView A, ModelDetailView B, ImmutableArray<MetricComparison> Metrics);

public sealed record MetricComparison(string Name, double A, double B);

/// <summary>What a model says of one row, and what each feature adds to it.</summary>
/// <param name="Prediction">The outcome's expected value, or its probability.</param>
/// <param name="Typical">The prediction before anything is known.</param>
/// <param name="Contributions">Largest first.</param>
public sealed record ExplanationView(double Prediction, double Typical, ImmutableArray<Contribution> Contributions);

/// <param name="Value">As typed; empty where it is missing, which moves the prediction too.</param>
/// <param name="Moves">Its share of prediction − typical, in the outcome's own unit.</param>
public sealed record Contribution(string Feature, string Value, double Moves);
