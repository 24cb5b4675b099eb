using System.Collections.Immutable;

namespace Looper.Core.Learning;

/// <summary>A predictor together with the meaning of its row: what an artefact holds.</summary>
/// <param name="Columns">The row's columns, in order, with the code of every category.</param>
/// <param name="Predictor">Fitted on rows with these columns.</param>
/// <param name="Calibration">Applied to the outputs; null for none.</param>
public sealed record TrainedPredictor(ImmutableArray<Column> Columns, IPredictor Predictor, Calibration? Calibration = null) : IPredictor
{
    /// <inheritdoc/>
    public int Outputs => Predictor.Outputs;

    /// <inheritdoc/>
    public double Predict(ReadOnlySpan<double> row)
    {
        if (Calibration is null) return Predictor.Predict(row);
        if (Outputs == 1) return Calibration.Apply(Predictor.Predict(row));
        Span<double> outputs = stackalloc double[Outputs];
        Predict(row, outputs);
        return outputs[^1];
    }

    /// <inheritdoc/>
    public void Predict(ReadOnlySpan<double> row, Span<double> outputs)
    {
        Predictor.Predict(row, outputs);
        Calibration?.Apply(outputs);
    }
}
