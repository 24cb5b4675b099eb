using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Optimization;

namespace Looper.Core.Studies;

/// <summary>Whether every setting of a study's ranges is one that the policy can have; a share of nothing can be tried, though not published. Pure.</summary>
internal static class StudyRanges
{
    public static IEnumerable<Refusal> Check(StudyPlan plan, BlueprintContent content)
    {
        var limits = PolicyParameters.Of(content).ToDictionary(p => p.Name, StringComparer.Ordinal);
        var isConfiguration = content.Shape == DecisionShape.Configuration;
        for (var i = 0; i < plan.Parameters.Length; i++)
        {
            var (one, field) = (plan.Parameters[i], $"parameters[{i}]");
            if (!limits.TryGetValue(one.Name, out var limit)) continue;
            if (isConfiguration && one.Kind != limit.Kind)
                yield return Fault($"{field}.type", $"'{one.Name}': in the blueprint it is {Words(limit.Kind)}. Tune it as that.");
            else if (isConfiguration && one.Kind == ParameterKind.Category)
            {
                if (one.Values.FirstOrDefault(v => !limit.Values.Contains(v)) is { } unknown)
                    yield return Fault($"{field}.values", $"'{one.Name}': '{unknown}' is not among its values in the blueprint: {string.Join(", ", limit.Values)}. Leave it out, or publish a version that has it.");
            }
            else if (isConfiguration && (one.Low < limit.Low || one.High > limit.High))
                yield return Fault(field, FormattableString.Invariant($"'{one.Name}': the blueprint takes {limit.Low:G6} to {limit.High:G6}. Stay within, or publish a version that takes more."));
            else if (!isConfiguration && Bounds(content, one.Name) is var (least, isIn, most, words) && (one.Low < least || (!isIn && one.Low <= least) || one.High > most))
                yield return Fault(field, $"'{one.Name}': {words}.");
        }
        if (content.Policy is RandomPolicy && Over(plan, content) is { } room)
            yield return Fault("parameterConstraints", FormattableString.Invariant($"Shares: with those that are not tuned they may come to more than 1, and the first option has what is left. Add a constraint that gives each a weight of 1 and a bound of at most {room:0.######}."));
    }

    // What a policy can have whatever the blueprint says; cuts of a rule may be any number.
    private static (double Least, bool IsIn, double Most, string Words) Bounds(BlueprintContent content, string name) => name switch
    {
        "epsilon" when content.Policy is EpsilonGreedyPolicy => (0, true, 1, "it is a share, from 0 to 1"),
        "explore" when content.Policy is TreePolicy => (0, true, 1, "it is a share, from 0 to 1"),
        "temperature" when content.Policy is SoftmaxPolicy => (0, false, double.PositiveInfinity, "it is above 0. Begin the range above it"),
        _ when content.Policy is RandomPolicy => (0, true, 1, "it is a share, from 0 to 1"),
        _ => (double.NegativeInfinity, true, double.PositiveInfinity, ""),
    };

    // What the tuned shares may come to at most where they may come to more; each constraint by itself, for those it weighs.
    private static double? Over(StudyPlan plan, BlueprintContent content)
    {
        const double Rounding = 1e-9;
        var shares = plan.Parameters.Where(p => p.Name.StartsWith(PolicyParameters.Share, StringComparison.Ordinal)).ToList();
        if (shares.Count == 0) return null;
        var room = 1 - PolicyParameters.Present(content).Where(v => shares.TrueForAll(p => p.Name != v.Key)).Sum(v => v.Value.Number);
        var sums = plan.ParameterConstraints.Where(c => c.Weights.Values.Any(w => w > 0) && c.Weights.Values.All(w => w >= 0)).Select(c =>
            (c.Bound / c.Weights.Values.Where(w => w > 0).Min()) + shares.Where(p => !(c.Weights.GetValueOrDefault(p.Name) > 0)).Sum(p => p.High));
        return sums.Append(shares.Sum(p => p.High)).Min() <= room + Rounding ? null : room;
    }

    private static string Words(ParameterKind kind) => kind switch { ParameterKind.Category => "a category", ParameterKind.Whole => "a whole number", _ => "a number" };

    private static Refusal Fault(string field, string reason) => new("study.invalid", reason, field);
}
