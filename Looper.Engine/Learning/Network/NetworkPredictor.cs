using System.Collections.Immutable;

namespace Looper.Core.Learning.Network;

/// <summary>Several small networks of one shape whose scores are averaged, and the link that turns the average into a prediction.</summary>
public sealed class NetworkPredictor : IPredictor
{
    private readonly Layers _layers;
    private readonly double[][] _members;

    /// <param name="objective">Decides the link.</param>
    /// <param name="inputs">One per column.</param>
    /// <param name="scale">Factor on the scores: the label's deviation for numbers, else 1.</param>
    /// <param name="shift">Added to the scores: the label's mean for numbers, else 0.</param>
    /// <param name="outputs">Scores a row.</param>
    /// <param name="members">Parameters of each network.</param>
    public NetworkPredictor(
        Objective objective, ImmutableArray<NetworkInput> inputs, double scale, double shift, int outputs, ImmutableArray<ImmutableArray<double>> members)
    {
        (Objective, Inputs, Scale, Shift, Outputs, Members) = (objective, inputs, scale, shift, outputs, members);
        _layers = new(inputs, outputs);
        _members = [.. members.Select(m => m.ToArray())];
    }

    /// <summary>What was minimised.</summary>
    public Objective Objective { get; }

    /// <summary>One per column.</summary>
    public ImmutableArray<NetworkInput> Inputs { get; }

    /// <summary>Factor on the scores.</summary>
    public double Scale { get; }

    /// <summary>Added to the scores.</summary>
    public double Shift { get; }

    /// <inheritdoc/>
    public int Outputs { get; }

    /// <summary>Parameters of each network.</summary>
    public ImmutableArray<ImmutableArray<double>> Members { get; }

    /// <summary>Parameters that networks of this shape have.</summary>
    /// <param name="inputs">One per column.</param>
    /// <param name="outputs">Scores a row.</param>
    public static int ParametersOf(ImmutableArray<NetworkInput> inputs, int outputs) => new Layers(inputs, outputs).Parameters;

    /// <inheritdoc/>
    public double Predict(ReadOnlySpan<double> row)
    {
        Span<double> outputs = stackalloc double[Outputs];
        Predict(row, outputs);
        return outputs[^1];
    }

    /// <inheritdoc/>
    public void Predict(ReadOnlySpan<double> row, Span<double> outputs)
    {
        Span<double> x = stackalloc double[_layers.Width], h1 = stackalloc double[Layers.First], h2 = stackalloc double[Layers.Second];
        Span<double> scores = stackalloc double[_layers.Padded];
        outputs.Clear();
        foreach (var member in _members)
        {
            _layers.Encode(member, row, x);
            _layers.Forward(member, x, h1, h2, scores);
            for (var k = 0; k < outputs.Length; k++) outputs[k] += scores[k] / _members.Length;
        }
        for (var k = 0; k < outputs.Length; k++) outputs[k] = outputs[k] * Scale + Shift;
        Links.Apply(Objective, outputs);
    }
}
