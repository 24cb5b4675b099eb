namespace Looper.Core.Events.Records;

/// <summary>Observations as the rows that they become: made on the sender's thread, so that the journal's thread only writes them.</summary>
internal sealed class ObservationRows
{
    private const int ChunkBytes = 32_768;
    private readonly Row[] _rows;

    /// <param name="calls">Their observations, one call after the other.</param>
    /// <param name="count">How many they are in all.</param>
    public ObservationRows(ObservationRecord[][] calls, int count)
    {
        _rows = new Row[count];
        byte[] chunk = [];
        var (at, made) = (0, 0);
        foreach (var call in calls)
        {
            foreach (var record in call)
            {
                var room = EventKey.Room(record.Id) + EventKey.Room(record.DecisionId) + ObservationCodec.MaxBytes(record);
                if (chunk.Length - at < room) (chunk, at) = (GC.AllocateUninitializedArray<byte>(Math.Max(room, Math.Min(ChunkBytes, (count - made) * room))), 0);
                var row = Row.Of(record, chunk, at);
                at += row.Bytes;
                _rows[made++] = row;
            }
        }
    }

    public int Count => _rows.Length;

    public ObservationColumns Columns(int index) => _rows[index].Columns;

    /// <summary>The bytes of the id, of the decision named, then the payload.</summary>
    public ReadOnlySpan<byte> Bytes(int index) => _rows[index].All;

    private readonly struct Row
    {
        private readonly byte[] _chunk;
        private readonly int _at, _id, _decision, _payload;
        private readonly bool _idIsBlob, _decisionIsBlob;
        private readonly RecordMarks _marks;
        private readonly long _unit, _ticks;

        private Row(byte[] chunk, int at, in ObservationColumns columns, int payload)
        {
            (_chunk, _at, _id, _decision, _payload) = (chunk, at, columns.Id.Bytes.Length, columns.Decision.Bytes.Length, payload);
            (_idIsBlob, _decisionIsBlob, _marks, _unit, _ticks) = (columns.Id.IsBlob, columns.Decision.IsBlob, columns.Marks, columns.Unit, columns.Ticks);
        }

        public int Bytes => _id + _decision + _payload;

        public ObservationColumns Columns => new(
            new(_chunk.AsSpan(_at, _id), _idIsBlob), _decision == 0 ? default : new(_chunk.AsSpan(_at + _id, _decision), _decisionIsBlob), _unit, _ticks, _marks);

        public ReadOnlySpan<byte> All => _chunk.AsSpan(_at, Bytes);

        public static Row Of(ObservationRecord record, byte[] chunk, int at)
        {
            var id = EventKey.Of(record.Id, chunk.AsSpan(at));
            var next = at + id.Bytes.Length;
            var decision = record.DecisionId is null ? default : EventKey.Of(record.DecisionId, chunk.AsSpan(next));
            next += decision.Bytes.Length;
            var columns = new ObservationColumns(id, decision, record.DecisionId is null ? UnitHash.Of(record.Unit!) : 0, record.Time.UtcTicks, record.Marks);
            return new(chunk, at, columns, ObservationCodec.Write(record, columns, chunk.AsSpan(next)).Length);
        }
    }
}
