using System.Collections.Immutable;

namespace Looper.Core.Models;

/// <summary>A candidate beside the live model on the same live decisions, none of which it answered. Shares and figures are NaN while there are no decisions.</summary>
/// <param name="From">Time of the first decision compared.</param>
/// <param name="Decisions">Live decisions since the shadow began that both can score. All but the losses is of the newest of them that fit into 20,000 examples.</param>
/// <param name="Undefined">Decisions that the candidate gave no finite prediction for.</param>
/// <param name="SameBest">Share of decisions for which both find the same option best; NaN where there are no options.</param>
/// <param name="MeanCandidate">Mean prediction for the answers given.</param>
/// <param name="MeanLive">The same of the live model.</param>
/// <param name="Coverage">Share of missing values per feature, where the candidate learned and now.</param>
/// <param name="Closed">Examples whose outcome is known by now, the newest 20,000 of them; the losses and the gain are of these.</param>
/// <param name="Gain">Mean of live loss − candidate loss, with its interval by unit; positive means that the candidate is better.</param>
/// <param name="CandidateMicroseconds">Mean time to score one row.</param>
public sealed record ShadowComparison(
    DateTimeOffset From, DateTimeOffset Until, int LiveNumber, int Decisions, int Undefined, double SameBest, double MeanCandidate, double MeanLive,
    ImmutableArray<FeatureCoverage> Coverage, int Closed, double CandidateLoss, double LiveLoss, ShadowGain Gain, double CandidateMicroseconds,
    double LiveMicroseconds)
{
    /// <summary>The feature that is missing more often than where the candidate learned, and by how much; null without features.</summary>
    internal FeatureCoverage? Worst => Coverage.IsEmpty ? null : Coverage.MaxBy(c => c.Now - c.Then);

    /// <summary>The same with the losses on other examples.</summary>
    internal ShadowComparison On(ShadowComparison known) =>
        this with { Closed = known.Closed, CandidateLoss = known.CandidateLoss, LiveLoss = known.LiveLoss, Gain = known.Gain };
}

/// <param name="Then">Share of missing values where the candidate learned, in [0, 1].</param>
/// <param name="Now">The same among the live decisions.</param>
public sealed record FeatureCoverage(string Feature, double Then, double Now);

public sealed record ShadowGain(double Mean, double Low, double High);
