namespace Looper.Core.Policies;

/// <summary>What came of a version after it was launched, on the scale of its prediction.</summary>
/// <param name="At">When it was looked at.</param>
/// <param name="Against">What it is compared with, in words.</param>
/// <param name="OnHoldout">Compared with held-out units rather than with the version before on the same decisions.</param>
/// <param name="Decisions">Decisions of the version with a known outcome.</param>
/// <param name="Served">Its mean reward a decision.</param>
/// <param name="Relative">Its lift, as a fraction of what it is compared with; undefined while nothing can be told.</param>
/// <param name="Predicted">What was foretold on the same scale.</param>
/// <param name="IsAsPredicted">Prediction and observation differ by no more than both their uncertainties allow; null while one is undefined, or the observation is too uncertain to tell.</param>
/// <param name="Note">Why nothing can be told yet; null otherwise.</param>
public sealed record ObservedLift(
    DateTimeOffset At, string Against, bool OnHoldout, long Decisions, Estimated Served, Estimated Relative, Estimated Predicted, bool? IsAsPredicted, string? Note)
{
    private const double Z = 1.959963985; // of 95 %

    /// <summary>Whether what was observed agrees with what was foretold, from different data: |a − b| ≤ z·√(se_a² + se_b²) at 95 %. Null where one is undefined, and where
    /// nothing speaks against it but the observation is so wide that nothing could: wider than the foretold lift is far from none, and than its own interval.</summary>
    public static bool? Agree(Estimated observed, Estimated foretold)
    {
        var apart = Math.Abs(observed.Value - foretold.Value);
        var error = Math.Sqrt(observed.StandardError * observed.StandardError + foretold.StandardError * foretold.StandardError);
        if (double.IsNaN(apart) || double.IsNaN(error)) return null;
        if (apart > Z * error) return false;
        return Z * observed.StandardError <= Math.Max(Math.Abs(foretold.Value), Z * foretold.StandardError) ? true : null;
    }
}
