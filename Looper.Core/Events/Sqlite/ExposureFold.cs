using System.Collections.Immutable;
using Looper.Core.Events.Records;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>One pass over the decisions folds the outcomes of every exposed unit; then the units are read out in order of exposure. Units that would take
/// more memory than they may are put off, half of them at a time, to passes of their own; what each pass found then lies in a file until all are
/// read out in order.</summary>
internal sealed class ExposureFold : IDisposable
{
    private const int LeastUnits = 64;

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
    private readonly int _most;
    private readonly Stack<UnitClass> _putOff = new();
    private readonly UnitRuns? _runs;
    private UnitClass _class;
    private ExposurePage _page = new();
    private int _next;

    public ExposureFold(JournalOptions options, ExposureQuery query, DateTimeOffset now, CorruptRecords corrupt, CancellationToken cancel)
    {
        (_query, _corrupt, _until) = (query, corrupt, query.Until?.UtcTicks ?? long.MaxValue);
        _measures = [.. query.Outcomes.Select(o => new Measure(o)), .. query.Measures];
        _kept = _measures.Any(m => m.KeepsEvents) ? new() : null;
        _most = (int)Math.Clamp(query.MostBytes / (UnitTable.UnitBytes + OutcomeFold.Bytes * _measures.Length), 1, int.MaxValue / 2);
        _connection = EventFile.OpenForReading(options);
        try
        {
            _points = PointTable.Read(_connection);
            _folds = new(options, _measures, _kept, query.AsOf ?? now, corrupt);
            _decision = new(_connection, $"SELECT {EventRows.Decision} FROM decisions WHERE seq = ?1");
            _merge = new(_connection);
            Pass(cancel);
            if (_putOff.Count == 0) return;
            _runs = new(options, _measures.Length, _kept is not null);
            _runs.Add(_units, _folds, _kept);
            while (_putOff.TryPop(out _class))
            {
                Forget();
                Pass(cancel);
                _runs.Add(_units, _folds, _kept);
            }

            Forget();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private void Pass(CancellationToken cancel)
    {
        ReadAll(cancel);
        if (_measures.Any(m => m.IsBefore)) ReadBefore(cancel);
        _kept?.Sort();
    }

    // Observations kept one by one count as much as units do; the last few units are read whatever they hold.
    private bool KeepsMuch => _kept?.Bytes > _query.MostBytes && _units.Count > LeastUnits;

    // Keeps half of the class; the other half waits for a pass of its own.
    private void Halve()
    {
        (_class, var other) = _class.Halves();
        _putOff.Push(other);
        var numbers = new int[_units.Count];
        Array.Fill(numbers, -1);
        _units.Keep(_class, (from, to) =>
        {
            _folds.Move(from, to);
            numbers[from] = to;
        });
        _folds.Cut(_units.Count);
        _kept?.Renumber(numbers);
    }

    private void Forget()
    {
        _units.Keep(UnitClass.None, (_, _) => { });
        _folds.Cut(0);
        _kept?.Clear();
    }

    // Where any decision exposes, what is decided after the last span has ended brings nothing.
    private DateTimeOffset? LastThatCounts => _query is { AnyDecision: true, Until: { } until } ? until + _measures.Aggregate(TimeSpan.Zero, (most, m) => m.Until > most ? m.Until : most) + TimeSpan.FromTicks(1) : null;

    // While one page is folded the next is read.
    private void ReadAll(CancellationToken cancel)
    {
        using var scan = new DecisionScan(_connection, _query.DecisionPointId, _query.From, LastThatCounts, newest: null, _corrupt);
        var spare = new ExposurePage();
        var folding = Task.CompletedTask;
        try
        {
            while (scan.Read(Add))
            {
                cancel.ThrowIfCancellationRequested();
                if (_measures.Length > 0) _merge.Run(_page.Observations);
                folding.GetAwaiter().GetResult();
                var keepsMuch = KeepsMuch;
                var full = _page;
                folding = Task.Run(() => _folds.Add(full), CancellationToken.None);
                (_page, spare) = (spare, full);
                _page.Clear();
                if (_units.Count <= _most && !keepsMuch) continue;
                folding.GetAwaiter().GetResult(); // it knows units by their numbers
                while (_units.Count > _most || KeepsMuch) Halve();
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
        if (_runs is null)
        {
            for (; _next < _units.Count && units.Count < DecisionScan.PageRows; _next++) Describe(units, _units.Exposure(_next), _folds.Of(_next), _kept?.Take(_next, _measures.Length));
        }
        else
        {
            while (units.Count < DecisionScan.PageRows && _runs.Next(out var exposure, out var folds, out var events)) Describe(units, exposure, folds, events);
        }

        return units;
    }

    private void Describe(List<ExposedUnit> units, Exposure exposure, ReadOnlySpan<OutcomeFold> folds, ImmutableArray<ImmutableArray<KeptEvent>>? events)
    {
        if (!_decision.Bind(0, exposure.Seq).Step()) return; // removed meanwhile
        var record = EventRows.ReadDecision(_decision, _points, _corrupt);
        _decision.Reset();
        if (record is null) return;
        var (values, soFar, closed) = _folds.Join.Describe(exposure.Ticks, folds);
        var unit = new ExposedUnit(record, values, soFar, closed, exposure.Decisions, exposure.SawOtherArms);
        units.Add(events is { } kept ? unit with { Events = kept } : unit);
    }

    public void Dispose()
    {
        _decision?.Dispose();
        _merge?.Dispose();
        _folds?.Dispose();
        _units.Dispose();
        _runs?.Dispose();
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
                if (ticks < exposed && ticks >= exposed - reach.Ticks) _folds.Join.AddBefore(record.Id, ticks, exposed, _folds.Of(unit));
            }
        }
    }

    private void Add(Statement row)
    {
        if (_query.Slots is null && !_class.Holds(row.Int64(4))) return;
        if (!EventRows.TryReadDecision(row, _points, _corrupt, out var columns, out var body)) return;
        var isInExperiment = _query.AnyDecision || body.ExperimentId == _query.ExperimentId && body.Arm >= 0;
        var (ticks, hash, slot) = (columns.Ticks, columns.Unit, 0L);
        if (_query.Slots is { } slots)
        {
            var time = new DateTimeOffset(ticks, TimeSpan.Zero);
            if (slots.IsBurnIn(time)) return;
            hash = InSlot(hash, slot = slots.Of(time));
            if (!_class.Holds(hash)) return;
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
            _page.New.Add((unit, ticks, body.Unit.ToArray(), LastOf(ticks, slot)));
        if (ticks - exposure.Ticks > _folds.Join.LongestWindow) return;
        _merge.Add(_page.Decisions.Count, columns.Id);
        _page.Decisions.Add((unit, ticks, exposure.Ticks));
    }

    // A unit of one slot and the same unit of another are two: the hash of both, mixed as splitmix64 does.
    private static long InSlot(long hash, long slot)
    {
        var mixed = unchecked((ulong)hash + (ulong)slot * 0x9E3779B97F4A7C15);
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return unchecked((long)(mixed ^ (mixed >> 31)));
    }

    // Until when what names the unit alone is of this exposure: after its slot, and once shares have moved, the unit may have another arm.
    private long LastOf(long ticks, long slot) =>
        _query.Slots is { } slots ? slots.StartOf(slot + 1).UtcTicks - 1
        : !_query.Moves.IsDefaultOrEmpty && MovesUntil(ticks) is var next && next < _query.Moves.Length ? _query.Moves[next].UtcTicks - 1
        : long.MaxValue;

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
