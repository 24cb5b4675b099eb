using System.Collections.Immutable;

namespace Looper.Core.Learning;

/// <summary>A predictor together with the meaning of its row: what an artefact holds.</summary>
/// <param name="Columns">The row's columns, in order, with the code of every category.</param>
/// <param name="Predictor">Fitted on rows with these columns.</param>
/// <param name="Calibration">Applied to a prediction with one output; null for none.</param>
public sealed record TrainedPredictor(ImmutableArray<Column> Columns, IPredictor Predictor, Calibration? Calibration = null) : IPredictor
{
    /// <inheritdoc/>
    public int Outputs => Predictor.Outputs;

    /// <inheritdoc/>
    public double Predict(ReadOnlySpan<double> row)
    {
        var prediction = Predictor.Predict(row);
        return Calibration is null || Outputs > 1 ? prediction : Calibration.Apply(prediction);
    }

    /// <inheritdoc/>
    public void Predict(ReadOnlySpan<double> row, Span<double> outputs)
    {
        Predictor.Predict(row, outputs);
        if (Calibration is not null && Outputs == 1) outputs[0] = Calibration.Apply(outputs[0]);
    }
}
