using System.Collections.Immutable;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>What came of each unit: its observations folded, page by page, on a connection of their own. Sixteen bytes a unit and measure.</summary>
internal sealed class UnitFolds : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly ObservationFetch _fetch;
    private readonly KeptEvents? _kept;
    private readonly UnmanagedRows<OutcomeFold> _rows;
    private readonly Action<int, Statement> _found;
    private ExposurePage _page = new();

    public UnitFolds(JournalOptions options, ImmutableArray<Measure> measures, KeptEvents? kept, DateTimeOffset asOf, CorruptRecords corrupt)
    {
        (_rows, _kept, _found) = (new(measures.Length), kept, Found);
        _connection = EventFile.OpenForReading(options);
        try
        {
            Join = new(_connection, measures, asOf, corrupt) { Kept = kept };
            _fetch = new(_connection);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public OutcomeJoin Join { get; }

    /// <summary>One per measure.</summary>
    public Span<OutcomeFold> Of(int unit) => _rows[unit];

    /// <summary>Takes what came of a unit to another number, below it.</summary>
    public void Move(int from, int to)
    {
        if (from != to) Of(from).CopyTo(Of(to));
    }

    /// <summary>Forgets all units from a number on.</summary>
    public void Cut(int units) => _rows.Cut(units);

    /// <summary>Folds what came of a page of decisions.</summary>
    public void Add(ExposurePage page)
    {
        _page = page;
        foreach (var (unit, ticks, name, until) in page.New)
        {
            if (_kept is not null) _kept.Unit = unit;
            Join.AddByUnit(name, ticks, Of(unit), until: until);
        }
        _fetch.Run(page.Observations, _found);
    }

    public void Dispose()
    {
        _fetch?.Dispose();
        Join?.Dispose();
        _connection.Dispose();
        _rows.Dispose();
    }

    private void Found(int decision, Statement observation)
    {
        var (unit, decided, exposed) = _page.Decisions[decision];
        if (_kept is not null) _kept.Unit = unit;
        Join.AddNamed(observation, decided, exposed, Of(unit));
    }
}

/// <summary>Decisions that count, on their way from who reads them to who folds what came of them.</summary>
internal sealed class ExposurePage
{
    /// <summary>Of each decision its unit, its own time and that of the unit's exposure.</summary>
    public List<(int Unit, long Decided, long Exposed)> Decisions { get; } = new(DecisionScan.PageRows);

    /// <summary>Units that have just been exposed, where observations name units: the name, and until when they count.</summary>
    public List<(int Unit, long Ticks, byte[] Name, long Until)> New { get; } = [];

    public ObservationList Observations { get; } = new();

    public void Clear()
    {
        Decisions.Clear();
        New.Clear();
        Observations.Clear();
    }
}
