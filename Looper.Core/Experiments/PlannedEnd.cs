namespace Looper.Core.Experiments;

/// <summary>The end that was planned before the start, and which reading decides before and after it.</summary>
/// <remarks>A metric with a longer window than the deciding outcome comes to its end later: until then each day would be another look at it.</remarks>
internal static class PlannedEnd
{
    /// <summary>When the planned days are over and their units' outcomes are known; null where no end was planned.</summary>
    /// <param name="window">Of the metric that is read; that of the deciding outcome where it is longer.</param>
    public static DateTimeOffset? Of(ReportSettings settings, TimeSpan window = default) =>
        settings.Plan.PlannedDays is { } days && settings.StartedAt is { } start ? start.AddDays(days) + Longer(settings, window) : null;

    /// <summary>It took units for as long as was planned, and their outcomes are known. One that was stopped before never comes to its end,
    /// however long ago: when to stop may have been chosen by what was seen. An import is looked at once it is over.</summary>
    /// <inheritdoc cref="Of"/>
    public static bool IsReached(ReportSettings settings, TimeSpan window = default) => settings.IsImported
        || (Of(settings, window) is { } end && settings.DataUntil >= end && !(settings.StoppedAt + Longer(settings, window) < end));

    /// <summary>The plan's reading; a fixed one decides nothing before its planned end, where the always-valid one does in its place.</summary>
    /// <inheritdoc cref="Of"/>
    public static ReadingKind Decides(ReportSettings settings, TimeSpan window = default) =>
        settings.Plan.Reading == ReadingKind.Fixed && !IsReached(settings, window) ? ReadingKind.Sequential : settings.Plan.Reading;

    /// <summary>The reading that judges a guardrail: the one that decides, and always valid where that one says nothing of looking early. A stop changes
    /// nothing about what was seen, so it does not change the reading either.</summary>
    /// <inheritdoc cref="Of"/>
    public static ReadingKind Guards(ReportSettings settings, TimeSpan window) => Decides(settings, window) == ReadingKind.Fixed ? ReadingKind.Fixed : ReadingKind.Sequential;

    private static TimeSpan Longer(ReportSettings settings, TimeSpan window) => window > settings.PrimaryWindow ? window : settings.PrimaryWindow;
}
