using Looper.Core.Decisions.AsCode;
using Looper.Web.Api;

namespace Looper.Web.Commands.AsCode;

/// <summary>A plan, or what became of it, as lines: one for each decision point, what changes below it.</summary>
internal static class AppliedWords
{
    public static IEnumerable<string> Of(ConfigurationApi.AppliedView done)
    {
        foreach (var point in done.DecisionPoints)
        {
            yield return $"{point.DecisionPoint}: {Act(point, done.DryRun)}";
            if (point.Action == PlannedAction.Create) yield return $"  {point.InWords}";
            foreach (var change in point.Changes) yield return $"  {change.Field}: {change.Old ?? "none"} → {change.New ?? "none"}. {change.Consequence}";
            if (point is { Action: PlannedAction.Publish, Changes.Count: 0 }) yield return $"  {point.InWords}";
            if (point.Training is not null) yield return $"  {point.Training}";
            foreach (var warning in point.Warnings) yield return $"  Look twice: {warning}";
        }
        yield return PlanWords.Of([.. done.DecisionPoints.Select(p => p.Action)], isApplied: !done.DryRun);
        if (!done.DryRun && PlanWords.Outdates([.. done.DecisionPoints.Select(p => p.Action)])) yield return PlanWords.ExportAgain;
    }

    private static string Act(ConfigurationApi.PointView point, bool dryRun) => point.Action switch
    {
        PlannedAction.Create => dryRun ? "create" : "created, version 1",
        PlannedAction.Publish => dryRun ? $"publish version {point.Becomes} (now {point.Version})" : $"published version {point.Becomes}",
        PlannedAction.Describe => dryRun ? "change what it is called" : "changed what it is called",
        _ => $"unchanged, version {point.Version}",
    };
}
