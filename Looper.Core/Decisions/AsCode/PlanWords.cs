namespace Looper.Core.Decisions.AsCode;

/// <summary>A plan, or what became of it, in one sentence for terminal and page.</summary>
public static class PlanWords
{
    /// <summary>Said after an apply that <see cref="Outdates"/> its own file.</summary>
    public const string ExportAgain = "Export again before the next change: the file names the version it was made from.";

    /// <summary>A version was published, so what the file was made from is current no more.</summary>
    public static bool Outdates(IReadOnlyCollection<PlannedAction> actions) => actions.Any(a => a is PlannedAction.Create or PlannedAction.Publish);

    /// <summary>How to undo what the plan does.</summary>
    public static string WayBack(ApplyPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        (bool IsNeeded, string Where, string How)[] ways =
        [
            (plan.Points.Any(p => p.Action == PlannedAction.Publish), "a version is published", "Go back to the version before, under Blueprint of the decision point."),
            (plan.Points.Any(IsRenamed), "a name changes", "Change it back under Settings of the decision point."),
            (plan.Points.Any(p => p.Action == PlannedAction.Create), "a decision point is new", "Archive it."),
        ];
        var needed = ways.Where(w => w.IsNeeded).ToList();
        return string.Join(' ', needed.Select(w => needed.Count == 1 ? w.How : $"Where {w.Where}: {char.ToLowerInvariant(w.How[0])}{w.How[1..]}"));
    }

    // A new version may bring a new name, which going back to the old version leaves as it is.
    private static bool IsRenamed(PlannedPoint point) => point.Action == PlannedAction.Describe
        || point.Action == PlannedAction.Publish && point.Changes.Any(c => c is { Section: BlueprintChanges.Decides, Field: "name" or "description" });

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
