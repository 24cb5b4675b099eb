namespace Looper.Core.OffPolicy;

/// <summary>How a reward model is fitted.</summary>
public sealed record RewardPlan
{
    /// <summary>Weight of each row, 0 leaves it out of the fit; null for 1.</summary>
    public double[]? Weights { get; init; }

    /// <summary>Bounds of every possible reward: predictions are kept inside; null for none.</summary>
    public (double Low, double High)? RewardRange { get; init; }

    /// <summary>Fixes every random choice.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Threads at most; no result depends on it.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Told the share done so far.</summary>
    public Action<double>? Progress { get; init; }

    /// <summary>Ends the work.</summary>
    public CancellationToken Cancel { get; init; }
}
