namespace Looper.Core.Learning;

/// <summary>A fitted function of one row. Immutable and thread safe; predicting allocates nothing.</summary>
public interface IPredictor
{
    /// <summary>Numbers a prediction consists of: 1, or the number of classes.</summary>
    int Outputs { get; }

    /// <summary>The prediction on the label's own scale: a probability, a mean, a quantile, a score. With several outputs, that of the last one.</summary>
    /// <param name="row">One value per column of the training data: a number, or a category's code; NaN where missing.</param>
    double Predict(ReadOnlySpan<double> row);

    /// <summary>All outputs of the prediction: the probabilities of the classes, or the one number.</summary>
    /// <param name="row">As for <see cref="Predict(ReadOnlySpan{double})"/>.</param>
    /// <param name="outputs">Length <see cref="Outputs"/>, overwritten.</param>
    void Predict(ReadOnlySpan<double> row, Span<double> outputs);
}
