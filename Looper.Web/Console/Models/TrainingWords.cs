using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Models;

/// <summary>What a training plan comes to, as a colleague would tell it.</summary>
internal static class TrainingWords
{
    public static string Summary(TrainingPlan plan)
    {
        if (!plan.IsOn) return "Looper trains here only when somebody presses “Train now”. " + Promotion(plan);
        var first = plan.FirstModelAt > 0 ? $"Looper trains the first model at {Shown.Count(plan.FirstModelAt)} closed examples" : "Somebody trains the first model by hand";
        var again = new List<string>();
        if (plan.RetrainEvery is { } every) again.Add(Words.Every(every));
        if (plan.RetrainAfter is { } more) again.Add($"after {Shown.Count(more)} more examples");
        if (plan.RetrainOnDrift) again.Add("when what is served has moved away from what the live model learned from");
        var then = again.Count == 0 ? "It is not trained again by itself." : $"It trains again {Words.List(again, "or")}.";
        return $"{first}. {then} {Promotion(plan)}";
    }

    private static string Promotion(TrainingPlan plan)
    {
        var shadow = plan.Gate.ShadowDecisions > 0 ? $"has scored {Shown.Count(plan.Gate.ShadowDecisions)} live decisions beside the live model (the first model has none beside it), answering none, and " : "";
        return plan.PromoteAutomatically
            ? $"A candidate goes live by itself once it {shadow}keeps every rule of the gate."
            : $"A candidate that {shadow}keeps every rule of the gate waits for a person.";
    }

    public static string Of(OutcomeTarget target) => target switch
    {
        OutcomeTarget.Quantile => "a value that a given share stays below",
        OutcomeTarget.Count => "the expected count",
        _ => "the expected value",
    };
}
