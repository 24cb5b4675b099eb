using Looper.Core;
using Looper.Core.Decisions;

namespace Looper.Web.Console.Shared;

/// <summary>On which decision point something new begins: the one that the address names, else the first of the list. Where the one that is named cannot be
/// used none is chosen, so that nothing is begun on another.</summary>
internal static class NewOnPoint
{
    public static Refusal Unchosen { get; } = new("decision-point.not-chosen", "No decision point is chosen. Choose one from the list.", "decisionPoint");

    /// <param name="usable">Those that can be chosen.</param>
    /// <param name="asked">Key that the address names.</param>
    public static (string Key, FieldErrors Errors) Begin(IReadOnlyList<DecisionPointView> usable, string? asked)
    {
        if (asked is null) return (usable.Count > 0 ? usable[0].Key : "", FieldErrors.None);
        if (usable.Any(p => p.Key == asked)) return (asked, FieldErrors.None);
        var reason = $"`{asked}` cannot be used: there is no such decision point, or it is archived, not published or not readable. Choose another.";
        return ("", new(new Refusal("decision-point.unusable", reason, "decisionPoint")) { AreStanding = true });
    }
}
