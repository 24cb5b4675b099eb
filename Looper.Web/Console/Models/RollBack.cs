using Looper.Core.Models;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Models;

/// <summary>What a person must know before an earlier model answers again.</summary>
internal static class RollBack
{
    public static Confirmation To(ModelView before, int? live) => new($"Roll back to model {before.Number}")
    {
        Changes =
        [
            live is { } number
                ? $"Decisions of {before.DecisionPointKey} use model {before.Number} for {before.Outcome} from now on; model {number} is retired."
                : $"Decisions of {before.DecisionPointKey} use model {before.Number} for {before.Outcome} from now on.",
            $"It learned from data until {Shown.Time(before.DataUntil)} UTC.",
        ],
        Keeps = ["The blueprint, running experiments and everything logged."],
        WayBack = live is { } other ? $"promote model {other} again." : "retire it again.",
        AskFor = "Why (kept in the audit)",
    };
}
