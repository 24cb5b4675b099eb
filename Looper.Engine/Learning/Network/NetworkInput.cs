using System.Collections.Immutable;
using MathNet.Numerics.Distributions;

namespace Looper.Core.Learning.Network;

/// <summary>How one column enters the network.</summary>
/// <param name="Knots">Of a number: quantiles of the training values, ascending; empty for a category.</param>
/// <param name="Slots">Of a category: embedding of every code, the last one for missing and unknown; empty for a number.</param>
/// <param name="Size">Numbers it feeds in: 2 for a number (its normal score, and 1 where missing), the embedding's length for a category.</param>
public sealed record NetworkInput(ImmutableArray<double> Knots, ImmutableArray<int> Slots, int Size)
{
    private const int MostKnots = 128, FewestRows = 10;

    /// <summary>Whether the column is a category.</summary>
    public bool IsCategory => !Slots.IsEmpty;

    /// <summary>Embeddings of a category; 0 for a number.</summary>
    public int Embeddings => IsCategory ? Slots.Max() + 1 : 0;

    internal static NetworkInput Of(Column column, double[] values)
    {
        if (column.Kind == ColumnKind.Number)
        {
            var sorted = values.Where(double.IsFinite).Order().ToArray();
            var knots = Enumerable.Range(0, sorted.Length == 0 ? 0 : MostKnots).Select(k => sorted[(int)((sorted.Length - 1L) * k / (MostKnots - 1))]).Distinct();
            return new([.. knots.DefaultIfEmpty(0)], [], 2);
        }
        var counts = new Dictionary<int, int>();
        foreach (var value in values) if (value >= 0 && value < 1 << 20) counts[(int)value] = counts.GetValueOrDefault((int)value) + 1;
        var (slots, next) = (new int[(counts.Count == 0 ? 0 : counts.Keys.Max() + 1) + 1], 0);
        for (var code = 0; code < slots.Length - 1; code++) slots[code] = counts.GetValueOrDefault(code) >= FewestRows ? next++ : -1;
        for (var code = 0; code < slots.Length; code++) if (slots[code] < 0 || code == slots.Length - 1) slots[code] = next;
        return new([], [.. slots], Math.Min(50, (int)Math.Ceiling(1.6 * Math.Pow(next + 1, 0.56))));
    }

    /// <summary>The embedding of a value.</summary>
    /// <param name="value">A code; anything else is unknown.</param>
    public int SlotOf(double value) => value >= 0 && value < Slots.Length - 1 ? Slots[(int)value] : Slots[^1];

    /// <summary>The normal score of a number's rank among the training values: Φ⁻¹ of its place, within ±2.4.</summary>
    /// <param name="value">A finite number.</param>
    public double ScoreOf(double value)
    {
        int count = Knots.Length, above = Knots.BinarySearch(value);
        double place;
        if (above >= 0) place = above;
        else
        {
            above = ~above;
            place = above == 0 ? 0 : above == count ? count - 1 : above - 1 + (value - Knots[above - 1]) / (Knots[above] - Knots[above - 1]);
        }
        return Normal.InvCDF(0, 1, (place + 1) / (count + 1));
    }
}
