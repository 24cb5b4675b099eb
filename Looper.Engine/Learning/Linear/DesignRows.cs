using Looper.Core.Numerics;

namespace Looper.Core.Learning.Linear;

/// <summary>Rows as a linear model sees them: numbers standardised, a mark where one is missing, and a mark for the level of every category. A mark is worth 1,
/// so a row costs what it has of numbers and of marks, however many levels there are.</summary>
internal sealed class DesignRows
{
    private const int FewestRows = 10, MostWidth = 2_000;
    private readonly int[] _first, _marks, _ends;
    private readonly double[] _numbers;

    private DesignRows(DesignColumn[] columns, DataSet data)
    {
        (Columns, Rows, _first) = (columns, data.Rows, new int[columns.Length]);
        for (var j = 0; j < columns.Length; j++) (_first[j], Width) = (Width, Width + columns[j].Width);
        int[] numbers = [.. Enumerable.Range(0, columns.Length).Where(j => !columns[j].IsCategory)];
        NumberSlots = Array.ConvertAll(numbers, j => _first[j]);
        _numbers = new double[(long)Rows * numbers.Length];
        _ends = new int[Rows];
        var marks = new List<int>(Rows * (columns.Length - numbers.Length));
        for (var i = 0; i < Rows; i++)
        {
            var number = i * numbers.Length;
            for (var j = 0; j < columns.Length; j++)
            {
                var (offset, value) = columns[j].Of(data.Values[j][i]);
                if (columns[j].IsCategory || offset > 0) marks.Add(_first[j] + offset);
                if (!columns[j].IsCategory) _numbers[number++] = offset > 0 ? 0 : value;
            }
            _ends[i] = marks.Count;
        }
        _marks = [.. marks];
    }

    public DesignColumn[] Columns { get; }
    public int Rows { get; }

    /// <summary>Coefficients besides the intercept.</summary>
    public int Width { get; private set; }

    /// <summary>The coefficient that each number meets, in order.</summary>
    public int[] NumberSlots { get; }

    /// <summary>Numbers of a row, 0 where one is missing.</summary>
    public ReadOnlySpan<double> Numbers(int row) => _numbers.AsSpan(row * NumberSlots.Length, NumberSlots.Length);

    /// <summary>Coefficients that a row's marks meet, in order.</summary>
    public ReadOnlySpan<int> Marks(int row) => _marks.AsSpan(row == 0 ? 0 : _ends[row - 1], _ends[row] - (row == 0 ? 0 : _ends[row - 1]));

    public int First(int column) => _first[column];

    /// <summary>The score of every row, added up column by column.</summary>
    /// <param name="beta">Coefficients, the intercept last.</param>
    public double[] Scores(double[] beta)
    {
        var (scores, slots, first) = (new double[Rows], NumberSlots, _first);
        for (var i = 0; i < scores.Length; i++)
        {
            var numbers = Numbers(i);
            var marks = Marks(i);
            var (sum, number, mark) = (beta[^1], 0, 0);
            for (var j = 0; j < first.Length; j++)
            {
                if (number < slots.Length && slots[number] == first[j]) sum += beta[first[j]] * numbers[number++];
                if (mark < marks.Length && (j + 1 == first.Length || marks[mark] < first[j + 1])) sum += beta[marks[mark++]];
            }
            scores[i] = sum;
        }
        return scores;
    }

    /// <summary>What each coefficient adds to the sum of the rows' scores, each times a factor of its row; the intercept last.</summary>
    /// <param name="factors">One a row.</param>
    /// <param name="to">Overwritten.</param>
    public void Sum(double[] factors, double[] to)
    {
        Array.Clear(to);
        var numbers = new double[NumberSlots.Length];
        for (var i = 0; i < Rows; i++)
        {
            if (factors[i] == 0) continue;
            Vectors.AddScaled(numbers, factors[i], Numbers(i));
            foreach (var slot in Marks(i)) to[slot] += factors[i];
            to[^1] += factors[i];
        }
        for (var a = 0; a < numbers.Length; a++) to[NumberSlots[a]] = numbers[a];
    }

    public static DesignRows Of(DataSet data)
    {
        var columns = data.Columns.Select((c, j) => DesignColumn.Of(c, data.Values[j], data.Weights, FewestRows)).ToArray();
        if (columns.Sum(c => c.Width) is var width and > MostWidth)
            throw TrainingChecks.Refused("too-wide", $"One-hot the columns make {width} coefficients; a linear model takes at most {MostWidth}. Leave out categories with many levels.");
        return With(columns, data);
    }

    /// <summary>Other rows in the terms of these columns.</summary>
    public static DesignRows With(DesignColumn[] columns, DataSet data) => new(columns, data);
}

/// <summary>One column's place in a design.</summary>
internal sealed record DesignColumn(bool IsCategory, double Mean, double Deviation, int[] Slots, int Width)
{
    /// <summary>Offset of the coefficient and what it is multiplied with.</summary>
    public (int Offset, float Value) Of(double value)
    {
        if (IsCategory) return (value >= 0 && value < Slots.Length ? Slots[(int)value] : Width - 1, 1);
        return !double.IsFinite(value) ? (1, 1) : (0, double.IsInfinity(Deviation) ? 0 : (float)Math.Clamp((value - Mean) / Deviation, -1e6, 1e6));
    }

    public static DesignColumn Of(Column column, double[] values, double[]? weights, int fewestRows)
    {
        if (column.Kind == ColumnKind.Number)
        {
            var present = values.Where((v, i) => double.IsFinite(v) && (weights is null || weights[i] > 0)).ToArray();
            var mean = present.Length > 0 ? present.Average() : 0;
            var deviation = present.Length > 1 ? Math.Sqrt(present.Average(v => (v - mean) * (v - mean))) : 0;
            if (!double.IsFinite(mean) || !double.IsFinite(deviation)) return new(false, 0, double.PositiveInfinity, [], 2); // numbers too large to add up tell nothing
            return new(false, mean, deviation > 1e-12 * Math.Abs(mean) ? deviation : double.PositiveInfinity, [], 2);
        }
        // rare, missing and unknown levels share the last slot
        var counts = new Dictionary<int, int>();
        foreach (var value in values) if (value >= 0 && value < 1 << 24) counts[(int)value] = counts.GetValueOrDefault((int)value) + 1;
        var slots = new int[counts.Count == 0 ? 0 : counts.Keys.Max() + 1];
        var next = 0;
        for (var code = 0; code < slots.Length; code++) slots[code] = counts.GetValueOrDefault(code) >= fewestRows ? next++ : -1;
        for (var code = 0; code < slots.Length; code++) if (slots[code] < 0) slots[code] = next;
        return new(true, 0, 1, slots, next + 1);
    }

    /// <summary>With its commonest levels alone: the others share the last slot with what is rare, missing and unknown.</summary>
    /// <param name="values">Those that it was made of.</param>
    /// <param name="width">Coefficients of it, at least 1.</param>
    public DesignColumn Narrowed(double[] values, int width)
    {
        if (width >= Width) return this;
        var counts = new int[Slots.Length];
        foreach (var value in values) if (value >= 0 && value < counts.Length) counts[(int)value]++;
        int[] kept = [.. Enumerable.Range(0, counts.Length).Where(code => Slots[code] < Width - 1).OrderByDescending(code => counts[code]).Take(width - 1).Order()];
        var slots = new int[counts.Length];
        Array.Fill(slots, width - 1);
        for (var slot = 0; slot < kept.Length; slot++) slots[kept[slot]] = slot;
        return this with { Slots = slots, Width = width };
    }
}
