using System.Collections.Immutable;
using System.Text;
using Looper.Core.Blueprints;
using Looper.Core.Events.Records;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>Finds the observations of a decision, by its id and by its unit, and folds those inside each outcome's window.</summary>
internal sealed class OutcomeJoin : IDisposable
{
    private readonly ImmutableArray<Measure> _measures;
    private readonly (byte[] Name, int[] Measures)[] _outcomes; // several measures may be of one outcome
    private readonly Aggregation[] _folded;
    private readonly long[] _from, _until;
    private readonly CorruptRecords _corrupt;
    private readonly long _asOf, _earliest;
    private readonly Statement _byDecision, _byUnit;
    private readonly byte[] _key = new byte[EventKey.MaxBytes];

    public OutcomeJoin(SqliteConnection connection, ImmutableArray<Outcome> outcomes, DateTimeOffset asOf, CorruptRecords corrupt)
        : this(connection, [.. outcomes.Select(o => new Measure(o))], asOf, corrupt)
    {
    }

    public OutcomeJoin(SqliteConnection connection, ImmutableArray<Measure> measures, DateTimeOffset asOf, CorruptRecords corrupt)
    {
        (_measures, _asOf, _corrupt) = (measures, asOf.UtcTicks, corrupt);
        _outcomes = [.. Enumerable.Range(0, measures.Length).GroupBy(k => measures[k].Outcome.Name).Select(g => (Encoding.UTF8.GetBytes(g.Key), g.ToArray()))];
        _folded = [.. measures.Select(m => m.Fold)];
        (_from, _until) = ([.. measures.Select(m => m.From.Ticks)], [.. measures.Select(m => m.Until.Ticks)]);
        LongestWindow = measures.IsEmpty ? 0 : Math.Max(0, _until.Max());
        _earliest = measures.IsEmpty ? 0 : Math.Min(0, _from.Min());
        _byDecision = new(connection, $"SELECT {EventRows.Observation} FROM observations WHERE decision = ?1");
        _byUnit = new(connection, $"SELECT {EventRows.Observation} FROM observations WHERE unit = ?1 AND time BETWEEN ?2 AND ?3");
        HasUnitObservations = EventFile.Scalar(connection, "SELECT EXISTS (SELECT 1 FROM observations WHERE unit IS NOT NULL)") != 0;
    }

    public long LongestWindow { get; }

    /// <summary>Some observations name units rather than decisions.</summary>
    public bool HasUnitObservations { get; }

    /// <summary>Where observations that are kept one by one go; null keeps none.</summary>
    public KeptEvents? Kept { get; init; }

    public bool IsClosed(int outcome, long from) => from + _until[outcome] <= _asOf;

    /// <summary>Observations that name the decision. One before <paramref name="from"/>, by a client's clock, counts as at it.</summary>
    /// <param name="from">Start of the windows, in ticks.</param>
    /// <param name="folds">One per outcome.</param>
    /// <param name="notes">One per outcome; or empty.</param>
    /// <returns>Observations that came after their window.</returns>
    public int AddByDecision(string decisionId, long from, Span<OutcomeFold> folds, Span<JoinNote> notes = default)
    {
        var late = 0;
        _byDecision.Bind(0, EventKey.Of(decisionId, _key));
        while (_byDecision.Step()) late += AddNamed(_byDecision, from, folds, notes);
        return late;
    }

    /// <summary>One observation that names the decision.</summary>
    /// <returns>1 where it came after its window.</returns>
    public int AddNamed(Statement observation, long from, Span<OutcomeFold> folds, Span<JoinNote> notes = default) => AddNamed(observation, from, from, folds, notes);

    /// <summary>The same where the windows began before the decision that it names: with the unit's exposure.</summary>
    /// <param name="decided">Ticks of that decision: what is earlier, by a client's clock, counts as at it.</param>
    public int AddNamed(Statement observation, long decided, long from, Span<OutcomeFold> folds, Span<JoinNote> notes = default) =>
        Add(observation, Math.Max(decided, observation.Int64(4)), from, [], folds, notes);

    /// <summary>The id of the candidate that an observation names; empty for none, and for a bad record, which is reported.</summary>
    public ReadOnlySpan<byte> CandidateOf(Statement observation) =>
        EventRows.TryReadObserved(observation, _corrupt, out var observed) ? observed.Candidate : default;

    /// <summary>Observations that name a decision made before the exposure: only what measures of that time take counts.</summary>
    /// <param name="decided">Ticks of that decision.</param>
    /// <param name="from">Ticks of the exposure.</param>
    public void AddBefore(string decisionId, long decided, long from, Span<OutcomeFold> folds)
    {
        _byDecision.Bind(0, EventKey.Of(decisionId, _key));
        while (_byDecision.Step())
        {
            var at = Math.Max(decided, _byDecision.Int64(4));
            if (at < from) Add(_byDecision, at, from, [], folds, default);
        }
    }

    /// <summary>Observations that name the unit, from <paramref name="from"/> to the end of each window, and none after <paramref name="until"/>.</summary>
    public void AddByUnit(string unit, long from, Span<OutcomeFold> folds, Span<JoinNote> notes = default, long until = long.MaxValue)
    {
        if (!HasUnitObservations) return;
        Span<byte> name = stackalloc byte[UnitHash.MaxBytes];
        AddByUnit(name[..Encoding.UTF8.GetBytes(unit, name)], from, folds, notes, until);
    }

    /// <summary>The same, by the unit's name in UTF-8.</summary>
    public void AddByUnit(ReadOnlySpan<byte> name, long from, Span<OutcomeFold> folds, Span<JoinNote> notes = default, long until = long.MaxValue)
    {
        if (!HasUnitObservations) return;
        _byUnit.Bind(0, UnitHash.Of(name)).Bind(1, from + _earliest).Bind(2, Math.Min(from + LongestWindow, until));
        while (_byUnit.Step()) _ = Add(_byUnit, _byUnit.Int64(4), from, name, folds, notes);
    }

    /// <summary>What is known of an outcome: NaN while its window is open, and when nothing came and absence means unknown.</summary>
    public double Value(int outcome, long from, in OutcomeFold fold) =>
        !IsClosed(outcome, from) ? double.NaN : fold.IsEmpty ? _measures[outcome].Outcome.Absent ?? double.NaN : SoFar(outcome, fold);

    public (ImmutableArray<double> Values, ImmutableArray<double> SoFar, ImmutableArray<bool> Closed) Describe(long from, ReadOnlySpan<OutcomeFold> folds)
    {
        var (values, soFar, closed) = (new double[folds.Length], new double[folds.Length], new bool[folds.Length]);
        for (var k = 0; k < folds.Length; k++)
            (values[k], soFar[k], closed[k]) = (Value(k, from, folds[k]), SoFar(k, folds[k]), IsClosed(k, from));
        return (ImmutableArrayOf(values), ImmutableArrayOf(soFar), ImmutableArrayOf(closed));
    }

    public void Dispose()
    {
        _byDecision.Dispose();
        _byUnit.Dispose();
    }

    private int Add(Statement row, long at, long from, ReadOnlySpan<byte> unit, Span<OutcomeFold> folds, Span<JoinNote> notes)
    {
        if (!EventRows.TryReadObserved(row, _corrupt, out var observed)) return 0;
        var isImported = ((RecordMarks)row.Int64(5) & RecordMarks.Imported) != 0; // it came with its decision, whenever that was
        if ((observed.ReceivedTicks > _asOf && !isImported) || !observed.Unit.SequenceEqual(unit)) return 0;
        var (late, delay) = (0, at - from);
        foreach (var k in Of(observed.Outcome))
        {
            if (delay < _from[k]) continue;
            var isLate = delay > _until[k];
            if (!isLate) folds[k].Add(_folded[k], observed.Value, at);
            if (!isLate && _measures[k].KeepsEvents) Kept?.Add(k, delay, observed.Value);
            if (isLate && !unit.IsEmpty) continue; // of the unit it may be another decision's, in time: nobody can call it late
            if (!notes.IsEmpty) notes[k].Add(delay, isLate);
            if (isLate) late = 1;
        }
        return late;
    }

    private ReadOnlySpan<int> Of(ReadOnlySpan<byte> outcome)
    {
        foreach (var (name, measures) in _outcomes)
            if (outcome.SequenceEqual(name)) return measures;
        return [];
    }

    private double SoFar(int outcome, in OutcomeFold fold) =>
        _measures[outcome].Counts && !fold.IsEmpty ? fold.Count : fold.Value(_folded[outcome]);

    private static ImmutableArray<T> ImmutableArrayOf<T>(T[] items) => System.Runtime.InteropServices.ImmutableCollectionsMarshal.AsImmutableArray(items);
}

/// <summary>How one outcome's observations arrived.</summary>
internal struct JoinNote
{
    private long _firstDelayPlusOne;

    /// <summary>Ticks from the start of the window to the first observation in it; null where none came.</summary>
    public readonly long? FirstDelay => _firstDelayPlusOne == 0 ? null : _firstDelayPlusOne - 1;

    /// <summary>Observations after the window.</summary>
    public int Late { get; private set; }

    public void Add(long delay, bool isLate)
    {
        if (isLate) Late++;
        else if (FirstDelay is not { } first || delay < first) _firstDelayPlusOne = delay + 1;
    }
}
