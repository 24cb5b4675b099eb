using Looper.Core.Monitoring;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Home;

/// <summary>An alert as a line that leads to where one sees more.</summary>
internal static class AlertLine
{
    /// <param name="of">Says which decision point it is of, where that is not plain.</param>
    public static HomeLine Of(AlertView alert, string of = "") =>
        new(alert.FiredAt, alert.Weight == AlertWeight.Urgent ? Tone.Bad : Tone.Warn, of + alert.Sentence, $"/decision-points/{alert.DecisionPointKey}/{Tab(alert)}");

    private static string Tab(AlertView alert) => alert switch
    {
        { ModelNumber: { } number } => $"models/{number}",
        { Condition: "guardrail.harmed" } => "experiments",
        { Condition: DriftCheck.UnreadableVersion } => "blueprint",
        _ => "data",
    };
}
