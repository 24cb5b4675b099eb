using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.OffPolicy;

namespace Looper.Core.Policies;

/// <summary>What becomes of the single outcomes of a goal, and of the guardrails.</summary>
internal static class OtherOutcomes
{
    public static ImmutableArray<OtherOutcome> Of(LoggedDecisions log, LoggedRows rows, BlueprintContent content, GoalReward reward, EstimatePlan plan)
    {
        var others = ImmutableArray.CreateBuilder<OtherOutcome>();
        for (var o = reward.Needed == 1 ? 1 : 0; o < reward.Outcomes.Length; o++)
        {
            int[] known = [.. Enumerable.Range(0, log.Count).Where(i => double.IsFinite(log.Outcome(o, i)))];
            var outcome = reward.Outcomes[o];
            var margin = content.Goal.Guardrails.FirstOrDefault(g => g.Outcome == outcome.Name)?.MarginRelative;
            var isLower = outcome.Better == Direction.Lower;
            if (known.Length < ValueWords.LeastDecisions || known.Select(i => rows.Units[i]).Distinct().Count() < WeightFigures.LeastUnits)
            {
                others.Add(new(outcome.Name, isLower, Estimated.Undefined, Estimated.Undefined, margin, margin is null ? null : "unknown"));
                continue;
            }
            var some = new LoggedRows([.. known.Select(i => rows.Weights[i])], [.. known.Select(i => log.Outcome(o, i))], Dense([.. known.Select(i => rows.Units[i])]));
            var snips = PolicyEstimates.One(some, plan, "snips");
            var relative = Estimated.Of(snips.Relative);
            others.Add(new(outcome.Name, isLower, Estimated.Of(snips.Value, snips.Bootstrap), relative, margin, margin is { } m ? Verdict(relative, m, isLower) : null));
        }
        return others.ToImmutable();
    }

    /// <summary>Safe when the interval excludes a worsening beyond the margin, harmed when it lies wholly beyond it.</summary>
    private static string Verdict(Estimated relative, double margin, bool isLower)
    {
        if (double.IsNaN(relative.Low)) return "unknown";
        var (worst, best) = isLower ? (relative.High, relative.Low) : (-relative.Low, -relative.High);
        return worst <= margin ? "safe" : best > margin ? "harmed" : "unknown";
    }

    private static int[] Dense(int[] units)
    {
        var numbers = new Dictionary<int, int>();
        return Array.ConvertAll(units, u =>
        {
            if (!numbers.TryGetValue(u, out var number)) numbers.Add(u, number = numbers.Count);
            return number;
        });
    }
}
