using Looper.Core.Models;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Models;

/// <summary>Decisions about a model's place, in words.</summary>
internal static class GateWords
{
    public static string Of(GateVerdict verdict) => verdict switch
    {
        GateVerdict.Promoted => "Promoted",
        GateVerdict.Shadowed => "Into the shadow",
        GateVerdict.LeftToPerson => "Left to a person",
        GateVerdict.Kept => "Refused",
        GateVerdict.Retired => "Retired",
        _ => "Rolled back to",
    };

    public static Tone ToneOf(GateVerdict verdict) => verdict switch
    {
        GateVerdict.Promoted or GateVerdict.RolledBack => Tone.Good,
        GateVerdict.Shadowed => Tone.Info,
        GateVerdict.LeftToPerson => Tone.Warn,
        _ => Tone.Unsure,
    };

    public static string By(GateDecisionView decision) => decision.Stage switch
    {
        GateStage.Person => decision.DecidedBy,
        GateStage.Shadow => "the rule, after the shadow",
        _ => "the rule, after training",
    };

    public static string Live(GateDecisionView decision) => decision.LiveNumber is { } live ? $"model {live}" : "none";

    /// <summary>A person's reason, or what the rule found.</summary>
    public static string Why(GateDecisionView decision) => decision.Stage == GateStage.Person
        ? string.IsNullOrWhiteSpace(decision.Reason) ? "No reason was given." : decision.Reason
        : decision.Evidence.Verdict.Length > 0 ? decision.Evidence.Verdict : Shown.Nothing;
}
