using Looper.Core.Access;
using Looper.Core.Metering;

namespace Looper.Core.Runs;

/// <summary>The kinds of work that can be asked for, and the right each needs. A kind is stored with its runs: never renamed.</summary>
public static class JobKinds
{
    public const string TrainModel = "train-model";
    public const string RepeatTraining = "repeat-training";
    public const string Import = "import";
    public const string PurgeEvents = "purge-events";
    public const string EstimateEffects = "estimate-effects";
    public const string PredictLongTerm = "predict-long-term";
    public const string ValuePolicy = "value-policy";
    public const string MeasureGain = "measure-gain";

    public static string Title(string kind) => kind switch
    {
        TrainModel => "Train models",
        RepeatTraining => "Train a model again",
        Import => "Import past decisions",
        PurgeEvents => "Remove old events",
        EstimateEffects => "Estimate effects",
        PredictLongTerm => "Predict a long-term effect",
        ValuePolicy => "Value a policy",
        MeasureGain => "Measure the gain",
        _ => kind,
    };

    /// <summary>What its processor time is counted as.</summary>
    public static WorkKind IsWorkOf(string kind) => kind switch
    {
        TrainModel or RepeatTraining => WorkKind.Training,
        Import or PurgeEvents => WorkKind.Storage,
        _ => WorkKind.Analysis,
    };

    /// <summary>The right a caller needs to ask for, cancel or repeat work of this kind.</summary>
    public static Right Needs(string kind) => kind switch
    {
        TrainModel or RepeatTraining => Right.Train,
        Import => Right.EditDrafts,
        EstimateEffects or PredictLongTerm => Right.Analyse,
        ValuePolicy or MeasureGain => Right.Analyse,
        _ => Right.Administer,
    };
}
