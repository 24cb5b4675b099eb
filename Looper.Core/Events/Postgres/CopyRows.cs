using System.Buffers.Binary;
using System.Text;
using Looper.Core.Events.Shipping;
using Npgsql;

namespace Looper.Core.Events.Postgres;

/// <summary>Writes rows in the binary format of COPY, so that the server takes in the first while the next are written (PostgreSQL documentation, COPY,
/// "Binary Format": a signature, two empty fields, then for each row the number of values and each value after its length, big-endian, and −1 at the end).</summary>
internal sealed class CopyRows(NpgsqlRawCopyStream server)
{
    private const int SentBytes = 64 * 1024;

    private byte[] _bytes = new byte[SentBytes * 2];
    private int _at;

    private static ReadOnlySpan<byte> Signature => [(byte)'P', (byte)'G', (byte)'C', (byte)'O', (byte)'P', (byte)'Y', (byte)'\n', 0xFF, (byte)'\r', (byte)'\n', 0];

    public async Task WriteAsync(List<DecisionRow> decisions, CancellationToken cancel)
    {
        Begin();
        foreach (var row in decisions)
        {
            Write(row);
            if (_at >= SentBytes) await SendAsync(cancel);
        }
        await EndAsync(cancel);
    }

    public async Task WriteAsync(List<ObservationRow> observations, CancellationToken cancel)
    {
        Begin();
        foreach (var row in observations)
        {
            Write(row);
            if (_at >= SentBytes) await SendAsync(cancel);
        }
        await EndAsync(cancel);
    }

    private void Write(in DecisionRow row)
    {
        Values(8);
        Add(row.Id);
        row.Point.TryWriteBytes(Value(16), bigEndian: true, out _);
        Add(row.Time);
        Add(row.Unit);
        Add(row.Marks);
        BinaryPrimitives.WriteInt32BigEndian(Value(sizeof(int)), row.Option);
        Add(row.Reason);
        Add(row.Payload);
    }

    private void Write(in ObservationRow row)
    {
        Values(9);
        Add(row.Id);
        Add(row.Decision);
        Add(row.Unit);
        Add(row.Time);
        Add(row.ReceivedAt);
        Add(row.Marks);
        Encoding.UTF8.GetBytes(row.Outcome, Value(Encoding.UTF8.GetByteCount(row.Outcome)));
        Add(BitConverter.DoubleToInt64Bits(row.Value));
        Add(row.Payload);
    }

    private void Begin()
    {
        Signature.CopyTo(Room(Signature.Length));
        Room(2 * sizeof(int)).Clear();
    }

    private Task EndAsync(CancellationToken cancel)
    {
        Values(-1);
        return SendAsync(cancel);
    }

    private async Task SendAsync(CancellationToken cancel)
    {
        await server.WriteAsync(_bytes.AsMemory(0, _at), cancel);
        _at = 0;
    }

    private void Values(short count) => BinaryPrimitives.WriteInt16BigEndian(Room(sizeof(short)), count);

    private void Add(short value) => BinaryPrimitives.WriteInt16BigEndian(Value(sizeof(short)), value);

    private void Add(long value) => BinaryPrimitives.WriteInt64BigEndian(Value(sizeof(long)), value);

    private void Add(ReadOnlyMemory<byte> value) => value.Span.CopyTo(Value(value.Length));

    /// <summary>Room for a value after its length.</summary>
    private Span<byte> Value(int length)
    {
        BinaryPrimitives.WriteInt32BigEndian(Room(sizeof(int)), length);
        return Room(length);
    }

    private Span<byte> Room(int length)
    {
        if (_at + length > _bytes.Length) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _at + length));
        _at += length;
        return _bytes.AsSpan(_at - length, length);
    }
}
