using Looper.Core.Events.Records;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>Examples a page at a time, on a connection of its own.</summary>
internal sealed class ExamplePages : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly DecisionScan _scan;
    private readonly OutcomeJoin _join;
    private readonly List<(long Seq, DecisionRecord Record)> _decisions = new(DecisionScan.PageRows);
    private readonly ObservationMerge _merge;
    private readonly ObservationList _found = new();
    private readonly ObservationFetch _fetch;
    private readonly OutcomeFold[] _folds;
    private readonly int[] _late = new int[DecisionScan.PageRows];
    private readonly Action<int, Statement> _add;
    private readonly JoinNote[] _notes;
    private readonly byte[] _key = new byte[EventKey.MaxBytes];
    private readonly int _outcomes;
    private readonly PlaceFolds[]? _places;

    public ExamplePages(JournalOptions options, ExampleQuery query, DateTimeOffset now, CorruptRecords corrupt)
    {
        _outcomes = query.Outcomes.Length;
        _folds = new OutcomeFold[DecisionScan.PageRows * _outcomes];
        _notes = new JoinNote[DecisionScan.PageRows * _outcomes];
        _add = Add;
        if (query.ByPlace) _places = new PlaceFolds[DecisionScan.PageRows];
        _connection = EventFile.OpenForReading(options);
        try
        {
            _scan = new(_connection, query.DecisionPointId, query.From, query.EndAt(now), query.Newest, corrupt);
            _join = new(_connection, query.Outcomes, query.AsOf ?? now, corrupt);
            _merge = new(_connection);
            _fetch = new(_connection);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public List<Example> Current { get; } = new(DecisionScan.PageRows);

    /// <summary>Per outcome, how its observations arrived.</summary>
    public ReadOnlySpan<JoinNote> Notes(int example) => _notes.AsSpan(example * _outcomes, _outcomes);

    /// <summary>False at the end.</summary>
    public bool Read()
    {
        Current.Clear();
        if (!_scan.Read(_decisions)) return false;
        Array.Clear(_notes);
        Array.Clear(_folds);
        Array.Clear(_late);
        if (_outcomes > 0)
        {
            for (var i = 0; i < _decisions.Count; i++) _merge.Add(i, EventKey.Of(_decisions[i].Record.Id, _key));
            for (var i = 0; _places is not null && i < _decisions.Count; i++) _places[i] = PlaceFolds.Of(_decisions[i].Record, _outcomes);
            _merge.Run(_found);
            _fetch.Run(_found, _add);
        }
        for (var i = 0; i < _decisions.Count; i++)
        {
            var decision = _decisions[i].Record;
            var from = decision.Time.UtcTicks;
            var folds = _folds.AsSpan(i * _outcomes, _outcomes);
            _join.AddByUnit(decision.Unit, from, folds, _notes.AsSpan(i * _outcomes, _outcomes));
            var (values, soFar, closed) = _join.Describe(from, folds);
            var example = new Example(decision, values, soFar, closed, _late[i]);
            Current.Add(_places is null || _outcomes == 0 ? example : example with { Places = _places[i].Describe(_join, from) });
        }
        return true;
    }

    public void Dispose()
    {
        _scan?.Dispose();
        _join?.Dispose();
        _merge?.Dispose();
        _fetch?.Dispose();
        _connection.Dispose();
    }

    private void Add(int i, Statement observation)
    {
        var from = _decisions[i].Record.Time.UtcTicks;
        _late[i] += _join.AddNamed(observation, from, _folds.AsSpan(i * _outcomes, _outcomes), _notes.AsSpan(i * _outcomes, _outcomes));
        if (_places is not null) _places[i].Add(_join, observation, from);
    }
}
