using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Looper.Core.Numerics;

namespace Looper.Core.Learning.Trees;

/// <summary>How one column's values become bins: bin 0 is missing, bins 1, 2… are ranges of numbers or levels of a category.</summary>
internal sealed class ColumnBins
{
    private const int SampleRows = 200_000;

    /// <summary>Upper ends of the ranges but the last; a value equal to an end lies below it. Empty for categories.</summary>
    public double[] Cuts { get; private init; } = [];

    /// <summary>Level of every code, −1 for unknown; default for numbers.</summary>
    public ImmutableArray<short> Levels { get; private init; }

    /// <summary>Bins in use, the one for missing included.</summary>
    public int Count { get; private init; }

    public bool IsCategory => !Levels.IsDefault;

    public static ColumnBins Of(Column column, double[] values, int maxBins, long seed) =>
        column.Kind == ColumnKind.Category ? OfCategory(column, values, maxBins) : OfNumber(values, maxBins, seed);

    /// <summary>The bin of a value.</summary>
    public byte BinOf(double value)
    {
        if (!double.IsFinite(value)) return 0;
        if (IsCategory) return value >= 0 && value < Levels.Length ? (byte)(Levels[(int)value] + 1) : (byte)0;
        int low = 0, length = Cuts.Length; // branch-free lower bound: the number of cuts below the value
        while (length > 0)
        {
            var half = length + 1 >> 1;
            low += half & -Unsafe.BitCast<bool, byte>(Cuts[low + half - 1] < value);
            length -= half;
        }
        return (byte)(low + 1);
    }

    private static ColumnBins OfNumber(double[] values, int maxBins, long seed)
    {
        var sample = Sample(values, seed);
        Array.Sort(sample);
        var ends = Ends(sample, maxBins - 1);
        return new() { Cuts = ends, Count = ends.Length + 2 };
    }

    // The most frequent levels get a bin each; the rest count as unknown, which is what an unseen level is too.
    private static ColumnBins OfCategory(Column column, double[] values, int maxBins)
    {
        var greatest = column.Categories.Length - 1;
        foreach (var value in values) if (value > greatest && value < 1 << 24) greatest = (int)value;
        var counts = new int[greatest + 1];
        foreach (var value in values) if (value >= 0 && value <= greatest) counts[(int)value]++;
        var kept = Enumerable.Range(0, counts.Length).Where(code => counts[code] > 0)
            .OrderByDescending(code => counts[code]).ThenBy(code => code).Take(maxBins - 1).Order().ToArray();
        var levels = new short[counts.Length];
        Array.Fill(levels, (short)-1);
        for (var level = 0; level < kept.Length; level++) levels[kept[level]] = (short)level;
        return new() { Levels = ImmutableArray.Create(levels), Count = kept.Length + 1 };
    }

    private static double[] Sample(double[] values, long seed)
    {
        if (values.Length <= SampleRows) return [.. values.Where(double.IsFinite)];
        var random = new Philox(seed, "bins");
        var sample = new List<double>(SampleRows);
        for (var i = 0; i < SampleRows; i++)
        {
            // one row of each of 200,000 equal stretches
            long from = (long)values.Length * i / SampleRows, to = (long)values.Length * (i + 1) / SampleRows;
            var value = values[from + random.Below((int)(to - from))];
            if (double.IsFinite(value)) sample.Add(value);
        }
        return [.. sample];
    }

    // Greedy equal mass: a value heavier than the mean bin closes its own bin, so that spikes do not swallow their neighbours.
    private static double[] Ends(double[] sorted, int bins)
    {
        var values = new List<double>();
        var counts = new List<int>();
        foreach (var x in sorted)
        {
            if (values.Count > 0 && values[^1] == x) counts[^1]++;
            else
            {
                values.Add(x);
                counts.Add(1);
            }
        }
        var ends = new List<double>();
        var few = values.Count <= bins;
        int held = 0, rest = sorted.Length;
        for (var i = 0; i + 1 < values.Count && ends.Count < bins - 1; i++)
        {
            held += counts[i];
            var mean = (double)rest / (bins - ends.Count);
            if (!few && held < mean && (counts[i + 1] < mean || held < mean / 2)) continue;
            ends.Add(Between(values[i], values[i + 1]));
            rest -= held;
            held = 0;
        }
        return [.. ends];
    }

    private static double Between(double low, double high)
    {
        var middle = low / 2 + high / 2;
        return middle >= low && middle < high ? middle : low;
    }
}
