using Looper.Core.Numerics;

namespace Looper.Core.Learning;

/// <summary>From a learner's score to the prediction on the label's own scale.</summary>
public static class Links
{
    /// <summary>Replaces scores by predictions: σ for binary, softmax for multiclass, exp for Poisson, nothing else.</summary>
    /// <param name="objective">What the scores were fitted for.</param>
    /// <param name="scores">Overwritten. Probabilities come out inside [1e−9, 1 − 1e−9].</param>
    public static void Apply(Objective objective, Span<double> scores)
    {
        switch (objective)
        {
            case Objective.Binary:
                scores[0] = Math.Clamp(Elementary.Sigmoid(scores[0]), 1e-9, 1 - 1e-9);
                break;
            case Objective.Poisson:
                scores[0] = Elementary.Exp(scores[0]);
                break;
            case Objective.Multiclass:
                Softmax(scores);
                break;
        }
    }

    /// <summary>Softmax with the maximum subtracted.</summary>
    /// <param name="scores">Overwritten by probabilities that sum to 1.</param>
    public static void Softmax(Span<double> scores)
    {
        var greatest = scores[0];
        foreach (var score in scores) greatest = Math.Max(greatest, score);
        var sum = 0.0;
        for (var k = 0; k < scores.Length; k++) sum += scores[k] = Elementary.Exp(scores[k] - greatest);
        for (var k = 0; k < scores.Length; k++) scores[k] = Math.Clamp(scores[k] / sum, 1e-9, 1 - 1e-9);
    }
}
