namespace Looper.Web.Commands.Effects;

/// <summary>From a column of logged probabilities to the probability of treatment in a comparison of two arms.</summary>
internal static class Propensities
{
    /// <summary>Per row, or null when they must be estimated; and what the user should know.</summary>
    /// <remarks>A log holds the probability of the arm that was drawn; public data sets often the probability of treatment. With two arms both can be
    /// told apart: inverse to the probability of their own arm, the rows of an arm add up to all rows.</remarks>
    public static (double[]? Values, string? Note) Of(EffectsData data, int arm, int[] rows)
    {
        if (data.Chance is { } chance) return ([.. data.Arms.Select(_ => chance)], null);
        if (data.Propensity is not { } p) return (null, "no --propensity: it is estimated, and effects are right only if the features hold every common cause.");
        var bad = Array.FindIndex(p, e => e is not (> 0 and < 1));
        if (bad >= 0) throw new Files.FileFault($"--propensity: {p[bad]} in row {bad} is no probability inside 0 and 1.");
        bool Treated(int i) => data.Arms[i] == arm;
        if (data.Names.Length == 1)
        {
            double own = 0, other = 0;
            foreach (var i in rows) if (!Treated(i)) (own, other) = (own + 1 / p[i], other + 1 / (1 - p[i]));
            var isOwn = Math.Abs(own / rows.Length - 1) <= Math.Abs(other / rows.Length - 1);
            double[] values = [.. p.Select((e, i) => isOwn && !Treated(i) ? 1 - e : e)];
            return (values, isOwn ? null : "--propensity is read as the probability of treatment, not of the row's own arm: only so the rows add up.");
        }
        // several arms: the chance of this one rather than control is known where both chances are the same for all rows
        double? OfArm(Func<int, bool> isIn)
        {
            var values = rows.Where(isIn).Select(i => p[i]).Distinct().Take(2).ToArray();
            return values.Length == 1 ? values[0] : null;
        }
        return OfArm(Treated) is { } a && OfArm(i => !Treated(i)) is { } c
            ? ([.. p.Select(_ => a / (a + c))], null)
            : (null, "with several treatments and varying propensities the chance of this one against control is estimated.");
    }
}
