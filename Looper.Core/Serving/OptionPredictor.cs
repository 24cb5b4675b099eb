using Looper.Core.Learning;

namespace Looper.Core.Serving;

/// <summary>A live model compiled for one blueprint version: one prediction per option from a row as served. Trees are scored with all
/// options together; other families one option after the other.</summary>
internal sealed class OptionPredictor
{
    private readonly ModelEncoder _encoder;
    private readonly CompiledTrees? _trees;
    private readonly TrainedPredictor? _plain;
    private readonly Calibration? _calibration;

    private OptionPredictor(ModelEncoder encoder, CompiledTrees? trees, TrainedPredictor? plain, Calibration? calibration) =>
        (_encoder, _trees, _plain, _calibration) = (encoder, trees, plain, calibration);

    public static OptionPredictor Compile(TrainedPredictor trained, ModelEncoder encoder) => trained.Predictor is TreeEnsemble { Outputs: 1 } ensemble
        ? new(encoder, new(ensemble, encoder.OptionAt, encoder.OptionCodes), null, trained.Calibration)
        : new(encoder, null, trained, null);

    /// <param name="predictions">One per option, overwritten; or one.</param>
    public void Predict(DecisionWorkspace workspace, Span<double> predictions)
    {
        var row = workspace.Row(_encoder.Width);
        _encoder.Encode(workspace.Served, row);
        if (_trees is not null)
        {
            _trees.Predict(row, predictions);
            if (_calibration is null) return;
            foreach (ref var prediction in predictions) prediction = _calibration.Apply(prediction);
            return;
        }
        for (var option = 0; option < predictions.Length; option++)
        {
            if (!_encoder.OptionCodes.IsEmpty) _encoder.SetOption(option, row);
            predictions[option] = _plain!.Predict(row);
        }
    }
}
