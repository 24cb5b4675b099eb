using System.Runtime.InteropServices;
using Looper.Core.Serving.Histories;
using Microsoft.Win32.SafeHandles;

namespace Looper.Core.Events.Histories;

/// <summary>Reports in order, in a file, with marks in memory at equal distances by which a unit is found. There are never more marks than so many: with
/// more reports they stand further apart.</summary>
/// <param name="mostMarks">Of 24 bytes each; even.</param>
internal sealed class SortedReports(JournalOptions options, int mostMarks = 1 << 17) : IDisposable
{
    private const int FirstStride = 32, WrittenAtOnce = 8_192;

    private readonly SafeFileHandle _file = VanishingFile.Open(options, "reports");
    private readonly List<KnownReport> _unwritten = new(WrittenAtOnce);
    private readonly List<(UnitKey Unit, long Received)> _marks = [];
    private KnownReport[] _found = new KnownReport[FirstStride];
    private int _stride = FirstStride;

    public long Count { get; private set; }

    /// <summary>The next in order.</summary>
    public void Add(in KnownReport report)
    {
        if (Count % _stride == 0) Mark(report);
        _unwritten.Add(report);
        Count++;
        if (_unwritten.Count == WrittenAtOnce) Write();
    }

    /// <summary>There are no more.</summary>
    public void End()
    {
        Write();
        _unwritten.Capacity = 0;
    }

    /// <summary>Where the first report stands that is of this unit, or of one after it, and was known at these ticks or later.</summary>
    public long Find(UnitKey unit, long received)
    {
        var (low, high) = (0, _marks.Count); // the first mark that does not stand before it
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (new KnownReport(_marks[middle].Unit, _marks[middle].Received, default).CompareTo(unit, received) < 0) low = middle + 1;
            else high = middle;
        }
        if (low == 0) return 0;
        var from = (low - 1L) * _stride;
        var block = Read(from, _found);
        for (var i = 0; i < block.Length; i++)
        {
            if (block[i].CompareTo(unit, received) >= 0) return from + i;
        }
        return from + block.Length;
    }

    /// <returns>As many as there are from that place on, and fit.</returns>
    public ReadOnlySpan<KnownReport> Read(long at, KnownReport[] into)
    {
        var page = into.AsSpan(0, (int)Math.Clamp(Count - at, 0, into.Length));
        Fill(_file, at, page);
        return page;
    }

    public void Dispose() => _file.Dispose();

    internal static void Fill(SafeFileHandle file, long at, Span<KnownReport> page)
    {
        var bytes = MemoryMarshal.AsBytes(page);
        for (var from = at * KnownReport.Bytes; !bytes.IsEmpty;)
        {
            var read = RandomAccess.Read(file, bytes, from);
            if (read == 0) throw new EndOfStreamException("A file of reports that were put aside ends too early.");
            bytes = bytes[read..];
            from += read;
        }
    }

    private void Mark(in KnownReport report)
    {
        if (_marks.Count == mostMarks)
        {
            for (var i = 0; i < mostMarks / 2; i++) _marks[i] = _marks[2 * i];
            _marks.RemoveRange(mostMarks / 2, mostMarks / 2);
            _found = new KnownReport[_stride *= 2];
        }
        _marks.Add((report.Unit, report.Received)); // at an even mark the wider distance falls on it as well
    }

    private void Write()
    {
        RandomAccess.Write(_file, MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_unwritten)), (Count - _unwritten.Count) * KnownReport.Bytes);
        _unwritten.Clear();
    }
}
