using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>What came of each unit: its observations folded, page by page, on a connection of their own. Sixteen bytes a unit and measure, in
/// pieces that are never copied and lie outside the collected memory: what a report of millions of units took is free when it ends, and not when
/// the next one has taken as much again.</summary>
internal sealed unsafe class UnitFolds : IDisposable
{
    private const int PieceBits = 12, Piece = 1 << PieceBits;

    private readonly SqliteConnection _connection;
    private readonly ObservationFetch _fetch;
    private readonly KeptEvents? _kept;
    private readonly List<nint> _pieces = [];
    private readonly int _measures;
    private readonly Action<int, Statement> _found;
    private ExposurePage _page = new();

    public UnitFolds(JournalOptions options, ImmutableArray<Measure> measures, KeptEvents? kept, DateTimeOffset asOf, CorruptRecords corrupt)
    {
        (_measures, _kept, _found) = (measures.Length, kept, Found);
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
    public Span<OutcomeFold> Of(int unit)
    {
        while (unit >> PieceBits >= _pieces.Count) _pieces.Add((nint)NativeMemory.AllocZeroed((nuint)(Piece * _measures), OutcomeFold.Bytes));
        return new((OutcomeFold*)_pieces[unit >> PieceBits] + (unit & (Piece - 1)) * _measures, _measures);
    }

    /// <summary>Takes what came of a unit to another number, below it.</summary>
    public void Move(int from, int to)
    {
        if (from != to) Of(from).CopyTo(Of(to));
    }

    /// <summary>Forgets all units from a number on.</summary>
    public void Cut(int units)
    {
        var pieces = (units + Piece - 1) >> PieceBits;
        for (var piece = pieces; piece < _pieces.Count; piece++) NativeMemory.Free((void*)_pieces[piece]);
        if (pieces < _pieces.Count) _pieces.RemoveRange(pieces, _pieces.Count - pieces);
        if ((units & (Piece - 1)) is var used and > 0 && units >> PieceBits < _pieces.Count)
            new Span<OutcomeFold>((OutcomeFold*)_pieces[units >> PieceBits] + used * _measures, (Piece - used) * _measures).Clear();
    }

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
        Cut(0);
    }

    private void Found(int decision, Statement observation)
    {
        var (unit, ticks) = _page.Decisions[decision];
        if (_kept is not null) _kept.Unit = unit;
        Join.AddNamed(observation, ticks, Of(unit));
    }
}

/// <summary>Decisions that count, on their way from who reads them to who folds what came of them.</summary>
internal sealed class ExposurePage
{
    /// <summary>Of each decision its unit and the unit's exposure.</summary>
    public List<(int Unit, long Ticks)> Decisions { get; } = new(DecisionScan.PageRows);

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
