using System.Runtime.InteropServices;
using Looper.Core.Events.Records;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>One pass over the decisions folds the outcomes of every exposed unit; then the units are read out in order of exposure.</summary>
internal sealed class ExposureFold : IDisposable
{
    private readonly ExposureQuery _query;
    private readonly SqliteConnection _connection;
    private readonly OutcomeJoin _join;
    private readonly Dictionary<long, int> _units = []; // by 64-bit hash: two of a million units meet with probability 3e-8
    private readonly List<Exposure> _exposures = [];
    private readonly List<OutcomeFold> _folds = [];
    private readonly PointTable _points;
    private readonly CorruptRecords _corrupt;
    private readonly Statement _decision;
    private int _next;

    public ExposureFold(JournalOptions options, ExposureQuery query, DateTimeOffset now, CorruptRecords corrupt, CancellationToken cancel)
    {
        (_query, _corrupt) = (query, corrupt);
        _connection = EventFile.OpenForReading(options);
        try
        {
            _points = PointTable.Read(_connection);
            _join = new(_connection, query.Outcomes, query.AsOf ?? now, corrupt);
            _decision = new(_connection, $"SELECT {EventRows.Decision} FROM decisions WHERE seq = ?1");
            using var scan = new DecisionScan(_connection, query.DecisionPointId, query.From, until: null, newest: null, corrupt);
            var page = new List<(long Seq, DecisionRecord Record)>(DecisionScan.PageRows);
            while (scan.Read(page))
            {
                cancel.ThrowIfCancellationRequested();
                foreach (var (seq, record) in page) Add(seq, record);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public List<ExposedUnit> Current { get; } = new(DecisionScan.PageRows);

    /// <summary>The next units; false at the end.</summary>
    public bool Read()
    {
        Current.Clear();
        var outcomes = _query.Outcomes.Length;
        for (; _next < _exposures.Count && Current.Count < DecisionScan.PageRows; _next++)
        {
            var exposure = _exposures[_next];
            if (!_decision.Bind(0, exposure.Seq).Step()) continue; // removed meanwhile
            var record = EventRows.ReadDecision(_decision, _points, _corrupt);
            _decision.Reset();
            if (record is null) continue;
            var (values, soFar, closed) = _join.Describe(exposure.Ticks, CollectionsMarshal.AsSpan(_folds).Slice(_next * outcomes, outcomes));
            Current.Add(new(record, values, soFar, closed, exposure.Decisions, exposure.SawOtherArms));
        }
        return Current.Count > 0;
    }

    public void Dispose()
    {
        _decision?.Dispose();
        _join?.Dispose();
        _connection.Dispose();
    }

    private void Add(long seq, DecisionRecord record)
    {
        var isInExperiment = record.ExperimentId == _query.ExperimentId && record.Arm >= 0;
        var ticks = record.Time.UtcTicks;
        var hash = UnitHash.Of(record.Unit);
        var isKnown = _units.TryGetValue(hash, out var unit);
        if (!isKnown)
        {
            if (!isInExperiment || record.Time >= (_query.Until ?? DateTimeOffset.MaxValue)) return;
            unit = _exposures.Count;
            _units.Add(hash, unit);
            _exposures.Add(new(seq, ticks, record.Arm));
            CollectionsMarshal.SetCount(_folds, _folds.Count + _query.Outcomes.Length);
        }
        ref var exposure = ref CollectionsMarshal.AsSpan(_exposures)[unit];
        if (isInExperiment)
        {
            exposure.Decisions++;
            exposure.SawOtherArms |= record.Arm != exposure.Arm;
        }
        var folds = CollectionsMarshal.AsSpan(_folds).Slice(unit * _query.Outcomes.Length, _query.Outcomes.Length);
        if (!isKnown) _join.AddByUnit(record.Unit, ticks, folds);
        if (ticks - exposure.Ticks <= _join.LongestWindow) _join.AddByDecision(record.Id, exposure.Ticks, folds);
    }

    private struct Exposure(long seq, long ticks, int arm)
    {
        public readonly long Seq = seq, Ticks = ticks;
        public readonly int Arm = arm;
        public int Decisions;
        public bool SawOtherArms;
    }
}
