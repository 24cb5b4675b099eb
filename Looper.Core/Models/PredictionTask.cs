using Looper.Core.Blueprints;
using Looper.Core.Learning;

namespace Looper.Core.Models;

/// <summary>What a model predicts, and so which loss judges it.</summary>
public enum PredictionTask
{
    /// <summary>The probability of yes; judged by log loss.</summary>
    Binary,

    /// <summary>The expected number; judged by squared error.</summary>
    Number,

    /// <summary>The expected count; judged by Poisson deviance.</summary>
    Count,

    /// <summary>A quantile; judged by pinball loss.</summary>
    Quantile,
}

/// <summary>A task with its parameter.</summary>
/// <param name="Tau">The quantile, inside (0, 1); NaN for every other task.</param>
public readonly record struct Target(PredictionTask Task, double Tau = double.NaN)
{
    /// <summary>What a plan asks of an outcome; by itself the outcome's kind decides.</summary>
    public static Target Of(Outcome outcome, TrainingPlan plan)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        ArgumentNullException.ThrowIfNull(plan);
        if (outcome.Kind == OutcomeKind.Boolean) return new(PredictionTask.Binary);
        return plan.Objectives.FirstOrDefault(o => o.Outcome == outcome.Name) switch
        {
            { Target: OutcomeTarget.Quantile, Quantile: { } tau } => new(PredictionTask.Quantile, tau),
            { Target: OutcomeTarget.Count } => new(PredictionTask.Count),
            null when outcome.Kind == OutcomeKind.Count => new(PredictionTask.Count),
            _ => new(PredictionTask.Number),
        };
    }

    internal Objective Objective => Task switch
    {
        PredictionTask.Binary => Objective.Binary,
        PredictionTask.Count => Objective.Poisson,
        PredictionTask.Quantile => Objective.Quantile,
        _ => Objective.Squared,
    };

    /// <summary>The best constant prediction: the mean, or the quantile, of what was learned from.</summary>
    /// <param name="labels">Not empty.</param>
    internal double Constant(IReadOnlyCollection<double> labels)
    {
        if (Task != PredictionTask.Quantile) return labels.Average();
        var sorted = labels.Order().ToArray();
        return sorted[Math.Clamp((int)Math.Ceiling(Tau * sorted.Length) - 1, 0, sorted.Length - 1)];
    }
}
