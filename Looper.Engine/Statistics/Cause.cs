namespace Looper.Core.Statistics;

/// <summary>Why a number could not be computed; <see cref="None"/> when it was.</summary>
public enum Cause
{
    /// <summary>The number is defined.</summary>
    None,

    /// <summary>An arm has no units at all.</summary>
    EmptyArm,

    /// <summary>An arm has too few units, clusters or slots of time to tell how much they vary.</summary>
    TooFewUnits,

    /// <summary>The values of an arm do not vary, so an interval would rest on the other arm alone.</summary>
    ZeroVariance,

    /// <summary>The baseline (or a denominator) is zero: nothing can be divided by it.</summary>
    BaselineZero,

    /// <summary>The baseline is too uncertain for a ratio; read the absolute effect.</summary>
    UnstableRatio,

    /// <summary>Too few events for a quantile this far out.</summary>
    QuantileOutOfRange,

    /// <summary>The quantile sits on a value that many events share.</summary>
    MassPoint,

    /// <summary>The policy does what the log never tried.</summary>
    NoOverlap,

    /// <summary>The covariates are linearly dependent.</summary>
    Singular,

    /// <summary>An iteration did not settle.</summary>
    NotConverged,

    /// <summary>The outcome's window is still open.</summary>
    WindowOpen,

    /// <summary>What was to be taken out is not known, or differed between the arms before they acted.</summary>
    NotTakenOut,

    /// <summary>The values are so large, or so small, that their squares leave the range of numbers.</summary>
    OutOfRange,
}

/// <summary>The stable codes of <see cref="Cause"/>.</summary>
public static class Causes
{
    /// <summary>The code used in JSON (<c>zero-variance</c>); null for <see cref="Cause.None"/>.</summary>
    public static string? Code(this Cause cause) => cause switch
    {
        Cause.None => null,
        Cause.EmptyArm => "empty-arm",
        Cause.TooFewUnits => "too-few-units",
        Cause.ZeroVariance => "zero-variance",
        Cause.BaselineZero => "baseline-zero",
        Cause.UnstableRatio => "unstable-ratio",
        Cause.QuantileOutOfRange => "quantile-out-of-range",
        Cause.MassPoint => "mass-point",
        Cause.NoOverlap => "no-overlap",
        Cause.Singular => "singular",
        Cause.NotConverged => "not-converged",
        Cause.WindowOpen => "window-open",
        Cause.NotTakenOut => "not-taken-out",
        Cause.OutOfRange => "out-of-range",
        _ => throw new ArgumentOutOfRangeException(nameof(cause), cause, "Not a cause."),
    };

    /// <summary>The sentence of a stored code; the code itself where it is none of these, as a later version may have others.</summary>
    public static string? SentenceOf(string? code) =>
        code is null ? null : Enum.GetValues<Cause>().FirstOrDefault(c => c.Code() == code).Sentence() ?? code;

    /// <summary>One sentence for a person; null for <see cref="Cause.None"/>.</summary>
    public static string? Sentence(this Cause cause) => cause switch
    {
        Cause.None => null,
        Cause.EmptyArm => "An arm has no units yet.",
        Cause.TooFewUnits => "There are too few units, clusters or slots of time to tell how much they vary.",
        Cause.ZeroVariance => "All units of an arm have the same value, so the spread is unknown.",
        Cause.BaselineZero => "The baseline is zero, so there is nothing to be relative to; read the absolute change.",
        Cause.UnstableRatio => "The baseline is too uncertain to divide by; read the absolute change.",
        Cause.QuantileOutOfRange => "Too few events to judge a quantile this far out.",
        Cause.MassPoint => "Too many events share the value at this quantile.",
        Cause.NoOverlap => "This does things that the log has hardly tried.",
        Cause.Singular => "The covariates say the same thing twice; no adjustment was made.",
        Cause.NotConverged => "The computation did not settle.",
        Cause.WindowOpen => "The outcome's window is still open.",
        Cause.NotTakenOut => "No adjustment was made: it is not known, or differed between the arms from the start.",
        Cause.OutOfRange => "The values are too large or too small to compute with, so the spread is unknown; look for wrong ones, or report the outcome in another unit.",
        _ => throw new ArgumentOutOfRangeException(nameof(cause), cause, "Not a cause."),
    };
}
