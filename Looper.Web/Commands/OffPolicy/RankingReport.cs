using Looper.Core.Learning;
using Looper.Core.OffPolicy;
using Looper.Core.Statistics;
using Looper.Web.Commands.Files;

namespace Looper.Web.Commands.OffPolicy;

/// <summary>What a policy would have earned with rankings, from a file with a row for each place.</summary>
internal static class RankingReport
{
    private const double Level = 0.95;

    /// <param name="slate">Column that says to which ranking a row belongs.</param>
    /// <param name="position">Column with the place, a number; lower is further up.</param>
    public static Dictionary<string, object> Of(Table table, OffPolicyLog log, string slate, string position)
    {
        var rankings = Read(table, log, slate, position);
        var whole = WeightFigures.Of(rankings.WholeWeights(), rankings.Units);
        var estimators = new (string Name, Func<LoggedRankings, PolicyValue> Of, double[] Weights, string Assumes)[]
        {
            ("ips", RankingEstimators.Ips, rankings.WholeWeights(), "nothing; chances given the items above"),
            ("iips", RankingEstimators.Independent, rankings.Weights, "a place's reward depends on its own item alone; chances whatever stands above"),
            ("rips", RankingEstimators.Interacting, rankings.WeightsFromTheTop(), "a place's reward depends on its item and those above; chances given the items above"),
            ("pi", RankingEstimators.PseudoInverse, rankings.Weights, "the page's reward is a sum over places, and places were drawn independently"),
        }.Select(e => (e.Name, Value: OffPolicyCommand.IsRefused(log, WeightFigures.Of(e.Weights)) ? PolicyValue.Undefined(Cause.NoOverlap) : e.Of(rankings), e.Assumes)).ToArray();
        string[] refused = [.. estimators.Where(e => e.Value.Why == Cause.NoOverlap).Select(e => e.Name)];
        return new()
        {
            ["rankings"] = rankings.Count,
            ["rows"] = log.Weights.Length,
            ["independent"] = OffPolicyCommand.Independent(log, "rankings"),
            ["estimators"] = estimators.ToDictionary(e => e.Name, e => One(e.Value, e.Assumes)),
            ["ess"] = CommandFile.Figure(whole.EffectiveRows)!,
            ["maxWeight"] = CommandFile.Figure(whole.LargestWeight)!,
            ["meanWeight"] = CommandFile.Figure(whole.MeanWeight)!,
            ["overlap"] = new { Ok = refused.Length == 0 && !whole.IsThin && !whole.IsMisfit, Warnings = Warnings(log, whole, refused, estimators.Length) },
        };
    }

    // that no ranking was followed as a whole keeps those from a value that need whole rankings, and no others
    private static List<string> Warnings(OffPolicyLog log, WeightFigures whole, string[] refused, int estimators) =>
        refused.Length == 0 || refused.Length == estimators ? OffPolicyCommand.Warnings(log, whole)
            : [$"No ranking was followed down to where {string.Join(" and ", refused)} would need it, so {(refused.Length == 1 ? "it has" : "they have")} no value; the others do with single places."];

    private static LoggedRankings Read(Table table, OffPolicyLog log, string slate, string position)
    {
        var ids = table.Cells(CommandFile.Column(table, slate, "--slate"));
        var places = CommandFile.Complete(table, position, "--position");
        var (starts, weights, rewards) = (new List<int> { 0 }, new List<double>(), new List<double>());
        var units = new List<int>();
        foreach (var ranking in Enumerable.Range(0, ids.Count).GroupBy(i => ids[i], StringComparer.Ordinal))
        {
            var last = double.NegativeInfinity;
            if (log.Units.Length > 0) units.Add(log.Units[ranking.First()]);
            foreach (var row in ranking.OrderBy(i => places[i]))
            {
                if (places[row] == last) throw new FileFault($"--position: ranking '{ranking.Key}' has two items at place {last}; row {row} is one of them.");
                last = places[row];
                weights.Add(log.Weights[row]);
                rewards.Add(log.Rewards[row]);
            }
            starts.Add(weights.Count);
        }
        return new([.. starts], [.. weights], [.. rewards], OffPolicyLog.Numbered(units));
    }

    private static object One(PolicyValue value, string assumes)
    {
        var interval = value.At(Level);
        return new
        {
            Estimate = CommandFile.Figure(value.Value), Se = CommandFile.Figure(value.StandardError), Lower = CommandFile.Figure(interval.Low),
            Upper = CommandFile.Figure(interval.High), Refused = value.Why.Code(), Assumes = assumes,
        };
    }
}
