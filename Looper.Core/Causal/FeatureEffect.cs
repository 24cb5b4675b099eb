using Looper.Core.Learning;

namespace Looper.Core.Causal;

/// <summary>The effect of the units with one range or level of a feature.</summary>
/// <param name="Low">Of a number: values above this; −∞ for the lowest range; <paramref name="High"/> where all that are known are the same. NaN for a category and for missing.</param>
/// <param name="High">Of a number: values up to this; +∞ for the highest range. NaN for a category and for missing.</param>
/// <param name="Level">Code of a category; −1 otherwise.</param>
/// <param name="Predicted">Mean predicted effect of its units.</param>
/// <param name="Average">Mean doubly robust score of its units.</param>
public readonly record struct FeatureEffect(double Low, double High, int Level, double Predicted, AverageEffect Average)
{
    private const int Ranges = 5, Levels = 8, FewestUnits = 20;

    /// <summary>The value is missing, or a level too rare to stand alone.</summary>
    public bool IsOther => double.IsNaN(Low) && Level < 0;

    /// <summary>Effects by five ranges of a number with equally many units, or by the commonest levels of a category; last the rest, where there is
    /// one. Groups of fewer than 20 units are left out.</summary>
    /// <param name="units">Features.</param>
    /// <param name="column">Which.</param>
    /// <param name="predicted">τ̂ of every unit.</param>
    /// <param name="scores">Γ of every unit.</param>
    /// <remarks>Ranges and levels are settled by the feature alone, so each interval is honest by itself; not corrected for how many there are.</remarks>
    public static FeatureEffect[] Of(DataSet units, int column, double[] predicted, double[] scores)
    {
        var values = units.Values[column];
        var groups = units.Columns[column].Kind == ColumnKind.Category ? OfLevels(values) : OfRanges(values);
        return [.. groups.Where(g => g.Rows.Length >= FewestUnits)
            .Select(g => new FeatureEffect(g.Low, g.High, g.Level, g.Rows.Average(i => predicted[i]), AverageEffect.Of([.. g.Rows.Select(i => scores[i])])))];
    }

    private static IEnumerable<(double Low, double High, int Level, int[] Rows)> OfRanges(double[] values)
    {
        double[] sorted = [.. values.Where(double.IsFinite).Order()];
        double[] distinct = [.. sorted.Distinct().Take(Ranges + 1)];
        double[] cuts = distinct.Length <= Ranges ? distinct[..Math.Max(0, distinct.Length - 1)]
            : [.. Enumerable.Range(1, Ranges - 1).Select(k => sorted[k * sorted.Length / Ranges]).Where(c => c < sorted[^1]).Distinct()];
        double[] ends = [double.NegativeInfinity, .. cuts, double.PositiveInfinity];
        if (distinct.Length == 1) yield return (distinct[0], distinct[0], -1, [.. Enumerable.Range(0, values.Length).Where(i => values[i] == distinct[0])]);
        else if (sorted.Length > 0)
        {
            for (var k = 0; k + 1 < ends.Length; k++)
                yield return (ends[k], ends[k + 1], -1, [.. Enumerable.Range(0, values.Length).Where(i => values[i] > ends[k] && values[i] <= ends[k + 1])]);
        }
        yield return Rest(values, i => double.IsNaN(values[i]));
    }

    private static IEnumerable<(double Low, double High, int Level, int[] Rows)> OfLevels(double[] values)
    {
        int[] levels = [.. values.Where(double.IsFinite).GroupBy(v => (int)v).OrderByDescending(g => g.Count()).ThenBy(g => g.Key).Take(Levels).Select(g => g.Key)];
        foreach (var level in levels) yield return (double.NaN, double.NaN, level, [.. Enumerable.Range(0, values.Length).Where(i => values[i] == level)]);
        yield return Rest(values, i => double.IsNaN(values[i]) || !levels.Contains((int)values[i]));
    }

    private static (double, double, int, int[]) Rest(double[] values, Func<int, bool> isIn) =>
        (double.NaN, double.NaN, -1, [.. Enumerable.Range(0, values.Length).Where(isIn)]);
}
