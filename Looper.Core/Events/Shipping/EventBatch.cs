using System.Text;
using Looper.Core.Events.Records;

namespace Looper.Core.Events.Shipping;

/// <summary>A decision as a row of a server: what people may want to count stands in columns, everything in the payload, whose checksum covers the columns too.</summary>
/// <param name="Id">A byte for its kind (1 a UUID in 16 bytes, 2 a text in UTF-8, 3 derived from the content in 8 bytes), then itself.</param>
/// <param name="Time">UTC ticks.</param>
/// <param name="Unit">Hash of the unit.</param>
public readonly record struct DecisionRow(
    ReadOnlyMemory<byte> Id, Guid Point, long Time, long Unit, short Marks, int Option, short Reason, ReadOnlyMemory<byte> Payload);

/// <inheritdoc cref="DecisionRow"/>
/// <param name="Decision">Like <paramref name="Id"/>; empty where the observation names a unit.</param>
/// <param name="Unit">Hash of the unit; 0 where the observation names a decision.</param>
public readonly record struct ObservationRow(
    ReadOnlyMemory<byte> Id, ReadOnlyMemory<byte> Decision, long Unit, long Time, long ReceivedAt, short Marks, string Outcome, double Value, ReadOnlyMemory<byte> Payload);

/// <summary>Events on their way to a server. The payloads are those of the journal, byte for byte. Used again, so that a row costs no garbage.</summary>
public sealed class EventBatch
{
    private const int MostOutcomes = 64;

    private readonly RowBytes _bytes = new();
    private readonly List<(byte[] Utf8, string Name)> _outcomes = [];

    public List<DecisionRow> Decisions { get; } = [];
    public List<ObservationRow> Observations { get; } = [];

    public int Rows => Decisions.Count + Observations.Count;

    internal void Add(in DecisionColumns columns, in DecisionBody body, ReadOnlySpan<byte> payload) => Decisions.Add(new(
        Tagged(columns.Id), columns.Point, columns.Ticks, columns.Unit, (short)columns.Marks, body.Option, (short)body.Reason, _bytes.Keep(payload)));

    internal void Add(in ObservationColumns columns, in ObservedValue observed, ReadOnlySpan<byte> payload) => Observations.Add(new(
        Tagged(columns.Id), Tagged(columns.Decision), columns.Unit, columns.Ticks, observed.ReceivedTicks, (short)columns.Marks,
        NameOf(observed.Outcome), observed.Value, _bytes.Keep(payload)));

    /// <summary>Makes room for others: no row of before may be in use.</summary>
    internal void Clear()
    {
        Decisions.Clear();
        Observations.Clear();
        _bytes.Clear();
    }

    private ReadOnlyMemory<byte> Tagged(in EventKey key)
    {
        var room = _bytes.Room(key.TaggedLength);
        key.WriteTagged(room.Span);
        return room;
    }

    private string NameOf(ReadOnlySpan<byte> outcome)
    {
        foreach (var (utf8, known) in _outcomes) if (outcome.SequenceEqual(utf8)) return known;
        var name = Encoding.UTF8.GetString(outcome);
        if (_outcomes.Count < MostOutcomes) _outcomes.Add((outcome.ToArray(), name));
        return name;
    }

    /// <summary>Null when the row is not what was written.</summary>
    internal static DecisionRecord? Read(in DecisionRow row) =>
        DecisionCodec.Read(new(EventKey.OfTagged(row.Id.Span), row.Point, row.Time, row.Unit, (RecordMarks)row.Marks), row.Payload.Span);

    /// <inheritdoc cref="Read(in DecisionRow)"/>
    internal static ObservationRecord? Read(in ObservationRow row) =>
        ObservationCodec.Read(new(EventKey.OfTagged(row.Id.Span), EventKey.OfTagged(row.Decision.Span), row.Unit, row.Time, (RecordMarks)row.Marks), row.Payload.Span);
}
