using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Looper.Core.Events.Histories;

/// <summary>Sorts any number of reports: as many as may be held at once are sorted in memory and put aside, and the runs are merged.</summary>
/// <param name="atOnce">Reports held in memory; 48 bytes each.</param>
internal sealed class ReportSort(JournalOptions options, int atOnce) : IDisposable
{
    private const int Page = 1_024;

    private readonly SafeFileHandle _file = VanishingFile.Open(options, "runs");
    private readonly List<KnownReport> _held = [];
    private readonly List<(long From, long Until)> _runs = [];
    private long _length;

    public void Add(in KnownReport report)
    {
        _held.Add(report);
        if (_held.Count >= atOnce) PutAside();
    }

    /// <summary>All of them in order; nothing can be added any more.</summary>
    public SortedReports End()
    {
        PutAside();
        _held.Capacity = 0;
        var sorted = new SortedReports(options);
        try
        {
            var open = new PriorityQueue<Run, KnownReport>();
            foreach (var (from, until) in _runs) Enqueue(open, new(_file, from, until));
            while (open.TryDequeue(out var run, out var least))
            {
                sorted.Add(least);
                Enqueue(open, run);
            }
            sorted.End();
            return sorted;
        }
        catch
        {
            sorted.Dispose();
            throw;
        }
    }

    public void Dispose() => _file.Dispose();

    private void PutAside()
    {
        if (_held.Count == 0) return;
        var reports = CollectionsMarshal.AsSpan(_held);
        reports.Sort();
        RandomAccess.Write(_file, MemoryMarshal.AsBytes(reports), _length * KnownReport.Bytes);
        _runs.Add((_length, _length + _held.Count));
        _length += _held.Count;
        _held.Clear();
    }

    private static void Enqueue(PriorityQueue<Run, KnownReport> open, Run run)
    {
        if (run.Next() is { } next) open.Enqueue(run, next);
    }

    private sealed class Run(SafeFileHandle file, long at, long until)
    {
        private readonly KnownReport[] _page = new KnownReport[Math.Min(Page, until - at)];
        private int _used, _filled;

        public KnownReport? Next()
        {
            if (_used == _filled)
            {
                if (at == until) return null;
                (_used, _filled) = (0, (int)Math.Min(_page.Length, until - at));
                SortedReports.Fill(file, at, _page.AsSpan(0, _filled));
                at += _filled;
            }
            return _page[_used++];
        }
    }
}
