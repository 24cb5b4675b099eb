namespace Looper.Core.Experiments;

/// <summary>The end that was planned before the start, and which reading decides before and after it.</summary>
internal static class PlannedEnd
{
    /// <summary>When the planned days are over and their units' outcomes are known; null where no end was planned.</summary>
    public static DateTimeOffset? Of(ReportSettings settings) =>
        settings.Plan.PlannedDays is { } days && settings.StartedAt is { } start ? start.AddDays(days) + settings.PrimaryWindow : null;

    /// <summary>It took units for as long as was planned, and their outcomes are known. One that was stopped before never comes to its end,
    /// however long ago: when to stop may have been chosen by what was seen. An import is looked at once it is over.</summary>
    public static bool IsReached(ReportSettings settings) => settings.IsImported
        || (Of(settings) is { } end && settings.DataUntil >= end && !(settings.StoppedAt + settings.PrimaryWindow < end));

    /// <summary>The plan's reading; a fixed one decides nothing before its planned end, where the always-valid one does in its place.</summary>
    public static ReadingKind Decides(ReportSettings settings) =>
        settings.Plan.Reading == ReadingKind.Fixed && !IsReached(settings) ? ReadingKind.Sequential : settings.Plan.Reading;

    /// <summary>The reading that judges guardrails: the one that decides, and always valid where that one says nothing of looking early. A stop changes
    /// nothing about what was seen, so it does not change the reading either.</summary>
    public static ReadingKind Guards(ReportSettings settings) => Decides(settings) == ReadingKind.Fixed ? ReadingKind.Fixed : ReadingKind.Sequential;
}
