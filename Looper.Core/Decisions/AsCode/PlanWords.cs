namespace Looper.Core.Decisions.AsCode;

/// <summary>A plan, or what became of it, in one sentence for terminal and page.</summary>
public static class PlanWords
{
    /// <param name="isApplied">It was done; else it is what would be.</param>
    public static string Of(IReadOnlyCollection<PlannedAction> actions, bool isApplied)
    {
        ArgumentNullException.ThrowIfNull(actions);
        if (actions.Count == 0) return "The file names no decision point.";
        if (actions.All(a => a == PlannedAction.Unchanged)) return "Nothing to change: the file says what is there.";
        return string.Join(", ", actions.GroupBy(a => a).OrderBy(g => g.Key).Select(g => $"{g.Count()} {Word(g.Key, isApplied)}")) + ".";
    }

    private static string Word(PlannedAction action, bool isApplied) => (action, isApplied) switch
    {
        (PlannedAction.Create, false) => "to create",
        (PlannedAction.Create, true) => "created",
        (PlannedAction.Publish, false) => "to publish",
        (PlannedAction.Publish, true) => "published",
        (PlannedAction.Describe, false) => "to rename",
        (PlannedAction.Describe, true) => "renamed",
        _ => "unchanged",
    };
}
