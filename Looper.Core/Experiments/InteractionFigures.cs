namespace Looper.Core.Experiments;

/// <summary>Difference of the effect of an arm between units in two arms of another experiment, in the metric's unit.</summary>
public sealed record InteractionFigures
{
    /// <summary>Key of the other experiment.</summary>
    public required string Experiment { get; init; }

    public required string Outcome { get; init; }
    public required string Arm { get; init; }
    public required string OtherArm { get; init; }

    /// <summary>Units of the four groups with a closed window.</summary>
    public required long Units { get; init; }

    /// <summary>NaN where it may not be read, likewise the rest.</summary>
    public double Estimate { get; init; } = double.NaN;

    public double Low { get; init; } = double.NaN;
    public double High { get; init; } = double.NaN;
    public double P { get; init; } = double.NaN;

    /// <summary>Over all pairs of arms, goals and experiments (Benjamini–Hochberg); read at 0.01.</summary>
    public double AdjustedP { get; init; } = double.NaN;

    /// <summary>p of the two assignments being independent.</summary>
    public double IndependenceP { get; init; } = double.NaN;

    /// <summary>They are not: the experiments have a target or a hash in common.</summary>
    public bool Shares { get; init; }

    public Shortage? Shortage { get; init; }
    public string Sentence { get; init; } = "";
    public string Method { get; init; } = Statistics.Interaction.Method;
}
