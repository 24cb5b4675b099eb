using System.Collections.Immutable;
using System.Globalization;

namespace Looper.Core.Learning;

/// <summary>Cells of a file on their way to a data set: text in columns, with the kind of each column found or told.</summary>
/// <remarks>A column is numeric when every cell that is not empty is a number; an empty cell is missing. Not thread safe.</remarks>
/// <param name="header">Names of the columns; every row added has as many cells.</param>
public sealed class Table(ImmutableArray<string> header)
{
    private readonly List<string>[] _cells = [.. header.Select(_ => new List<string>())];

    /// <summary>Names of the columns.</summary>
    public ImmutableArray<string> Header { get; } = header;

    /// <summary>Rows added so far.</summary>
    public int Rows { get; private set; }

    /// <summary>Adds one row.</summary>
    /// <param name="cells">One text per column.</param>
    public void Add(ReadOnlySpan<string> cells)
    {
        for (var j = 0; j < _cells.Length; j++) _cells[j].Add(cells[j]);
        Rows++;
    }

    /// <summary>The texts of one column.</summary>
    /// <param name="column">Index of the column.</param>
    public IReadOnlyList<string> Cells(int column) => _cells[column];

    /// <summary>Whether every cell that is not empty is a number.</summary>
    /// <param name="column">Index of the column.</param>
    public bool IsNumeric(int column) => _cells[column].TrueForAll(c => c.Length == 0 || TryNumber(c, out _));

    /// <summary>A column's description and values, one per row, NaN where empty.</summary>
    /// <param name="column">Index of the column.</param>
    /// <param name="kind">How to read it, or null to find out. Texts that are no number are missing in a number column.</param>
    /// <returns>Codes of a category follow the ordinal order of its texts.</returns>
    public (Column Column, double[] Values) Read(int column, ColumnKind? kind = null)
    {
        var cells = _cells[column];
        if ((kind ?? (IsNumeric(column) ? ColumnKind.Number : ColumnKind.Category)) == ColumnKind.Number)
            return (new(Header[column], ColumnKind.Number, []), [.. cells.Select(c => TryNumber(c, out var x) ? x : double.NaN)]);
        ImmutableArray<string> texts = [.. cells.Where(c => c.Length > 0).Distinct().Order(StringComparer.Ordinal)];
        var codes = texts.Select((text, code) => (text, code)).ToDictionary(t => t.text, t => (double)t.code, StringComparer.Ordinal);
        return (new(Header[column], ColumnKind.Category, texts), [.. cells.Select(c => codes.GetValueOrDefault(c, double.NaN))]);
    }

    /// <summary>Reads a number with a decimal point; "NaN" and "Infinity" are read as such and count as missing later.</summary>
    /// <param name="text">One cell.</param>
    /// <param name="number">The number, or 0.</param>
    public static bool TryNumber(string text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number);
}
