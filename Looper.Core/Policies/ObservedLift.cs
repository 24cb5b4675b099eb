namespace Looper.Core.Policies;

/// <summary>What came of a version after it was launched, on the scale of its prediction.</summary>
/// <param name="At">When it was looked at.</param>
/// <param name="Against">What it is compared with, in words.</param>
/// <param name="OnHoldout">Compared with held-out units rather than with the version before on the same decisions.</param>
/// <param name="Decisions">Decisions of the version with a known outcome.</param>
/// <param name="Served">Its mean reward a decision.</param>
/// <param name="Relative">Its lift, as a fraction of what it is compared with; undefined while nothing can be told.</param>
/// <param name="Predicted">What was foretold on the same scale.</param>
/// <param name="IsAsPredicted">Prediction and observation differ by no more than both their uncertainties allow; null while one is undefined.</param>
/// <param name="Note">Why nothing can be told yet; null otherwise.</param>
public sealed record ObservedLift(
    DateTimeOffset At, string Against, bool OnHoldout, long Decisions, Estimated Served, Estimated Relative, Estimated Predicted, bool? IsAsPredicted, string? Note)
{
    /// <summary>Whether two estimates from different data agree: |a − b| ≤ z·√(se_a² + se_b²) at 95 %; null where one is undefined.</summary>
    public static bool? Agree(Estimated one, Estimated other)
    {
        var apart = Math.Abs(one.Value - other.Value);
        var error = Math.Sqrt(one.StandardError * one.StandardError + other.StandardError * other.StandardError);
        return double.IsNaN(apart) || double.IsNaN(error) ? null : apart <= 1.959963985 * error;
    }
}
