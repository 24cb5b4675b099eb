using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Looper.Core.Events.Sqlite;

/// <summary>What several passes found, each in order of exposure, in a file that is gone once it is closed; read out in order of exposure over all.</summary>
internal sealed class UnitRuns : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly int _measures;
    private readonly bool _hasEvents;
    private readonly List<(long From, long Until)> _runs = [];
    private readonly OutcomeFold[] _folds;
    private PriorityQueue<Run, (long Ticks, long Seq)>? _open;
    private long _length;

    public UnitRuns(JournalOptions options, int measures, bool hasEvents)
    {
        (_measures, _hasEvents, _folds) = (measures, hasEvents, new OutcomeFold[measures]);
        _file = VanishingFile.Open(options, "units");
    }

    private int HeadBytes => Unsafe.SizeOf<Exposure>() + OutcomeFold.Bytes * _measures;

    /// <summary>A run of all units of a pass.</summary>
    /// <param name="kept">Sorted, and not yet taken from; null where nothing is kept.</param>
    public void Add(UnitTable units, UnitFolds folds, KeptEvents? kept)
    {
        var from = _length;
        using var buffer = new MemoryStream();
        for (var unit = 0; unit < units.Count; unit++)
        {
            buffer.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<Exposure>(ref units.Exposure(unit))));
            buffer.Write(MemoryMarshal.AsBytes<OutcomeFold>(folds.Of(unit)));
            if (kept is not null)
            {
                foreach (var events in kept.Take(unit, _measures))
                {
                    buffer.Write(BitConverter.GetBytes(events.Length));
                    buffer.Write(MemoryMarshal.AsBytes(events.AsSpan()));
                }
            }

            if (buffer.Length > Run.BufferBytes || unit == units.Count - 1)
            {
                RandomAccess.Write(_file, buffer.GetBuffer().AsSpan(0, (int)buffer.Length), _length);
                _length += buffer.Length;
                buffer.SetLength(0);
            }
        }

        _runs.Add((from, _length));
    }

    /// <summary>The next unit in order of exposure; false at the end.</summary>
    /// <param name="folds">One per measure; valid until the next call.</param>
    /// <param name="events">Null where nothing is kept.</param>
    public bool Next(out Exposure exposure, out ReadOnlySpan<OutcomeFold> folds, out ImmutableArray<ImmutableArray<KeptEvent>>? events)
    {
        if (_open is null)
        {
            _open = new();
            foreach (var (from, until) in _runs) Enqueue(new(_file, from, until));
        }

        exposure = default;
        folds = default;
        events = null;
        if (!_open.TryDequeue(out var run, out _)) return false;
        var head = run.Take(HeadBytes);
        exposure = MemoryMarshal.Read<Exposure>(head);
        MemoryMarshal.Cast<byte, OutcomeFold>(head[Unsafe.SizeOf<Exposure>()..]).CopyTo(_folds);
        folds = _folds;
        if (_hasEvents) events = [.. Enumerable.Range(0, _measures).Select(_ => Events(run))];
        Enqueue(run);
        return true;
    }

    public void Dispose() => _file.Dispose();

    private void Enqueue(Run run)
    {
        if (run.IsAtEnd) return;
        var next = MemoryMarshal.Read<Exposure>(run.Peek(HeadBytes));
        _open!.Enqueue(run, (next.Ticks, next.Seq));
    }

    private static ImmutableArray<KeptEvent> Events(Run run)
    {
        var count = BitConverter.ToInt32(run.Take(sizeof(int)));
        return count == 0 ? [] : [.. MemoryMarshal.Cast<byte, KeptEvent>(run.Take(count * Unsafe.SizeOf<KeptEvent>()))];
    }

    /// <summary>A run that is being read.</summary>
    private sealed class Run(SafeFileHandle file, long at, long until)
    {
        public const int BufferBytes = 1 << 16;

        private byte[] _buffer = new byte[BufferBytes];
        private int _from, _filled;

        public bool IsAtEnd => _from == _filled && at == until;

        public ReadOnlySpan<byte> Peek(int bytes)
        {
            if (_filled - _from < bytes) Fill(bytes);
            return _buffer.AsSpan(_from, bytes);
        }

        public ReadOnlySpan<byte> Take(int bytes)
        {
            var taken = Peek(bytes);
            _from += bytes;
            return taken;
        }

        private void Fill(int bytes)
        {
            var left = _buffer.AsSpan(_from, _filled - _from).ToArray();
            if (_buffer.Length < bytes) _buffer = new byte[2 * bytes];
            left.CopyTo(_buffer, 0);
            (_from, _filled) = (0, left.Length);
            while (_filled < bytes)
            {
                var read = RandomAccess.Read(file, _buffer.AsSpan(_filled, (int)Math.Min(_buffer.Length - _filled, until - at)), at);
                if (read == 0) throw new EndOfStreamException("A file of units that were put aside ends too early.");
                (_filled, at) = (_filled + read, at + read);
            }
        }
    }
}
