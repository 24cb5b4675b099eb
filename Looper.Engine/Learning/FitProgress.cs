namespace Looper.Core.Learning;

/// <summary>How far a fit has come.</summary>
/// <param name="Round">Rounds (or epochs, or steps of a path) done.</param>
/// <param name="Rounds">Rounds at most; early stopping may end before.</param>
/// <param name="TrainLoss">Mean loss on the training rows; NaN where not computed.</param>
/// <param name="ValidationLoss">Mean loss on the validation rows; NaN without any.</param>
public sealed record FitProgress(int Round, int Rounds, double TrainLoss, double ValidationLoss);
