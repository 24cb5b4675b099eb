using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Costs;
using Looper.Web.Console.Charts;

namespace Looper.Web.Console.Costs;

/// <summary>What the weeks took, by part (K31): in money where there are prices, in processor time where there are none.</summary>
internal static class CostChart
{
    /// <summary>Null where nothing was counted.</summary>
    public static BarChart? Of(CostOverview costs)
    {
        if (costs.Weeks.IsEmpty) return null;
        var inMoney = costs.Weeks.Any(w => w.Amounts.Total is not null);
        ImmutableArray<Series> parts = inMoney
            ?
            [
                .. Part("features", costs, w => w.Amounts.Features), .. Part("serving", costs, w => Priced(costs, w.Seconds.Serving)), .. Part("writing", costs, w => Priced(costs, w.Seconds.Storage)),
                .. Part("training", costs, w => Priced(costs, w.Seconds.Training)), .. Part("analysis", costs, w => Priced(costs, w.Seconds.Analysis)), .. Part("storage", costs, w => w.Amounts.Storage),
            ]
            :
            [
                .. Part("serving", costs, w => w.Seconds.Serving), .. Part("writing", costs, w => w.Seconds.Storage),
                .. Part("training", costs, w => w.Seconds.Training), .. Part("analysis", costs, w => w.Seconds.Analysis),
            ];
        return new("What did each week cost?", new("Week", AxisKind.Category), new(inMoney ? costs.Prices.Currency : "seconds of processor time"), [.. costs.Weeks.Select(w => w.From.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))], parts)
        {
            Stacked = true,
            Basis = $"{costs.From:yyyy-MM-dd} to {costs.Until:yyyy-MM-dd}, weeks from Monday; without what is of no decision point",
            HowComputed = "Processor time of the threads that did the work: of jobs all of it, of deciding one call in 64. Writing is the journal's thread, shared by rows. Features cost what the blueprint states. Kept bytes are those of decisions, without indexes.",
        };
    }

    private static double? Priced(CostOverview costs, double seconds) => costs.Prices.ProcessorHour * seconds / 3_600;

    private static IEnumerable<Series> Part(string name, CostOverview costs, Func<CostWeek, double?> value)
    {
        if (costs.Weeks.All(w => value(w) is null or 0)) yield break;
        yield return new(name, [.. costs.Weeks.Select(w => value(w) ?? double.NaN)]);
    }
}
