using Looper.Core.Events.Histories;
using Looper.Core.Events.Records;
using Looper.Core.Events.Sqlite;
using Looper.Core.Metering;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using static SQLitePCL.raw;

namespace Looper.Core.Events;

/// <summary>Everything that was decided and observed, in one append-mostly database written by one thread in groups.</summary>
public sealed class Journal : IAsyncDisposable
{
    private readonly AppendLine _line;
    private readonly JournalWriter _writer;
    private readonly CorruptRecords _corrupt;
    private readonly JournalMeter _meter;
    private readonly Stack<DecisionAppend> _spare = new();
    private readonly Action<DecisionAppend> _giveBack;

    /// <summary>Opens the database, recovers what a crash left and flushes it, and starts the writer.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or of another version.</exception>
    public Journal(JournalOptions options, EventActivity activity, CorruptRecords corrupt, LooperMeter meter, WorkMeter work, TimeProvider clock, ILogger<Journal> log)
    {
        (_line, _corrupt) = (new(options.Capacity), corrupt);
        _meter = new(meter, () => Condition);
        Histories = new(options, corrupt, meter, clock);
        try
        {
            _writer = new(options, _line, activity, corrupt, _meter, Histories, work, clock, log);
        }
        catch (SqliteException fault) when (fault.SqliteErrorCode is SQLITE_CORRUPT or SQLITE_NOTADB)
        {
            throw new InvalidDataException($"{options.Path} is damaged: {fault.Message} Nothing was changed. Restore a backup: restore --from BACKUP --replace moves what is here aside.", fault);
        }
        _giveBack = GiveBack;
    }

    /// <summary>How the journal is, for health and metrics.</summary>
    public JournalCondition Condition => _writer.Describe(_corrupt);

    /// <summary>What was reported for each unit lately, for features that look back.</summary>
    public HistoryFeed Histories { get; }

    /// <summary>Told before a removal begins; what it gives back is called when the removal has ended, however it ended. Copies elsewhere follow.</summary>
    /// <remarks>That is given the moment of the newest event that was removed: later than now where the clock was set back since.</remarks>
    public Func<RemovalOrder, Action<DateTimeOffset>>? Removing { get; set; }

    /// <summary>Ends when a flush has failed: the process must end (exit code 75) and start again.</summary>
    public Task FlushFailed => _writer.FlushFailed;

    /// <summary>Whether so many decisions of a point would be taken now. One that would not is refused before it is made: under a load that is too much, most of the
    /// time would go into answers that nobody gets.</summary>
    public bool HasRoom(Guid decisionPointId, int records) => _line.HasRoom(decisionPointId, records);

    /// <summary>Appends one decision and answers once it is committed; flushed too when <paramref name="durable"/>.</summary>
    public ValueTask<Appended> AppendAsync(DecisionRecord record, bool durable, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested(); // later it cannot be called back
        Check(record);
        var append = Spare();
        append.Use(record, durable);
        var answered = append.Answered;
        if (_line.TryAdd(append) is var status && status != AppendStatus.Stored) append.Refuse(status);
        return answered;
    }

    /// <summary>Appends decisions in one group; one answer each, in order.</summary>
    public ValueTask<Appended[]> AppendAsync(DecisionRecord[] records, bool durable, CancellationToken cancel) => AppendAsync(records.AsMemory(), durable, cancel);

    /// <inheritdoc cref="AppendAsync(DecisionRecord[], bool, CancellationToken)"/>
    /// <param name="records">The memory is the journal's until it answers.</param>
    public ValueTask<Appended[]> AppendAsync(ReadOnlyMemory<DecisionRecord> records, bool durable, CancellationToken cancel)
    {
        foreach (var record in records.Span) Check(record);
        return AddAsync(new DecisionsAppend(records, durable), cancel);
    }

    /// <summary>Appends the observations of one call, all or none, and answers once they are committed and flushed:
    /// a conflict on any, or a decision that is not theirs to name, stores none of them; replayed when every one of them was there.</summary>
    public async ValueTask<Appended> AppendAsync(ObservationRecord[] call, CancellationToken cancel) =>
        (await AppendAsync([call], cancel))[0];

    /// <summary>Appends several calls in one group; one answer for each call, in order.</summary>
    public ValueTask<Appended[]> AppendAsync(ObservationRecord[][] calls, CancellationToken cancel)
    {
        foreach (var call in calls)
        {
            foreach (var record in call) Check(record);
        }
        return AddAsync(new ObservationsAppend(calls), cancel);
    }

    /// <summary>Returns once every row that anyone could read when it was called is on disk.</summary>
    /// <exception cref="IOException">The journal cannot write.</exception>
    public async Task FlushAsync(CancellationToken cancel)
    {
        var asked = AddAsync(new FlushAppend(), cancel);
        _line.Wake();
        if ((await asked)[0].Status != AppendStatus.Stored) throw new IOException("The journal cannot write, so nobody knows which of its rows are on disk. Free disk space.");
    }

    /// <summary>Removes every event of a decision point with the observations that name its decisions, or every event marked as simulated. One that is cut off is among
    /// <see cref="EventReader.RemovalsAsync"/> after a restart too, and goes on when it is called again.</summary>
    /// <returns>What all calls for it removed.</returns>
    public async Task<Removed> RemoveAsync(NotedRemoval noted, CancellationToken cancel) =>
        (await RemoveAsync(noted.Order, log => log.Remove(noted, _corrupt), emptiesLog: false, Histories.ReadAgain, cancel)).Removed;

    /// <summary>Removes what has become too old; counts stay. Appends go on meanwhile.</summary>
    public async Task<Removed> PurgeAsync(PurgeOrder order, CancellationToken cancel)
    {
        var (removed, _) = await RemoveAsync(RemovalOrder.OfOld(order), log => log.Purge(order, _corrupt), emptiesLog: false, null, cancel);
        _meter.Purged(removed);
        return removed;
    }

    /// <summary>Removes every decision and observation of a unit, and its bytes from every file of the journal; counts stay.</summary>
    public async Task<Removed> EraseAsync(string unit, CancellationToken cancel)
    {
        CheckLength(unit, nameof(unit), UnitHash.MaxCharacters);
        var order = RemovalOrder.OfUnit(unit);
        return (await RemoveAsync(order, log => log.Erase(order, null, _corrupt), emptiesLog: true, () => Histories.Erase(unit), cancel)).Removed;
    }

    /// <summary>The same for what was decided and received up to a moment, as an erasure of that moment would have: what the unit sent after it stays.</summary>
    public async Task<Removed> EraseAsync(string unit, DateTimeOffset last, CancellationToken cancel)
    {
        CheckLength(unit, nameof(unit), UnitHash.MaxCharacters);
        var order = RemovalOrder.OfUnit(unit, last);
        return (await RemoveAsync(order, log => log.Erase(order, null, _corrupt), emptiesLog: true, Histories.ReadAgain, cancel)).Removed; // histories do not know what came when
    }

    /// <summary>The same, noted: one that is cut off is among <see cref="EventReader.ErasuresAsync"/> after a restart too, and goes on when it is called again.</summary>
    /// <param name="unit">Null where only the note is left of its name.</param>
    /// <returns>What all calls for it removed, and the moment of the newest event that this one did.</returns>
    public Task<(Removed Removed, DateTimeOffset Newest)> EraseAsync(NotedErasure noted, string? unit, CancellationToken cancel) =>
        RemoveAsync(noted.Order, log => log.Erase(noted.Order, noted, _corrupt), emptiesLog: true, unit is null ? Histories.ReadAgain : () => Histories.Erase(unit), cancel);

    /// <summary>Notes a removal and takes nothing away yet.</summary>
    public Task NoteAsync(NotedRemoval noted, CancellationToken cancel) => _writer.RemoveAsync(log => log.Note(noted), emptiesLog: false, null, cancel);

    /// <summary>Takes the note of an erasure away, whose receipt is stored, or of a removal that is in the audit.</summary>
    public Task EndNotedAsync(Guid id, CancellationToken cancel) => _writer.RemoveAsync(log => log.EndNoted(id), emptiesLog: false, null, cancel);

    /// <summary>Notes that what is here came back from a server: not in the order in which it was received.</summary>
    public Task NoteRefillAsync(CancellationToken cancel) => _writer.RemoveAsync(log => log.NoteRefill(), emptiesLog: false, null, cancel);

    /// <summary>Writes what waits, flushes, folds the log into the database and closes.</summary>
    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    // What came back of the removed since is kept in the histories too: they are dropped by the writer, with the last row and before the log is emptied.
    private async Task<(Removed Removed, DateTimeOffset Newest)> RemoveAsync(RemovalOrder order, Func<EventLog, IRemoval> what, bool emptiesLog, Action? forget, CancellationToken cancel)
    {
        var ended = Removing?.Invoke(order);
        IRemoval? removal = null;
        DateTimeOffset Newest() => new(Math.Clamp(removal?.Newest ?? 0, 0, DateTimeOffset.MaxValue.Ticks - 1), TimeSpan.Zero);
        try
        {
            return (await _writer.RemoveAsync(log => removal = what(log), emptiesLog, forget, cancel), Newest());
        }
        finally
        {
            ended?.Invoke(Newest());
        }
    }

    private ValueTask<Appended[]> AddAsync(BatchAppend append, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        if (_line.TryAdd(append) is var status && status != AppendStatus.Stored) append.Refuse(status);
        return new(append.Answered);
    }

    private static void Check(DecisionRecord record)
    {
        // No text has more characters than bytes.
        if (record.MadeId is null && record.IdUtf8.Length is 0 or > EventKey.MaxCharacters) CheckLength(record.Id, nameof(record.Id), EventKey.MaxCharacters);
        if (record.UnitUtf8.Length is 0 or > UnitHash.MaxCharacters) CheckLength(record.Unit, nameof(record.Unit), UnitHash.MaxCharacters);
    }

    private static void Check(ObservationRecord record)
    {
        CheckLength(record.Id, nameof(record.Id), EventKey.MaxCharacters);
        CheckLength(record.Outcome, nameof(record.Outcome), EventKey.MaxCharacters);
        if (record.DecisionId is null == record.Unit is null) throw new ArgumentException("An observation names a decision or a unit, and not both.", nameof(record));
        if (record.DecisionId is { } decisionId) CheckLength(decisionId, nameof(record.DecisionId), EventKey.MaxCharacters);
        if (record.Unit is { } unit) CheckLength(unit, nameof(record.Unit), UnitHash.MaxCharacters);
    }

    private static void CheckLength(string text, string name, int most)
    {
        if (text.Length == 0 || text.Length > most) throw new ArgumentException($"{name} has {text.Length} characters; give 1 to {most}.", name);
    }

    private DecisionAppend Spare()
    {
        lock (_spare)
        {
            if (_spare.TryPop(out var spare)) return spare;
        }
        return new(_giveBack);
    }

    private void GiveBack(DecisionAppend append)
    {
        lock (_spare) _spare.Push(append);
    }
}
