using Looper.Core.Models;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Models;

/// <summary>How an outcome is spread among the examples, in words.</summary>
internal static class OutcomeWords
{
    public static string Of(OutcomeSpread outcome, PredictionTask? task) => task == PredictionTask.Binary
        ? string.Join(", ", outcome.Balance.Select(b => $"{b.Value} {Shown.Percent(b.Share)} ({Shown.Count(b.Rows)})"))
        : $"mean {Shown.Number(outcome.Mean)}, middle {Shown.Number(outcome.Median)}, from {Shown.Number(outcome.Low)} to {Shown.Number(outcome.High)}; {string.Join(", ", outcome.Balance.Select(b => $"{b.Value} {Shown.Percent(b.Share)}"))}";
}
