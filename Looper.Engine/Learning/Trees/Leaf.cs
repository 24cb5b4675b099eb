namespace Looper.Core.Learning.Trees;

/// <summary>A leaf of a growing tree: its rows are [Start, Start + Rows) of the grower's order.</summary>
internal sealed class Leaf
{
    public required int Node { get; init; }
    public required int Start { get; init; }
    public required int Rows { get; init; }
    public required long Gradient { get; init; }
    public required long Hessian { get; init; }

    /// <summary>Value before the learning rate.</summary>
    public required double Value { get; init; }

    /// <summary>Bounds that monotone splits above put on the value.</summary>
    public double Low { get; init; } = double.NegativeInfinity;

    public double High { get; init; } = double.PositiveInfinity;

    public Histogram? Histogram { get; set; }

    public Split Best { get; set; }
}
