using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>Examples a page at a time, on a connection of its own.</summary>
internal sealed class ExamplePages : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly DecisionScan _scan;
    private readonly OutcomeJoin _join;
    private readonly List<(long Seq, DecisionRecord Record)> _decisions = new(DecisionScan.PageRows);
    private readonly OutcomeFold[] _folds;
    private readonly JoinNote[] _notes;

    public ExamplePages(JournalOptions options, ExampleQuery query, DateTimeOffset now, CorruptRecords corrupt)
    {
        _folds = new OutcomeFold[query.Outcomes.Length];
        _notes = new JoinNote[DecisionScan.PageRows * _folds.Length];
        _connection = EventFile.OpenForReading(options);
        try
        {
            _scan = new(_connection, query.DecisionPointId, query.From, query.EndAt(now), query.Newest, corrupt);
            _join = new(_connection, query.Outcomes, query.AsOf ?? now, corrupt);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public List<Example> Current { get; } = new(DecisionScan.PageRows);

    /// <summary>Per outcome, how its observations arrived.</summary>
    public ReadOnlySpan<JoinNote> Notes(int example) => _notes.AsSpan(example * _folds.Length, _folds.Length);

    /// <summary>False at the end.</summary>
    public bool Read()
    {
        Current.Clear();
        if (!_scan.Read(_decisions)) return false;
        Array.Clear(_notes);
        foreach (var (_, decision) in _decisions)
        {
            var notes = _notes.AsSpan(Current.Count * _folds.Length, _folds.Length);
            Array.Clear(_folds);
            var from = decision.Time.UtcTicks;
            var late = _join.AddByDecision(decision.Id, from, _folds, notes);
            _join.AddByUnit(decision.Unit, from, _folds, notes);
            var (values, soFar, closed) = _join.Describe(from, _folds);
            Current.Add(new(decision, values, soFar, closed, late));
        }
        return true;
    }

    public void Dispose()
    {
        _scan?.Dispose();
        _join?.Dispose();
        _connection.Dispose();
    }
}
