using System.Text;
using Looper.Core.Events.Records;

namespace Looper.Core.Events.Shipping;

/// <summary>A decision as a row of a server: what people may want to count stands in columns, everything in the payload, whose checksum covers the columns too.</summary>
/// <param name="Id">A byte for its kind (1 a UUID in 16 bytes, 2 a text in UTF-8, 3 derived from the content in 8 bytes), then itself.</param>
/// <param name="Time">UTC ticks.</param>
/// <param name="Unit">Hash of the unit.</param>
public readonly record struct DecisionRow(byte[] Id, Guid Point, long Time, long Unit, short Marks, int Option, short Reason, byte[] Payload);

/// <inheritdoc cref="DecisionRow"/>
/// <param name="Decision">Like <paramref name="Id"/>; empty where the observation names a unit.</param>
/// <param name="Unit">Hash of the unit; 0 where the observation names a decision.</param>
public readonly record struct ObservationRow(
    byte[] Id, byte[] Decision, long Unit, long Time, long ReceivedAt, short Marks, string Outcome, double Value, byte[] Payload);

/// <summary>Events on their way to a server or back. The payloads are those of the journal, byte for byte.</summary>
public sealed class EventBatch
{
    public List<DecisionRow> Decisions { get; } = [];
    public List<ObservationRow> Observations { get; } = [];

    public int Rows => Decisions.Count + Observations.Count;

    internal void Add(in DecisionColumns columns, in DecisionBody body, ReadOnlySpan<byte> payload) => Decisions.Add(new(
        columns.Id.Tagged(), columns.Point, columns.Ticks, columns.Unit, (short)columns.Marks, body.Option, (short)body.Reason, payload.ToArray()));

    internal void Add(in ObservationColumns columns, in ObservedValue observed, ReadOnlySpan<byte> payload) => Observations.Add(new(
        columns.Id.Tagged(), columns.Decision.Tagged(), columns.Unit, columns.Ticks, observed.ReceivedTicks, (short)columns.Marks,
        Encoding.UTF8.GetString(observed.Outcome), observed.Value, payload.ToArray()));

    /// <summary>Null when the row is not what was written.</summary>
    internal static DecisionRecord? Read(in DecisionRow row) =>
        DecisionCodec.Read(new(EventKey.OfTagged(row.Id), row.Point, row.Time, row.Unit, (RecordMarks)row.Marks), row.Payload);

    /// <inheritdoc cref="Read(in DecisionRow)"/>
    internal static ObservationRecord? Read(in ObservationRow row) =>
        ObservationCodec.Read(new(EventKey.OfTagged(row.Id), EventKey.OfTagged(row.Decision), row.Unit, row.Time, (RecordMarks)row.Marks), row.Payload);
}
