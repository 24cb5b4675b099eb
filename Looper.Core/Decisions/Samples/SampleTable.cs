namespace Looper.Core.Decisions.Samples;

internal enum CellKind
{
    Number,
    Boolean,
    Text,
    /// <summary>Numbers only, at least one; its text is the array.</summary>
    Numbers,

    /// <summary>Texts, numbers, true and false, or nothing; its text is the array.</summary>
    Tags,

    /// <summary>Any other array.</summary>
    List,
    TooDeep,
}

/// <param name="Row">From 0.</param>
internal readonly record struct SampleCell(int Row, CellKind Kind, string Text);

internal sealed record SampleColumn(string Name)
{
    public List<SampleCell> Cells { get; } = [];
}

/// <summary>A sample of any format, as columns of typed cells; rows beyond the limit are counted, not kept.</summary>
internal sealed class SampleTable(string format)
{
    private readonly Dictionary<string, SampleColumn> _byName = new(StringComparer.Ordinal);

    public string Format { get; } = format;
    /// <summary>Rows are candidates, not contexts.</summary>
    public bool OfCandidates { get; init; }

    public int Rows { get; set; }
    public List<SampleColumn> Columns { get; } = [];

    public void Add(string name, CellKind kind, string text)
    {
        if (Rows >= SampleInference.MaxRows) return;
        Column(name).Cells.Add(new(Rows, kind, text));
    }

    /// <summary>A name that was there without a value.</summary>
    public void AddMissing(string name) => Column(name);

    private SampleColumn Column(string name)
    {
        if (_byName.TryGetValue(name, out var column)) return column;
        _byName.Add(name, column = new(name));
        Columns.Add(column);
        return column;
    }
}
