using System.Text;
using Looper.Core.Events.Records;

namespace Looper.Core.Events.Shipping;

/// <summary>A decision as a row of a server: what people may want to count stands in columns, everything in the payload, whose checksum covers the columns too.</summary>
/// <param name="Id">UTF-8.</param>
/// <param name="Time">UTC ticks.</param>
/// <param name="Unit">Hash of the unit.</param>
public readonly record struct DecisionRow(byte[] Id, Guid Point, long Time, long Unit, short Marks, int Option, short Reason, byte[] Payload);

/// <inheritdoc cref="DecisionRow"/>
/// <param name="Decision">UTF-8; empty where the observation names a unit.</param>
/// <param name="Unit">Hash of the unit; 0 where the observation names a decision.</param>
public readonly record struct ObservationRow(
    byte[] Id, byte[] Decision, long Unit, long Time, long ReceivedAt, short Marks, string Outcome, double Value, byte[] Payload);

/// <summary>Events on their way to a server or back.</summary>
public sealed class EventBatch
{
    private readonly byte[] _id = new byte[EventKey.MaxBytes], _decision = new byte[EventKey.MaxBytes];
    private byte[] _payload = new byte[4_096];

    public List<DecisionRow> Decisions { get; } = [];
    public List<ObservationRow> Observations { get; } = [];

    public int Rows => Decisions.Count + Observations.Count;

    public void Add(DecisionRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        var columns = Columns(record.Id, record.DecisionPointId, record.Time.UtcTicks, UnitHash.Of(record.Unit), record.Marks, _id);
        var payload = DecisionCodec.Write(record, columns, Room(DecisionCodec.MaxBytes(record))).ToArray();
        Decisions.Add(new(Encoding.UTF8.GetBytes(record.Id), record.DecisionPointId, columns.Ticks, columns.Unit, (short)record.Marks, record.Option, (short)record.Reason, payload));
    }

    public void Add(ObservationRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        var unit = record.Unit is null ? 0 : UnitHash.Of(record.Unit);
        var columns = Columns(record.Id, record.DecisionId, unit, record.Time.UtcTicks, record.Marks, _id, _decision);
        var payload = ObservationCodec.Write(record, columns, Room(ObservationCodec.MaxBytes(record))).ToArray();
        Observations.Add(new(
            Encoding.UTF8.GetBytes(record.Id), record.DecisionId is null ? [] : Encoding.UTF8.GetBytes(record.DecisionId), unit, columns.Ticks,
            record.ReceivedAt.UtcTicks, (short)record.Marks, record.Outcome, record.Value, payload));
    }

    /// <summary>Null when the row is not what was written.</summary>
    internal static DecisionRecord? Read(in DecisionRow row) => DecisionCodec.Read(
        Columns(Encoding.UTF8.GetString(row.Id), row.Point, row.Time, row.Unit, (RecordMarks)row.Marks, new byte[EventKey.MaxBytes]), row.Payload);

    /// <inheritdoc cref="Read(in DecisionRow)"/>
    internal static ObservationRecord? Read(in ObservationRow row) => ObservationCodec.Read(
        Columns(Encoding.UTF8.GetString(row.Id), row.Decision.Length == 0 ? null : Encoding.UTF8.GetString(row.Decision), row.Unit, row.Time, (RecordMarks)row.Marks,
        new byte[EventKey.MaxBytes], new byte[EventKey.MaxBytes]), row.Payload);

    private static DecisionColumns Columns(string id, Guid point, long time, long unit, RecordMarks marks, byte[] key) => new(EventKey.Of(id, key), point, time, unit, marks);

    private static ObservationColumns Columns(string id, string? decision, long unit, long time, RecordMarks marks, byte[] key, byte[] decisionKey) =>
        new(EventKey.Of(id, key), decision is null ? default : EventKey.Of(decision, decisionKey), unit, time, marks);

    private byte[] Room(int bytes) => _payload.Length >= bytes ? _payload : _payload = new byte[bytes * 2];
}
