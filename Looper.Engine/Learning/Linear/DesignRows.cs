namespace Looper.Core.Learning.Linear;

/// <summary>Rows as a linear model sees them: numbers standardised with an indicator for missing, categories one-hot. Every column adds exactly
/// one entry (index, value) to a row, so a row of p columns costs p entries however many levels there are.</summary>
internal sealed class DesignRows
{
    private const int FewestRows = 10, MostWidth = 2_000;
    private readonly int[] _first;

    private DesignRows(DesignColumn[] columns, int rows)
    {
        (Columns, Rows) = (columns, rows);
        _first = new int[columns.Length];
        foreach (var (column, j) in columns.Select((c, j) => (c, j)))
        {
            _first[j] = Width;
            Width += column.Width;
        }
        Index = new int[(long)rows * columns.Length];
        Value = new float[(long)rows * columns.Length];
    }

    public DesignColumn[] Columns { get; }
    public int Rows { get; }

    /// <summary>Coefficients besides the intercept.</summary>
    public int Width { get; private set; }

    /// <summary>Index[i·p + j]: the coefficient that column j of row i meets.</summary>
    public int[] Index { get; }

    /// <summary>Value[i·p + j]: what it is multiplied with.</summary>
    public float[] Value { get; }

    public int First(int column) => _first[column];

    public static DesignRows Of(DataSet data)
    {
        var columns = data.Columns.Select((c, j) => DesignColumn.Of(c, data.Values[j], data.Weights, FewestRows)).ToArray();
        var design = With(columns, data);
        if (design.Width > MostWidth)
            throw TrainingChecks.Refused("too-wide", $"One-hot the columns make {design.Width} coefficients; a linear model takes at most {MostWidth}. Leave out categories with many levels.");
        return design;
    }

    /// <summary>Other rows in the terms of these columns.</summary>
    public static DesignRows With(DesignColumn[] columns, DataSet data)
    {
        var design = new DesignRows(columns, data.Rows);
        var p = columns.Length;
        for (var j = 0; j < p; j++)
            for (var i = 0; i < data.Rows; i++)
            {
                var (offset, value) = columns[j].Of(data.Values[j][i]);
                (design.Index[i * p + j], design.Value[i * p + j]) = (design._first[j] + offset, value);
            }
        return design;
    }
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
