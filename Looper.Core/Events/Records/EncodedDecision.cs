namespace Looper.Core.Events.Records;

/// <summary>A decision as the row that it becomes: made on the sender's thread, so that the journal's thread only writes it.</summary>
internal readonly struct EncodedDecision
{
    private readonly byte[] _chunk;
    private readonly int _at, _id, _payload;
    private readonly bool _idIsBlob;

    private EncodedDecision(byte[] chunk, int at, in DecisionColumns columns, int payload)
    {
        (_chunk, _at, _id, _idIsBlob, _payload) = (chunk, at, columns.Id.Bytes.Length, columns.Id.IsBlob, payload);
        (Unit, Ticks, Marks) = (columns.Unit, columns.Ticks, columns.Marks);
    }

    /// <summary>The hash of its unit.</summary>
    public long Unit { get; }

    public long Ticks { get; }
    public RecordMarks Marks { get; }
    public EventKey Id => new(_chunk.AsSpan(_at, _id), _idIsBlob);

    /// <summary>The bytes of the id, then the payload.</summary>
    public ReadOnlySpan<byte> Bytes => _chunk.AsSpan(_at, _id + _payload);

    /// <summary>Bytes that it may take at most.</summary>
    public static int Room(DecisionRecord record) => EventKey.Room(record) + DecisionCodec.MaxBytes(record);

    /// <param name="chunk">Holds <see cref="Room"/> bytes more from <paramref name="at"/> on; the row lives in it.</param>
    public static EncodedDecision Of(DecisionRecord record, byte[] chunk, int at)
    {
        var id = EventKey.Of(record, chunk.AsSpan(at));
        var columns = new DecisionColumns(id, record.DecisionPointId, record.Time.UtcTicks, record.UnitUtf8 is { IsEmpty: false } unit ? UnitHash.Of(unit) : UnitHash.Of(record.Unit), record.Marks);
        return new(chunk, at, columns, DecisionCodec.Write(record, columns, chunk.AsSpan(at + id.Bytes.Length)).Length);
    }

    /// <param name="chunk">All of them live in it: as much as their <see cref="Room"/> together.</param>
    /// <param name="rows">Filled, one each.</param>
    public static void Of(ReadOnlySpan<DecisionRecord> records, byte[] chunk, Span<EncodedDecision> rows)
    {
        var at = 0;
        for (var i = 0; i < records.Length; i++)
        {
            rows[i] = Of(records[i], chunk, at);
            at += rows[i].Bytes.Length;
        }
    }
}
