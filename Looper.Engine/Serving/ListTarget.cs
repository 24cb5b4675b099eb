using System.Collections.Immutable;
using Looper.Core.Learning;

namespace Looper.Core.Serving;

/// <summary>Where the tags or the vector of one feature go in a model's row.</summary>
internal sealed class ListTarget
{
    private readonly int _count;
    private readonly int[] _columns;
    private readonly Utf8Table? _tags;

    private ListTarget(int count, int[] columns, Utf8Table? tags) => (_count, _columns, _tags) = (count, columns, tags);

    /// <summary>Null where the model has no columns of a list for this feature.</summary>
    public static ListTarget? Of(ImmutableArray<Column> columns, string feature)
    {
        var own = columns.Select((c, j) => (c.Name, Column: j)).Where(c => c.Name != feature && Column.FeatureOf(c.Name) == feature).ToArray();
        if (own.Length == 0) return null;
        var count = columns.Select((c, j) => (c.Name, Column: j)).Where(c => c.Name == feature).Select(c => c.Column).FirstOrDefault(-1);
        if (count >= 0) return new(count, [.. own.Select(c => c.Column)], new(own.Select(c => c.Name[(feature.Length + 1)..^1])));
        var places = new int[own.Length];
        Array.Fill(places, -1);
        foreach (var (name, column) in own)
        {
            for (var i = 0; i < places.Length; i++) if (name == ListColumns.OfNumber(feature, i)) places[i] = column;
        }
        return new(-1, places, null);
    }

    /// <summary>Writes all of its columns; NaN where the value is missing, or is of another kind.</summary>
    /// <remarks>A text where the model knows tags counts as one tag, so that a category can become tags; a vector of another length is another vector.</remarks>
    public void Write(in ServedRowReader served, Span<double> row)
    {
        if (_tags is not null && served.Kind is ServedKind.Tags or ServedKind.Text) WriteTags(served, row);
        else if (_tags is null && served.Kind == ServedKind.Vector && ServedVector.Count(served.Packed) == _columns.Length)
        {
            for (var i = 0; i < _columns.Length; i++) if (_columns[i] >= 0) row[_columns[i]] = ServedVector.Number(served.Packed, i);
        }
        else
        {
            foreach (var column in _columns) if (column >= 0) row[column] = double.NaN;
            if (_count >= 0) row[_count] = double.NaN;
        }
    }

    private void WriteTags(in ServedRowReader served, Span<double> row)
    {
        foreach (var column in _columns) row[column] = 0;
        if (served.Kind == ServedKind.Text)
        {
            row[_count] = 1;
            Mark(served.Text, row);
            return;
        }
        var reader = new TagReader(served.Packed);
        var count = 0;
        while (reader.Read())
        {
            Mark(reader.Tag, row);
            count++;
        }
        row[_count] = count;
    }

    private void Mark(ReadOnlySpan<byte> tag, Span<double> row)
    {
        if (_tags!.Find(tag) is >= 0 and var known) row[_columns[known]] = 1;
    }
}
