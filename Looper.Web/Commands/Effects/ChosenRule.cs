using Looper.Core.Causal;

namespace Looper.Web.Commands.Effects;

/// <summary>Whom to treat.</summary>
/// <param name="Rule">One arm for everybody where nothing shows that the effect differs. Its values are gains: of an outcome that should be low, what is spared.</param>
/// <param name="Why">Why there is none; null when there is one.</param>
internal sealed record ChosenRule(LearnedRule? Rule, string? Why)
{
    public static ChosenRule Of(TwoArms arms, EffectAnalysis analysis, EffectsPlan asked, double level, CancellationToken cancel)
    {
        var cost = asked.Cost;
        var gains = asked.LowerIsBetter ? Array.ConvertAll(analysis.Scores, s => -s) : analysis.Scores;
        if (analysis.Validation.Differs) return new(LearnedRule.Of(arms, gains, cost, cancel), null);
        var average = AverageEffect.Of(gains).At(level);
        if (average.Low > cost) return new(LearnedRule.ForAll(gains, cost, treats: true), null);
        if (average.High < cost) return new(LearnedRule.ForAll(gains, cost, treats: false), null);
        return new(null, cost == 0 ? "nothing shows that the effect differs, and its average may be above or below 0" : "nothing shows that the effect differs, and its average may be more or less than treating costs");
    }
}
