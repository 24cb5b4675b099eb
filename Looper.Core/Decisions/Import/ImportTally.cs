using System.Collections.Immutable;

namespace Looper.Core.Decisions.Import;

/// <summary>Counts what becomes of the rows of a file, in memory that does not grow with it.</summary>
internal sealed class ImportTally
{
    private const int FaultsShown = 20, LinesShown = 10, MostReasons = 200;

    private readonly List<ImportFault> _faults;
    private readonly Dictionary<(string Field, string Reason), (long Rows, ImmutableArray<long> Lines)> _reasons;
    private long _stored, _replayed, _refused, _outcomes, _outcomesReplayed;
    private DateTimeOffset? _from, _until;

    /// <param name="done">What an earlier start of the same run has counted.</param>
    public ImportTally(ImportResult? done)
    {
        _faults = [.. done?.Faults ?? []];
        _reasons = (done?.Reasons ?? []).ToDictionary(r => (r.Field, r.Reason), r => (r.Rows, r.Lines));
        if (done is null) return;
        (Rows, _outcomes, _outcomesReplayed) = (done.Rows, done.Outcomes, done.OutcomesReplayed);
        (_stored, _replayed, _refused, _from, _until) = (done.Stored, done.Replayed, done.Refused, done.From, done.Until);
    }

    public long Rows { get; set; }

    public ImportResult Result => new(
        Rows, _stored, _replayed, _outcomes, _refused, [.. _faults.OrderBy(f => f.Line)], _from, _until,
        [.. _reasons.OrderByDescending(r => r.Value.Rows).ThenBy(r => r.Value.Lines[0]).Select(r => new ImportReason(r.Key.Field, r.Key.Reason, r.Value.Rows, [.. r.Value.Lines.Order()]))], _outcomesReplayed);

    public void Refuse(ImportFault fault)
    {
        _refused++;
        if (_faults.Count < FaultsShown) _faults.Add(fault);
        var key = (fault.Field, fault.Masked().Reason);
        if (!_reasons.ContainsKey(key) && _reasons.Count >= MostReasons) key = ("row", "other reasons.");
        var (rows, lines) = _reasons.GetValueOrDefault(key, (0, []));
        _reasons[key] = (rows + 1, lines.Length < LinesShown ? lines.Add(fault.Line) : lines);
    }

    public void Take(ImportRow row, bool isNew)
    {
        if (isNew) _stored++;
        else _replayed++;
        var time = row.Decision!.Time;
        if (_from is null || time < _from) _from = time;
        if (_until is null || time > _until) _until = time;
    }

    /// <param name="outcomes">Of one row, which are in the journal; of one that was begun earlier some may be new.</param>
    /// <param name="areNew">Some of them were not there before.</param>
    public void Observe(int outcomes, bool areNew)
    {
        _outcomes += outcomes;
        if (!areNew) _outcomesReplayed += outcomes;
    }
}
