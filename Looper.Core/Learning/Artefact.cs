namespace Looper.Core.Learning;

/// <summary>The bytes of a trained predictor: our own versioned, checksummed format that is data, never code.</summary>
public static class Artefact
{
    /// <summary>The largest artefact that is read, in bytes.</summary>
    public const int MaxBytes = 256 << 20;

    /// <summary>The bytes of a predictor; equal predictors give equal bytes.</summary>
    /// <param name="trained">Trees, a linear model, a network or a constant.</param>
    public static byte[] Write(TrainedPredictor trained) => throw new NotImplementedException();

    /// <summary>The predictor that was written, or <c>artefact.invalid</c> with the reason: foreign, newer, cut short, changed, or out of bounds.</summary>
    /// <param name="bytes">Anything; nothing in it is trusted.</param>
    public static Answered<TrainedPredictor> Read(ReadOnlySpan<byte> bytes) => throw new NotImplementedException();
}
