using System.Runtime.InteropServices;
using Looper.Core.Events.Sqlite;

namespace Looper.Core.Events;

/// <summary>What was taken from the line together, written in one transaction, or in several where calls come meanwhile: a batch gives way to them after a
/// few of its records. They go into the transaction at hand, which ends then, and the rest of the batch into the next. Used by the journal's thread alone.</summary>
internal sealed class JournalGroup(AppendLine line, int most)
{
    private readonly DecisionRun _run = new();
    private readonly List<Append> _waiting = [], _calls = [], _written = [];
    private int _next; // of those that wait; written in part where a batch gave way

    /// <summary>Something of it is not committed yet.</summary>
    public bool HasMore => _next < _waiting.Count;

    /// <summary>What the last <see cref="Write"/> has completed.</summary>
    public ReadOnlySpan<Append> Written => CollectionsMarshal.AsSpan(_written);

    /// <summary>Records of <see cref="Written"/>.</summary>
    public int Records
    {
        get
        {
            var records = 0;
            foreach (var append in Written) records += append.Records;
            return records;
        }
    }

    /// <summary>Waits for the first append as <see cref="AppendLine.Take"/> does.</summary>
    public void Take(TimeSpan patience, int company, TimeSpan linger)
    {
        _waiting.Clear();
        _next = 0;
        line.Take(_waiting, patience, most, company, linger);
    }

    /// <summary>Inside a transaction: writes all that is left, or as much as goes before calls that have come.</summary>
    public void Write(EventLog log)
    {
        _written.Clear();
        _calls.Clear();
        if (AppendLine.IsCall(_waiting[_next])) // all of them are
        {
            _written.AddRange(CollectionsMarshal.AsSpan(_waiting)[_next..]);
            _run.Write(Written, log);
            return;
        }
        for (var at = _next; at < _waiting.Count;)
        {
            if (_waiting[at].WritePiece(log)) _written.Add(_waiting[at++]);
            if (!line.CallsWait) continue;
            line.TakeCalls(_calls, most);
            _run.Write(CollectionsMarshal.AsSpan(_calls), log);
            _written.AddRange(_calls);
            return;
        }
    }

    /// <summary>The transaction has ended well.</summary>
    public void Committed()
    {
        _next += _written.Count - _calls.Count;
        _calls.Clear();
        if (HasMore) _waiting[_next].KeepPieces();
    }

    /// <summary>Gives up the rest, with what the transaction at hand held.</summary>
    /// <param name="refused">Filled with them.</param>
    public void Abandon(List<Append> refused)
    {
        refused.AddRange(CollectionsMarshal.AsSpan(_waiting)[_next..]);
        refused.AddRange(_calls);
        _next = _waiting.Count;
        _calls.Clear();
    }
}
