using Looper.Core.Statistics;

namespace Looper.Core.OffPolicy;

/// <summary>What a policy would have earned a decision, estimated from decisions that another policy made.</summary>
/// <param name="Value">Mean reward a decision; NaN when undefined.</param>
/// <param name="StandardError">Its standard error; NaN when undefined.</param>
/// <param name="Why">Why it is undefined.</param>
public readonly record struct PolicyValue(double Value, double StandardError, Cause Why = Cause.None)
{
    /// <summary>No value.</summary>
    public static PolicyValue Undefined(Cause why) => new(double.NaN, double.NaN, why);

    /// <summary>Normal interval of the value; undefined when the value is.</summary>
    /// <param name="level">Confidence level in (0, 1).</param>
    public Interval At(double level)
    {
        if (Why != Cause.None) return Interval.Undefined;
        var half = TailProbability.NormalQuantile((1 + level) / 2) * StandardError;
        return new(Value - half, Value + half);
    }
}
