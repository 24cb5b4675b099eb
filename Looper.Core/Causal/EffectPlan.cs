using System.Collections.Immutable;

namespace Looper.Core.Causal;

/// <summary>How effects are to be estimated.</summary>
public sealed record EffectPlan
{
    /// <summary>Names of the learners. <c>risk</c> gives one effect for all where outcomes are not yes or no, and <c>auto</c> then leaves it out.</summary>
    public static ImmutableArray<string> Learners { get; } = ["s", "t", "x", "r", "dr", "risk", "forest", "bcf"];

    /// <summary>One of <see cref="Learners"/>, or <c>auto</c> (default), which weighs all of them and the constant by their loss on units
    /// they have not seen.</summary>
    public string Learner { get; init; } = "auto";

    /// <summary>What functions are fitted with; several are weighed by loss on unseen units. Default linear, boosting and splines with boosting.</summary>
    public ImmutableArray<BaseLearner> Bases { get; init; } = [BaseLearner.Linear, BaseLearner.Boosting, BaseLearner.Hybrid];

    /// <summary>Trees of the causal forest; 0 (default) takes 2,000 up to 5,000 units, 1,000 up to 50,000, 200 above.</summary>
    public int Trees { get; init; }

    /// <summary>Units up to which a Bayesian causal forest is fitted too; above 20,000 each fit learns from that many. 0 leaves it out unless it is the
    /// learner asked for. Above the default of 50,000 the other learners have units enough.</summary>
    public int MostBayesian { get; init; } = 50_000;

    /// <summary>Fixes every random choice.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Threads at most; no result depends on it.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Told what is done now and the share done so far.</summary>
    public Action<string, double>? Progress { get; init; }

    /// <summary>Ends the work.</summary>
    public CancellationToken Cancel { get; init; }

    /// <summary>What is done now, as progress tells it.</summary>
    internal string Stage { get; init; } = "Fitting";

    /// <summary>The plan of one part of the work: what it tells of itself counts within the part.</summary>
    /// <param name="from">Share of the whole done before it.</param>
    /// <param name="to">Share of the whole done after it.</param>
    /// <param name="stage">What the part does; null for what the whole does.</param>
    internal EffectPlan Part(double from, double to, string? stage = null)
    {
        var part = this with { Stage = stage ?? Stage, Progress = Progress is { } tell ? (what, share) => tell(what, from + ((to - from) * share)) : null };
        if (stage is not null) part.Done(0, 1);
        return part;
    }

    /// <summary>Tells how much of the part is done.</summary>
    internal void Done(int steps, int of) => Progress?.Invoke(Stage, (double)steps / of);
}
