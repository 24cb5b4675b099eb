namespace Looper.Core.Statistics;

/// <summary>Which side of zero a reading looks at.</summary>
public enum Sides
{
    /// <summary>Both: an interval with two ends.</summary>
    Two,

    /// <summary>Whether the effect is larger than zero: the lower end alone.</summary>
    Greater,

    /// <summary>Whether the effect is smaller than zero: the upper end alone.</summary>
    Less,
}

/// <summary>An effect read at a level.</summary>
/// <param name="Interval">Values compatible with the data; undefined when the effect is.</param>
/// <param name="P">p-value against no effect, in [0, 1]; NaN when undefined.</param>
/// <param name="Method">Kind of reading and version.</param>
public readonly record struct Reading(Interval Interval, double P, string Method)
{
    /// <summary>Name and version of the fixed-horizon reading.</summary>
    public const string FixedMethod = "fixed-1";

    /// <summary>Nothing to read.</summary>
    public static Reading Undefined(string method) => new(Interval.Undefined, double.NaN, method);

    /// <summary>The classical reading, valid for one look at a size fixed before the start.</summary>
    /// <param name="effect">Estimate with standard error and degrees of freedom.</param>
    /// <param name="level">Confidence level in (0, 1).</param>
    /// <param name="sides">Two-sided, or one infinite end.</param>
    /// <returns>Interval in the effect's unit and p-value; undefined when the effect is.</returns>
    /// <remarks>estimate ± t(ν, (1+level)/2)·se; one-sided t(ν, level). Tails as in <see cref="TailProbability"/>.</remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="level"/> is not inside (0, 1).</exception>
    public static Reading Fixed(in Effect effect, double level, Sides sides = Sides.Two)
    {
        Levels.Check(level);
        if (!effect.IsDefined) return Undefined(FixedMethod);
        var t = effect.Value / effect.StandardError;
        if (sides == Sides.Two)
        {
            var half = TailProbability.StudentQuantile((1 + level) / 2, effect.DegreesOfFreedom) * effect.StandardError;
            return new(new(effect.Value - half, effect.Value + half), Math.Min(1, 2 * TailProbability.Student(Math.Abs(t), effect.DegreesOfFreedom)), FixedMethod);
        }

        var reach = TailProbability.StudentQuantile(level, effect.DegreesOfFreedom) * effect.StandardError;
        return sides == Sides.Greater
            ? new(new(effect.Value - reach, double.PositiveInfinity), TailProbability.Student(t, effect.DegreesOfFreedom), FixedMethod)
            : new(new(double.NegativeInfinity, effect.Value + reach), TailProbability.Student(-t, effect.DegreesOfFreedom), FixedMethod);
    }
}

/// <summary>The one check of confidence levels.</summary>
internal static class Levels
{
    public static void Check(double level)
    {
        if (level is not (> 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(level), level, "Give a level inside (0, 1).");
    }
}
