using Looper.Core.Decisions;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Decisions;

/// <summary>Says what rates and means rest on where there are more decisions than are counted.</summary>
internal static class CountedTexts
{
    /// <summary>Null where all are counted.</summary>
    public static string? Of(OutcomeOverview outcome) =>
        outcome.Closed >= OverviewQueries.NewestExamples ? $"Of the newest {Shown.Count(outcome.Closed)} decisions whose window is over" : null;
}
