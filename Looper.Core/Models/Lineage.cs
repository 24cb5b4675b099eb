using System.Collections.Immutable;

namespace Looper.Core.Models;

/// <summary>Where a model comes from: enough to train it again exactly.</summary>
/// <param name="FittedUntil">Time of the newest row it was fitted or stopped on; everything later judged it.</param>
/// <param name="Versions">Blueprint versions whose decisions it learned from.</param>
/// <param name="JoinRate">Share of the decisions read that had a known outcome.</param>
/// <param name="LabelMean">Mean outcome of the rows it was fitted on.</param>
/// <param name="DataHash">SHA-256 over every row read.</param>
public sealed record Lineage(
    string Why, DateTimeOffset FittedUntil, ImmutableArray<int> Versions, int TrainRows, int ValidationRows, int NewestRows, int ProvisionalRows,
    double GapSeconds, double JoinRate, double LabelMean, string DataHash, string Learner, int Rounds, double LearningRate, int Leaves, string Calibration,
    double ScoringMicroseconds);

/// <summary>What a feature is worth to a model.</summary>
/// <param name="Gain">Its share of all the gain of all splits, in [0, 1].</param>
/// <param name="LossAdded">How much the loss on the newest slice grows when its values are shuffled, with a 95 % interval; NaN where not measured.</param>
public sealed record FeatureImportance(string Feature, double Gain, double LossAdded, double Low, double High);
