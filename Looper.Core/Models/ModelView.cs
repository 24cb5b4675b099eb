using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Looper.Core.Blueprints;
using Looper.Core.Learning;
using Looper.Core.Runs;

namespace Looper.Core.Models;

/// <summary>A model as a row of a list.</summary>
/// <param name="Quality">On the newest slice, which the model never saw while fitting; null when it was never judged.</param>
/// <param name="Verdict">The last word of its evidence.</param>
/// <param name="ArtefactBytes">Size of its artefact.</param>
public sealed record ModelView(
    Guid Id, Guid DecisionPointId, string DecisionPointKey, int Number, string Outcome, ModelState State, int BlueprintVersion, string Family,
    DateTimeOffset DataFrom, DateTimeOffset DataUntil, long Rows, DateTimeOffset TrainedAt, double TrainSeconds, Guid? JobRunId,
    ModelQuality? Quality, string Verdict, DateTimeOffset? PromotedAt, DateTimeOffset? RetiredAt, int ArtefactBytes);

/// <summary>How a decision point stands with training.</summary>
/// <param name="Plan">When and how it is trained; null while nothing is published.</param>
/// <param name="LastRun">The newest training, open or ended; null before the first.</param>
public sealed record TrainingView(TrainingPlan? Plan, JobRunView? LastRun);

/// <summary>A model with all that is known about it.</summary>
/// <param name="Features">What each feature does and is worth, most important first; the ones that count for most with their curve.</param>
/// <param name="Columns">What it looks at; without the categories and tags of what is marked personal.</param>
/// <param name="Personal">Features marked personal when it was made, or now.</param>
/// <param name="Fault">Why its artefact cannot be read; null when it can.</param>
/// <param name="Data">What it was made from.</param>
/// <param name="Preparation">What training found out about data, features and settings before the fit.</param>
/// <param name="Shadow">The latest comparison with the live model on live decisions; null before the first.</param>
/// <param name="Decisions">Every decision about its place, newest first.</param>
public sealed record ModelDetailView(
    ModelView Model, long Seed, ImmutableArray<FeatureImportance> Importance, ImmutableArray<FeatureView> Features, CalibrationView? Calibration,
    ImmutableArray<TypicalValue> Typical, Lineage? Lineage, Evidence Evidence, ImmutableArray<Column> Columns, ImmutableArray<string> Personal, string? Fault, DataSnapshot? Data,
    Preparation Preparation, ShadowComparison? Shadow, ImmutableArray<GateDecisionView> Decisions)
{
    /// <summary>The features that somebody can type, personal ones too: what kind each is, of all the columns that the model has.</summary>
    [JsonIgnore]
    public ImmutableArray<TypedRow.TypedFeature> Typed { get; init; } = [];
}

/// <summary>One decision about a model's place: by the gate's rule, or by a person.</summary>
/// <param name="ModelNumber">The model it is about.</param>
/// <param name="LiveNumber">What was live then; null when nothing was.</param>
/// <param name="DecidedBy"><c>rule</c>, or a person's name.</param>
/// <param name="Evidence">What was known: numbers, intervals, rows and rules.</param>
public sealed record GateDecisionView(
    Guid Id, string Outcome, int ModelNumber, int? LiveNumber, DateTimeOffset At, GateStage Stage, GateVerdict Verdict, string DecidedBy, string? Reason, Evidence Evidence);

/// <param name="Sentence">When it moves the prediction up, and what shuffling it costs; names stand between backticks.</param>
/// <param name="Dependence">How the mean prediction moves with it; null for a feature that counts for little or is marked personal.</param>
public sealed record FeatureView(string Feature, string Sentence, FeatureDependence? Dependence);

/// <summary>Predicted against observed before the correction; the corrected figures stand in the quality.</summary>
/// <param name="Kind">How it was corrected: <c>isotonic</c>, <c>Platt</c>.</param>
/// <param name="Error">Calibration error before, debiased; NaN when not measured.</param>
public sealed record CalibrationView(string Kind, double Error, ImmutableArray<ReliabilityBin> Before);

/// <summary>What a model says of one row, and what each feature adds to it.</summary>
/// <param name="Prediction">The outcome's expected value, or its probability.</param>
/// <param name="Typical">The prediction before anything is known; for a model without an exact explanation, that of a row of ordinary values.</param>
/// <param name="IsExact">False where the contributions are estimated from random orders of the features.</param>
/// <param name="Contributions">Largest first.</param>
/// <param name="Options">The prediction for every option, the rest of the row as it is; empty for a model that knows no options.</param>
public sealed record ExplanationView(
    double Prediction, double Typical, bool IsExact, ImmutableArray<Contribution> Contributions, ImmutableArray<OptionPrediction> Options);

/// <param name="Value">As typed; empty where it is missing, which moves the prediction too.</param>
/// <param name="Moves">Its share of prediction − typical, in the outcome's own unit.</param>
/// <param name="IsUnknown">The model has never seen this value, and takes it as missing.</param>
public sealed record Contribution(string Feature, string Value, double Moves, bool IsUnknown = false);

public sealed record OptionPrediction(string Option, double Prediction);
