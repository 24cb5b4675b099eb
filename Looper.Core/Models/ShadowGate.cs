using System.Collections.Immutable;
using Looper.Core.Blueprints;

namespace Looper.Core.Models;

/// <summary>
/// The gate's second look, at live decisions. That a candidate is better was shown when it was trained; here it must hold up where
/// it will serve: every decision gets a prediction, features are there as they were where it learned, and on the decisions whose
/// outcome is known by now it is not worse than the live model. A feature that was filled in after the fact fails here at the latest.
/// </summary>
public static class ShadowGate
{
    /// <summary>More missing values of a feature than where the candidate learned, as a share of decisions.</summary>
    public const double MissingRise = 0.05;

    /// <summary>Up to this window the gate waits for outcomes of shadow decisions; a longer one would hold a better model back for days.</summary>
    public static readonly TimeSpan WaitForOutcomes = TimeSpan.FromDays(1);

    /// <summary>Whether there is enough to judge by. Where absence means unknown nobody knows how many outcomes will come: what has come within two windows, or a day, is judged by.</summary>
    /// <param name="lasted">How long it has stood beside the live model.</param>
    public static bool IsReady(ShadowComparison shadow, GatePlan plan, Outcome outcome, TimeSpan lasted)
    {
        ArgumentNullException.ThrowIfNull(shadow);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(outcome);
        return shadow.Decisions >= plan.ShadowDecisions
            && (outcome.Window > WaitForOutcomes || shadow.Closed >= ModelQuality.EnoughRows || (outcome.Absent is null && lasted >= (2 * outcome.Window < WaitForOutcomes ? 2 * outcome.Window : WaitForOutcomes)));
    }

    public static Evidence Judge(ShadowComparison shadow, GatePlan plan, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(shadow);
        ArgumentNullException.ThrowIfNull(plan);
        var lines = ImmutableArray.CreateBuilder<EvidenceLine>();
        lines.Add(new("Enough live decisions beside the live model", Gate.Text($"{plan.ShadowDecisions:N0}"), Gate.Text($"{shadow.Decisions:N0}"), "", shadow.Decisions >= plan.ShadowDecisions)
        { Value = shadow.Decisions, Limit = plan.ShadowDecisions, Rows = shadow.Decisions });
        lines.Add(new("A prediction for every live decision", "none without", Gate.Text($"{shadow.Undefined:N0} without"), "", shadow.Undefined == 0)
        { Value = shadow.Undefined, Limit = 0, Rows = shadow.Decisions });
        if (shadow.Worst is { } worst)
        {
            lines.Add(new("Features are there as where it learned", Gate.Text($"missing at most {MissingRise:0%} more often"), Gate.Text($"{worst.Feature}: missing in {worst.Now:0.0%}, was {worst.Then:0.0%}"), "", worst.Now - worst.Then <= MissingRise)
            { Value = worst.Now - worst.Then, Limit = MissingRise, Rows = shadow.Decisions });
        }
        lines.Add(NotWorse(shadow));
        lines.Add(Gate.Fast(shadow.CandidateMicroseconds, plan) with { Rule = "Fast enough on live decisions" });
        return Evidence.Of(at, Gate.Text($"{shadow.Decisions:N0} live decisions beside model {shadow.LiveNumber}, {shadow.Closed:N0} with a known outcome"), lines.ToImmutable());
    }

    private static EvidenceLine NotWorse(ShadowComparison shadow)
    {
        var rule = $"Not worse than live model {shadow.LiveNumber} on live decisions";
        if (shadow.Closed < ModelQuality.EnoughRows)
            return new(rule, "asked once outcomes are known", Gate.Text($"{shadow.Closed:N0} known"), "", true) { Rows = shadow.Closed };
        var gain = shadow.Gain;
        return new(rule, "upper bound of the gain not below 0", Gate.Gain(new(gain.Mean, gain.Low, gain.High, shadow.Closed)), Gate.Text($"loss {shadow.LiveLoss:G4}"), gain.High >= 0)
        { Value = gain.Mean, Low = gain.Low, High = gain.High, Limit = 0, Rows = shadow.Closed };
    }
}
