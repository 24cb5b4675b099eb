using System.Collections.Immutable;
using Looper.Core.Events.Records;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>One pass over the decisions folds the outcomes of every exposed unit; then the units are read out in order of exposure.</summary>
internal sealed class ExposureFold : IDisposable
{
    private readonly ExposureQuery _query;
    private readonly ImmutableArray<Measure> _measures;
    private readonly KeptEvents? _kept;
    private readonly SqliteConnection _connection;
    private readonly UnitTable _units = new();
    private readonly UnitFolds _folds;
    private readonly ObservationMerge _merge;
    private readonly PointTable _points;
    private readonly CorruptRecords _corrupt;
    private readonly Statement _decision;
    private readonly long _until;
    private ExposurePage _page = new();
    private int _next;

    public ExposureFold(JournalOptions options, ExposureQuery query, DateTimeOffset now, CorruptRecords corrupt, CancellationToken cancel)
    {
        (_query, _corrupt, _until) = (query, corrupt, query.Until?.UtcTicks ?? long.MaxValue);
        _measures = [.. query.Outcomes.Select(o => new Measure(o)), .. query.Measures];
        _kept = _measures.Any(m => m.KeepsEvents) ? new() : null;
        _connection = EventFile.OpenForReading(options);
        try
        {
            _points = PointTable.Read(_connection);
            _folds = new(options, _measures, _kept, query.AsOf ?? now, corrupt);
            _decision = new(_connection, $"SELECT {EventRows.Decision} FROM decisions WHERE seq = ?1");
            _merge = new(_connection);
            ReadAll(cancel);
            if (_measures.Any(m => m.IsBefore)) ReadBefore(cancel);
            _kept?.Sort();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    // While one page is folded the next is read.
    private void ReadAll(CancellationToken cancel)
    {
        using var scan = new DecisionScan(_connection, _query.DecisionPointId, _query.From, until: null, newest: null, _corrupt);
        var spare = new ExposurePage();
        var folding = Task.CompletedTask;
        try
        {
            while (scan.Read(Add))
            {
                cancel.ThrowIfCancellationRequested();
                if (_measures.Length > 0) _merge.Run(_page.Observations);
                folding.GetAwaiter().GetResult();
                var full = _page;
                folding = Task.Run(() => _folds.Add(full), CancellationToken.None);
                (_page, spare) = (spare, full);
                _page.Clear();
            }
        }
        finally
        {
            folding.GetAwaiter().GetResult();
        }
    }

    /// <summary>Only who is in which arm.</summary>
    public static IReadOnlyDictionary<long, int> Arms(JournalOptions options, Guid decisionPointId, Guid experimentId, DateTimeOffset? from, CorruptRecords corrupt, CancellationToken cancel)
    {
        var arms = new Dictionary<long, int>();
        using var connection = EventFile.OpenForReading(options);
        var points = PointTable.Read(connection);
        using var scan = new DecisionScan(connection, decisionPointId, from, until: null, newest: null, corrupt);
        while (scan.Read(row =>
        {
            if (EventRows.TryReadDecision(row, points, corrupt, out var columns, out var body) && body.ExperimentId == experimentId && body.Arm >= 0) arms.TryAdd(columns.Unit, body.Arm);
        })) cancel.ThrowIfCancellationRequested();

        return arms;
    }

    /// <summary>The next units; none at the end.</summary>
    public List<ExposedUnit> Read()
    {
        var units = new List<ExposedUnit>(DecisionScan.PageRows);
        var outcomes = _measures.Length;
        for (; _next < _units.Count && units.Count < DecisionScan.PageRows; _next++)
        {
            var exposure = _units.Exposure(_next);
            if (!_decision.Bind(0, exposure.Seq).Step()) continue; // removed meanwhile
            var record = EventRows.ReadDecision(_decision, _points, _corrupt);
            _decision.Reset();
            if (record is null) continue;
            var (values, soFar, closed) = _folds.Join.Describe(exposure.Ticks, _folds.Of(_next));
            var unit = new ExposedUnit(record, values, soFar, closed, exposure.Decisions, exposure.SawOtherArms);
            units.Add(_kept is null ? unit : unit with { Events = _kept.Take(_next, outcomes) });
        }

        return units;
    }

    public void Dispose()
    {
        _decision?.Dispose();
        _merge?.Dispose();
        _folds?.Dispose();
        _connection.Dispose();
    }

    // Once it is known who takes part and since when: what their decisions before that brought.
    private void ReadBefore(CancellationToken cancel)
    {
        if (_units.Count == 0) return;
        var reach = _measures.Where(m => m.IsBefore).Max(m => m.Outcome.Window - m.From);
        // Units are numbered in the order of their exposures.
        var first = new DateTimeOffset(_units.Exposure(0).Ticks, TimeSpan.Zero);
        var last = new DateTimeOffset(_units.Exposure(_units.Count - 1).Ticks, TimeSpan.Zero);
        using var scan = new DecisionScan(_connection, _query.DecisionPointId, first - reach, last, newest: null, _corrupt);
        var page = new List<(long Seq, DecisionRecord Record)>(DecisionScan.PageRows);
        while (scan.Read(page))
        {
            cancel.ThrowIfCancellationRequested();
            foreach (var (_, record) in page)
            {
                var unit = _units.Find(UnitHash.Of(record.Unit));
                if (unit < 0) continue;
                var (ticks, exposed) = (record.Time.UtcTicks, _units.Exposure(unit).Ticks);
                if (ticks < exposed) _folds.Join.AddBefore(record.Id, ticks, exposed, _folds.Of(unit));
            }
        }
    }

    private void Add(Statement row)
    {
        if (!EventRows.TryReadDecision(row, _points, _corrupt, out var columns, out var body)) return;
        var isInExperiment = _query.AnyDecision || body.ExperimentId == _query.ExperimentId && body.Arm >= 0;
        var (ticks, hash, slot) = (columns.Ticks, columns.Unit, 0L);
        if (_query.Slots is { } slots)
        {
            var time = new DateTimeOffset(ticks, TimeSpan.Zero);
            if (slots.IsBurnIn(time)) return;
            hash = InSlot(hash, slot = slots.Of(time));
        }

        var unit = _units.Find(hash);
        var isKnown = unit >= 0;
        if (!isKnown)
        {
            if (!isInExperiment || ticks >= _until) return;
            unit = _units.Add(hash, new(row.Int64(0), ticks, body.Arm));
        }
        ref var exposure = ref _units.Exposure(unit);
        if (!_query.Moves.IsDefaultOrEmpty && MovesUntil(ticks) != MovesUntil(exposure.Ticks)) return;
        if (isInExperiment)
        {
            exposure.Decisions++;
            exposure.SawOtherArms |= body.Arm != exposure.Arm;
        }
        if (!isKnown && _folds.Join.HasUnitObservations)
            _page.New.Add((unit, ticks, body.Unit.ToArray(), _query.Slots is { } own ? own.StartOf(slot + 1).UtcTicks - 1 : long.MaxValue));
        if (ticks - exposure.Ticks > _folds.Join.LongestWindow) return;
        _merge.Add(_page.Decisions.Count, columns.Id);
        _page.Decisions.Add((unit, exposure.Ticks));
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
}
