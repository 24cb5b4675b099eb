using System.Buffers;

namespace Looper.Client.Calls;

/// <summary>Where a call is written. It ends with an exception where a value has no end, or is larger than Looper takes.</summary>
internal sealed class BoundedBuffer(int most) : IBufferWriter<byte>
{
    private const int First = 1_024;
    private const int LongestEscape = 6; // what a writer asks room for, a sign
    private readonly ArrayBufferWriter<byte> _inner = new(First);

    public ReadOnlyMemory<byte> Written => _inner.WrittenMemory;

    public void Advance(int count)
    {
        Check(_inner.WrittenCount + (long)count); // first: a writer that is disposed of after this threw advances once more
        _inner.Advance(count);
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Check(sizeHint / LongestEscape);
        return _inner.GetMemory(sizeHint);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    private void Check(long bytes)
    {
        if (bytes > most) throw new InvalidOperationException($"it is larger than {most / 1_024} KB");
    }
}
