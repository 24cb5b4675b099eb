using Looper.Core.Blueprints;
using Looper.Core.Learning;

namespace Looper.Core.Models;

/// <summary>How a model was made from its <see cref="DataSnapshot"/>: with the seed, enough to make it again exactly.</summary>
/// <param name="FittedUntil">Time of the newest row it was fitted or stopped on; everything later judged it.</param>
/// <param name="Learner">The family in words.</param>
/// <param name="Calibration">Its name, or <c>none</c>.</param>
/// <param name="ScoringMicroseconds">Mean time to score one row when it was judged.</param>
/// <param name="Plan">The training settings in force.</param>
/// <param name="Search">How far the search went: the clock ended it, this ends it again at the same place. Null without a search.</param>
/// <param name="ReadAt">The moment as of which the examples were read; null for a model made before this was kept.</param>
/// <param name="Provisional">Whether decisions with an open window counted.</param>
public sealed record Lineage(
    string Why, DateTimeOffset FittedUntil, string Learner, int Rounds, double LearningRate, int Leaves, string Calibration, double ScoringMicroseconds,
    TrainingPlan Plan, SearchLength? Search = null, DateTimeOffset? ReadAt = null, bool Provisional = false);

/// <summary>What a feature is worth to a model.</summary>
/// <param name="Gain">Its share of all the gain of all splits, in [0, 1].</param>
/// <param name="LossAdded">How much the loss on the newest slice grows when its values are shuffled, with a 95 % interval; NaN where not measured.</param>
public sealed record FeatureImportance(string Feature, double Gain, double LossAdded, double Low, double High);
