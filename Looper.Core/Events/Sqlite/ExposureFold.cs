using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Looper.Core.Events.Records;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>One pass over the decisions folds the outcomes of every exposed unit; then the units are read out in order of exposure.</summary>
internal sealed class ExposureFold : IDisposable
{
    private const int PieceBits = 12, Piece = 1 << PieceBits;

    private readonly ExposureQuery _query;
    private readonly ImmutableArray<Measure> _measures;
    private readonly KeptEvents? _kept;
    private readonly SqliteConnection _connection;
    private readonly OutcomeJoin _join;
    private readonly Dictionary<long, int> _units = []; // by 64-bit hash: two of a million units meet with probability 3e-8
    private readonly List<Exposure> _exposures = [];
    private readonly List<OutcomeFold[]> _folds = []; // in pieces: growing one array of all would hold it twice
    private readonly ObservationMerge _merge;
    private readonly List<(long Seq, DecisionRecord Record)> _counted = new(DecisionScan.PageRows);
    private readonly List<int> _countedUnits = new(DecisionScan.PageRows);
    private readonly Action<int, Statement> _found;
    private readonly PointTable _points;
    private readonly CorruptRecords _corrupt;
    private readonly Statement _decision;
    private int _next;

    public ExposureFold(JournalOptions options, ExposureQuery query, DateTimeOffset now, CorruptRecords corrupt, CancellationToken cancel)
    {
        (_query, _corrupt) = (query, corrupt);
        _measures = [.. query.Outcomes.Select(o => new Measure(o)), .. query.Measures];
        _kept = _measures.Any(m => m.KeepsEvents) ? new() : null;
        _connection = EventFile.OpenForReading(options);
        try
        {
            _points = PointTable.Read(_connection);
            _join = new(_connection, _measures, query.AsOf ?? now, corrupt) { Kept = _kept };
            _decision = new(_connection, $"SELECT {EventRows.Decision} FROM decisions WHERE seq = ?1");
            _merge = new(_connection);
            _found = Found;
            using var scan = new DecisionScan(_connection, query.DecisionPointId, query.From, until: null, newest: null, corrupt);
            var page = new List<(long Seq, DecisionRecord Record)>(DecisionScan.PageRows);
            while (scan.Read(page))
            {
                cancel.ThrowIfCancellationRequested();
                foreach (var (seq, record) in page) Add(seq, record);
                if (_measures.Length > 0) _merge.Run(_counted, _found);
                _counted.Clear();
                _countedUnits.Clear();
            }

            if (_measures.Any(m => m.IsBefore)) ReadBefore(cancel);
            _kept?.Sort();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public List<ExposedUnit> Current { get; } = new(DecisionScan.PageRows);

    /// <summary>Only who is in which arm.</summary>
    public static IReadOnlyDictionary<long, int> Arms(JournalOptions options, Guid decisionPointId, Guid experimentId, DateTimeOffset? from, CorruptRecords corrupt, CancellationToken cancel)
    {
        var arms = new Dictionary<long, int>();
        using var connection = EventFile.OpenForReading(options);
        using var scan = new DecisionScan(connection, decisionPointId, from, until: null, newest: null, corrupt);
        var page = new List<(long Seq, DecisionRecord Record)>(DecisionScan.PageRows);
        while (scan.Read(page))
        {
            cancel.ThrowIfCancellationRequested();
            foreach (var (_, record) in page)
                if (record.ExperimentId == experimentId && record.Arm >= 0) arms.TryAdd(UnitHash.Of(record.Unit), record.Arm);
        }

        return arms;
    }

    /// <summary>The next units; false at the end.</summary>
    public bool Read()
    {
        Current.Clear();
        var outcomes = _measures.Length;
        for (; _next < _exposures.Count && Current.Count < DecisionScan.PageRows; _next++)
        {
            var exposure = _exposures[_next];
            if (!_decision.Bind(0, exposure.Seq).Step()) continue; // removed meanwhile
            var record = EventRows.ReadDecision(_decision, _points, _corrupt);
            _decision.Reset();
            if (record is null) continue;
            var (values, soFar, closed) = _join.Describe(exposure.Ticks, FoldsOf(_next));
            var unit = new ExposedUnit(record, values, soFar, closed, exposure.Decisions, exposure.SawOtherArms);
            Current.Add(_kept is null ? unit : unit with { Events = _kept.Take(_next, outcomes) });
        }
        return Current.Count > 0;
    }

    public void Dispose()
    {
        _decision?.Dispose();
        _merge?.Dispose();
        _join?.Dispose();
        _connection.Dispose();
    }

    // Once it is known who takes part and since when: what their decisions before that brought.
    private void ReadBefore(CancellationToken cancel)
    {
        if (_exposures.Count == 0) return;
        var reach = _measures.Where(m => m.IsBefore).Max(m => m.Outcome.Window - m.From);
        var first = new DateTimeOffset(_exposures.Min(e => e.Ticks), TimeSpan.Zero);
        var last = new DateTimeOffset(_exposures.Max(e => e.Ticks), TimeSpan.Zero);
        using var scan = new DecisionScan(_connection, _query.DecisionPointId, first - reach, last, newest: null, _corrupt);
        var page = new List<(long Seq, DecisionRecord Record)>(DecisionScan.PageRows);
        while (scan.Read(page))
        {
            cancel.ThrowIfCancellationRequested();
            foreach (var (_, record) in page)
            {
                if (!_units.TryGetValue(UnitHash.Of(record.Unit), out var unit)) continue;
                var (ticks, exposed) = (record.Time.UtcTicks, _exposures[unit].Ticks);
                if (ticks < exposed) _join.AddBefore(record.Id, ticks, exposed, FoldsOf(unit));
            }
        }
    }

    private Span<OutcomeFold> FoldsOf(int unit) => _folds[unit >> PieceBits].AsSpan((unit & (Piece - 1)) * _measures.Length, _measures.Length);

    private void Found(int counted, Statement observation)
    {
        var unit = _countedUnits[counted];
        if (_kept is not null) _kept.Unit = unit;
        _join.AddNamed(observation, _exposures[unit].Ticks, FoldsOf(unit));
    }

    private void Add(long seq, DecisionRecord record)
    {
        var isInExperiment = _query.AnyDecision || record.ExperimentId == _query.ExperimentId && record.Arm >= 0;
        var ticks = record.Time.UtcTicks;
        var hash = UnitHash.Of(record.Unit);
        if (_query.Slots is { } slots)
        {
            if (slots.IsBurnIn(record.Time)) return;
            hash = InSlot(hash, slots.Of(record.Time));
        }

        var isKnown = _units.TryGetValue(hash, out var unit);
        if (!isKnown)
        {
            if (!isInExperiment || record.Time >= (_query.Until ?? DateTimeOffset.MaxValue)) return;
            unit = _exposures.Count;
            _units.Add(hash, unit);
            _exposures.Add(new(seq, ticks, record.Arm));
            if (unit >> PieceBits == _folds.Count) _folds.Add(new OutcomeFold[Piece * _measures.Length]);
        }
        ref var exposure = ref CollectionsMarshal.AsSpan(_exposures)[unit];
        if (!_query.Moves.IsDefaultOrEmpty && MovesUntil(ticks) != MovesUntil(exposure.Ticks)) return;
        if (isInExperiment)
        {
            exposure.Decisions++;
            exposure.SawOtherArms |= record.Arm != exposure.Arm;
        }
        if (!isKnown)
        {
            if (_kept is not null) _kept.Unit = unit;
            _join.AddByUnit(record.Unit, ticks, FoldsOf(unit), until: _query.Slots is { } own ? own.StartOf(own.Of(record.Time) + 1).UtcTicks - 1 : long.MaxValue);
        }

        if (ticks - exposure.Ticks > _join.LongestWindow) return;
        _counted.Add((seq, record));
        _countedUnits.Add(unit);
    }

    // A unit of one slot and the same unit of another are two: the hash of both, mixed as splitmix64 does.
    private static long InSlot(long hash, long slot)
    {
        var mixed = unchecked((ulong)hash + (ulong)slot * 0x9E3779B97F4A7C15);
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return unchecked((long)(mixed ^ (mixed >> 31)));
    }

    private int MovesUntil(long ticks)
    {
        int low = 0, high = _query.Moves.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_query.Moves[middle].UtcTicks <= ticks) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    private struct Exposure(long seq, long ticks, int arm)
    {
        public readonly long Seq = seq, Ticks = ticks;
        public readonly int Arm = arm;
        public int Decisions;
        public bool SawOtherArms;
    }
}
