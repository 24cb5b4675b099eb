using Looper.Core.Experiments;

namespace Looper.Core.Personalization;

/// <summary>The probability with which each arm was drawn for each unit: known, never estimated from the features.</summary>
/// <param name="Of">Of[a][i]: arm a, unit i; the arms of a unit sum to 1.</param>
/// <param name="Words">Where they come from.</param>
internal sealed record ArmChances(double[][] Of, string Words)
{
    private const double Alike = 1e-9;

    public static Answered<ArmChances> Read(ExperimentPlan plan, EffectUnits units, bool isImported)
    {
        var (arms, n) = (units.Arms, units.Count);
        if (!isImported) return Constant([.. plan.Arms.Select(a => a.Weight)], n, "the shares that the plan gave the arms");
        var own = units.Propensities;
        if (own.All(double.IsNaN))
        {
            return Constant([.. plan.Arms.Select((_, a) => (double)arms.Count(w => w == a))], n,
                "the arms’ shares among the units, since the file gave none: right where a lot decided for everyone alike");
        }
        var bad = own.Count(p => p is not (> 0 and < 1));
        if (bad > 0)
        {
            return new Refusal("effects.no-propensities",
                $"{bad} of {n} units have no probability inside 0 and 1 of the arm they got, so what they would have done otherwise is not known. Import the probabilities of all, or of none where a lot decided for everyone alike.");
        }
        if (plan.Arms.Length == 2)
            return new ArmChances([[.. own.Select((p, i) => arms[i] == 0 ? p : 1 - p)], [.. own.Select((p, i) => arms[i] == 1 ? p : 1 - p)]], "the probabilities that the file gave");
        double[][] ofArm = [.. plan.Arms.Select((_, a) => own.Where((_, i) => arms[i] == a).ToArray())];
        if (ofArm.Any(p => p.Length == 0 || p.Max() - p.Min() > Alike))
            return new Refusal("effects.no-propensities", "With more than two arms and probabilities that differ between units, the file’s probability of the arm that was drawn does not say those of the others.");
        return Constant([.. ofArm.Select(p => p[0])], n, "the probabilities that the file gave");
    }

    private static ArmChances Constant(double[] weights, int units, string words)
    {
        var total = weights.Sum();
        return new([.. weights.Select(w => Enumerable.Repeat(w / total, units).ToArray())], words);
    }
}
