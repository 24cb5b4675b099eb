using Looper.Core.Blueprints;
using Looper.Core.Serving;
using Looper.Core.Serving.Histories;

namespace Looper.Benchmarks.Serving;

/// <summary>The same decision point with features that look back, and units of whom something was reported.</summary>
internal static class BenchHistories
{
    public const int Features = 4, Reports = 40;
    public static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddDays(30);

    public static BlueprintContent Content { get; } = BenchPoint.Content(predicts: false) with
    {
        Features =
        [
            .. BenchPoint.Content(predicts: false).Features,
            Of("purchases", "purchase", HistoryAggregate.Count), Of("since", "purchase", HistoryAggregate.Recency),
            Of("spent", "revenue", HistoryAggregate.Sum), Of("basket", "revenue", HistoryAggregate.Mean),
        ],
        Outcomes = [new("purchase", OutcomeKind.Boolean), new("revenue", OutcomeKind.Number)],
    };

    /// <summary>Half of the reports of each unit are of the one outcome, half of the other; one an hour.</summary>
    public static UnitHistories Of(DecisionPointSnapshot point, byte[][] units)
    {
        var histories = new UnitHistories(256 << 20);
        var tracked = histories.Track(point.Id, point.Histories);
        foreach (var unit in units)
        {
            for (var i = 0; i < Reports; i++)
                histories.Add(tracked, unit, new(HistoryEvent.OutcomeOf(i % 2 == 0 ? "purchase" : "revenue"), Now.AddHours(-i - 1).UtcTicks, 1 + i), Now.UtcTicks);
        }
        tracked.IsComplete = true;
        return histories;
    }

    private static Feature Of(string name, string outcome, HistoryAggregate aggregate) =>
        new(name, FeatureKind.Number) { Derived = new HistoryDerivation(outcome, aggregate, TimeSpan.FromDays(7)) };
}
