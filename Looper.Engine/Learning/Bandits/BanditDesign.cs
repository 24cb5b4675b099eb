using System.Collections.Immutable;
using Looper.Core.Learning.Linear;

namespace Looper.Core.Learning.Bandits;

/// <summary>Columns → the numbers that a bandit learns from: a constant 1, numbers standardised with an indicator for missing, categories one-hot, all but the
/// constant over the root of the number of columns, so that settings mean the same whatever is sent. Frozen when it is made.</summary>
/// <remarks>A standardised number beyond ±10 counts as ±10: one gross value shall not decide. Immutable and thread safe.</remarks>
public sealed class BanditDesign
{
    /// <summary>Numbers in a row at most; the widest categories give way by their rarest levels, and then the last columns.</summary>
    public const int MostWidth = 128;

    /// <summary>Columns that all have a place, were each a number: it takes two, one for its value and one for its being missing.</summary>
    public const int MostColumns = (MostWidth - 1) / 2;

    /// <summary>Numbers that leave room for as many products of context and candidate.</summary>
    public const int MostOfCandidates = MostWidth / 2;

    /// <summary>Columns that all have a place where candidates are sent.</summary>
    public const int MostColumnsOfCandidates = (MostOfCandidates - 1) / 2;

    /// <summary>Columns of tags and vectors that leave room for other features.</summary>
    public const int MostOfLists = 40;

    /// <summary>The same where candidates are sent.</summary>
    public const int MostOfListsOfCandidates = 20;

    private const int FewestRows = 5;
    private const double Farthest = 10;

    private readonly ImmutableArray<DesignColumn> _design;
    private readonly double _scale;
    private readonly int _firstProduct;

    internal BanditDesign(ImmutableArray<Column> columns, ImmutableArray<DesignColumn> design, ImmutableArray<(int, int)> products = default)
    {
        Products = products.IsDefault ? [] : products;
        (Columns, _design, _scale) = (columns, design, 1 / Math.Sqrt(Math.Max(1, columns.Length + Products.Length)));
        _firstProduct = 1 + design.Sum(c => c.Width);
        Width = _firstProduct + Products.Length;
    }

    /// <summary>Places in a row whose product is one number more, after the others.</summary>
    public ImmutableArray<(int One, int Other)> Products { get; }

    /// <summary>What a row consists of before.</summary>
    public ImmutableArray<Column> Columns { get; }

    /// <summary>d, the constant included.</summary>
    public int Width { get; }

    internal ImmutableArray<DesignColumn> Design => _design;

    /// <summary>Made for rows like these.</summary>
    /// <param name="columns">One per feature.</param>
    /// <param name="values">One array per column, a category's code or NaN.</param>
    /// <param name="most">Numbers in a row at most.</param>
    public static BanditDesign Of(ImmutableArray<Column> columns, double[][] values, int most = MostWidth)
    {
        DesignColumn[] design = [.. columns.Select((c, j) => DesignColumn.Of(c, values[j], null, FewestRows))];
        int[] widths = [.. design.Select(c => c.Width)];
        for (var excess = 1 + widths.Sum() - most; excess > 0 && Widest() is >= 0 and var widest; excess--) widths[widest]--;
        for (var j = 0; j < design.Length; j++) design[j] = design[j].Narrowed(values[j], widths[j]);
        for (var j = design.Length - 1; j >= 0 && 1 + design.Sum(c => c.Width) > most; j--) design[j] = design[j] with { Slots = [], Width = 0, IsCategory = true };
        return new(columns, [.. design]);

        // the first of the widest categories that have levels to lose; -1 where none has
        int Widest()
        {
            var found = -1;
            for (var j = 0; j < design.Length; j++) if (design[j].IsCategory && widths[j] > Math.Max(1, found < 0 ? 0 : widths[found])) found = j;
            return found;
        }
    }

    /// <summary>The same with these products of two of its numbers.</summary>
    internal BanditDesign With(ImmutableArray<(int, int)> products) => new(Columns, _design, products);

    /// <summary>Writes the numbers of a row.</summary>
    /// <param name="row">One value per column.</param>
    /// <param name="x">Length <see cref="Width"/>, overwritten.</param>
    public void Write(ReadOnlySpan<double> row, Span<double> x)
    {
        x.Clear();
        x[0] = 1;
        var first = 1;
        for (var j = 0; j < _design.Length; j++)
        {
            if (_design[j].Width == 0) continue;
            var (offset, value) = _design[j].Of(row[j]);
            x[first + offset] = Math.Clamp((double)value, -Farthest, Farthest) * _scale;
            first += _design[j].Width;
        }
        for (var k = 0; k < Products.Length; k++)
            x[_firstProduct + k] = Math.Clamp(x[Products[k].One] * x[Products[k].Other] / _scale, -Farthest * _scale, Farthest * _scale);
    }
}
