using Looper.Core.Learning;
using Looper.Core.Serving.Explanations;

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

    public static OptionPredictor Compile(LiveModel model, ModelEncoder encoder) => model.For(encoder) is { } form
        ? new(encoder, form.Trees, null, form.Calibration)
        : new(encoder, null, model.Predictor, null);

    /// <summary>What moved the prediction of one option, from a row as served. Allocates: only where it was asked for.</summary>
    /// <param name="contributions">One per column of the model, overwritten.</param>
    public Margin Explain(ReadOnlySpan<byte> served, int option, Span<double> contributions)
    {
        var row = new double[_encoder.Width];
        _encoder.Encode(served, row);
        if (_trees is not null) return Margin.Of(_trees.Objective, _trees.Explain(row, option, contributions), contributions, _calibration);
        if (!_encoder.OptionCodes.IsEmpty) _encoder.SetOption(option, row);
        return Margin.Of(_plain!, row, contributions);
    }

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
