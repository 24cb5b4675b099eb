using System.Collections.Immutable;
using Looper.Core.Learning;

namespace Looper.Core.Models;

/// <summary>What training found out before the fit: about the data, about the features, about the settings.</summary>
/// <param name="Findings">Of the data checks, leaks first.</param>
/// <param name="Selection">Null where features were not selected.</param>
/// <param name="Trials">Every family and setting that the search tried, in order; empty without a search.</param>
public sealed record Preparation(ImmutableArray<Finding> Findings, SelectedFeatures? Selection, ImmutableArray<TriedSettings> Trials)
{
    public static Preparation None { get; } = new([], null, []);
}

/// <param name="Saved">Cost of a thousand decisions that is saved, in the installation's currency. A feature that one that stays takes is still needed, and saves nothing.</param>
/// <param name="Steps">From all features down; each says what was left out, and why it may be.</param>
public sealed record SelectedFeatures(ImmutableArray<string> Kept, ImmutableArray<string> Dropped, double Saved, ImmutableArray<SelectedStep> Steps);

/// <param name="Dropped">Null for the start with all features.</param>
/// <param name="Loss">Mean loss on the newest rows before the judging slice.</param>
/// <param name="Cost">Of a thousand decisions with the features that are left, and what they take.</param>
public sealed record SelectedStep(string? Dropped, double Loss, double Cost, string Why);

/// <param name="Loss">Mean loss on the newest rows before the judging slice; NaN where it could not learn them.</param>
/// <param name="Cost">Steps of one prediction, roughly.</param>
public sealed record TriedSettings(string Family, string Settings, double Loss, double Cost, bool IsChosen);
