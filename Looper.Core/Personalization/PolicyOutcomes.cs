using System.Collections.Immutable;
using Looper.Core.Causal;
using Looper.Core.Experiments;
using Looper.Core.Statistics;

namespace Looper.Core.Personalization;

/// <summary>What becomes of each outcome under a rule.</summary>
internal static class PolicyOutcomes
{
    /// <summary>The metric, then the other outcomes that were told of.</summary>
    /// <param name="weights">What the others counted when the rule was learned.</param>
    public static ImmutableArray<PolicyOutcome> Of(RuleUnits units, EffectContent effects, LearnedRule rule, ImmutableDictionary<string, double> weights)
    {
        var settings = effects.Settings;
        var own = new EffectOutcome(settings.Input.Metric, MetricRole.Goal, settings.IsRate, settings.LowerIsBetter, settings.UnitOfMeasure, double.NaN);
        var told = effects.Effects.SelectMany(e => e.Others).DistinctBy(o => o.Outcome).ToDictionary(o => o.Outcome);
        return
        [
            One(own, 1, WeighedUnits.Outcome(units, rule.Tree, (a, i) => units.Scores[a][i], rule.BestArm), settings.Level),
            .. units.Others.Select(o => One(told[o.Outcome], weights.GetValueOrDefault(o.Outcome), WeighedUnits.Outcome(units, rule.Tree, (a, i) => o.Scores[a][i], rule.BestArm), settings.Level)),
        ];
    }

    public static string Word(GuardrailState? state) => state switch { GuardrailState.Safe => "safe", GuardrailState.Harmed => "harmed", _ => "cannot tell" };

    private static PolicyOutcome One(
        EffectOutcome outcome, double weight, (AverageEffect Value, AverageEffect First, AverageEffect OverFirst, AverageEffect OverBest) under, double level)
    {
        var (value, gain) = (Gain.Of(under.Value, level), under.OverFirst);
        if (outcome.LowerIsBetter) value = new(-value.Value, -value.High, -value.Low); // scores are gains
        var p = gain.StandardError > 0 ? 2 * TailProbability.Normal(Math.Abs(gain.Value) / gain.StandardError) : double.NaN;
        return new(outcome.Outcome, weight, outcome.Margin, outcome.IsRate, outcome.LowerIsBetter, outcome.UnitOfMeasure, value, Gain.Of(gain, level), Gain.Of(under.OverBest, level),
            OtherUnits.Guardrail(outcome.Margin, gain, under.First.Value, p, level), (long)under.Value.Units);
    }
}
