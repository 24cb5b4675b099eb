namespace Looper.Core.Learning.Trees;

/// <summary>What boosting descends: first and second derivatives of a loss by the score. Weights are multiplied in.</summary>
internal abstract class Loss(double[] labels, double[]? weights)
{
    protected double[] Labels { get; } = labels;
    protected double[]? Weights { get; } = weights;

    /// <summary>Trees a round.</summary>
    public virtual int Outputs => 1;

    /// <summary>Score before the first tree, one per output: the best constant.</summary>
    public abstract double[] Start();

    /// <summary>Called at the start of each round with the scores as they stand.</summary>
    public virtual void BeginRound(double[][] scores, Workers workers)
    {
    }

    /// <summary>Derivatives of the rows [from, to) for one output.</summary>
    public abstract void Derivatives(int output, double[][] scores, double[] g, double[] h, int from, int to);

    /// <summary>Weighted sum of the loss over the rows [from, to).</summary>
    public abstract double Sum(double[][] scores, int from, int to);

    /// <summary>Whether leaves take a value other than the Newton step.</summary>
    public virtual bool Renews => false;

    /// <summary>The best value of a leaf, given its rows; called where <see cref="Renews"/>.</summary>
    public virtual double LeafValue(ReadOnlySpan<int> rows, double[] scores) => throw new NotSupportedException();

    /// <summary>Mean loss: sums of fixed stretches, added in order.</summary>
    public double Mean(double[][] scores, Workers workers)
    {
        const int Stretch = 32_768;
        var parts = new double[(Labels.Length + Stretch - 1) / Stretch];
        workers.Each(parts.Length, s => parts[s] = Sum(scores, s * Stretch, Math.Min(Labels.Length, (s + 1) * Stretch)));
        return parts.Sum() / TotalWeight;
    }

    protected double TotalWeight => field > 0 ? field : field = Weights?.Sum() ?? Labels.Length;

    protected double Weight(int row) => Weights is null ? 1 : Weights[row];

    protected double WeightedMean(Func<double, double> of)
    {
        var sum = 0.0;
        for (var i = 0; i < Labels.Length; i++) sum += Weight(i) * of(Labels[i]);
        return sum / TotalWeight;
    }
}
