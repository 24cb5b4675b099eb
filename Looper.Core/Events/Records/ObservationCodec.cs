using System.Text;

namespace Looper.Core.Events.Records;

/// <summary>The columns of an observation's row that stand beside its payload.</summary>
internal readonly ref struct ObservationColumns(EventKey id, EventKey decision, long unit, long ticks, RecordMarks marks)
{
    public EventKey Id { get; } = id;

    /// <summary>Empty where the observation names a unit.</summary>
    public EventKey Decision { get; } = decision;

    /// <summary>Hash of the unit; 0 where the observation names a decision.</summary>
    public long Unit { get; } = unit;

    public long Ticks { get; } = ticks;
    public RecordMarks Marks { get; } = marks;

    public Checksum Check()
    {
        var checksum = new Checksum();
        Id.AddTo(ref checksum);
        Decision.AddTo(ref checksum);
        checksum.Add(Unit);
        checksum.Add(Ticks);
        checksum.Add((byte)Marks);
        return checksum;
    }
}

/// <summary>What joining needs of an observation; spans into the row's payload.</summary>
internal readonly ref struct ObservedValue(ReadOnlySpan<byte> outcome, ReadOnlySpan<byte> unit, ReadOnlySpan<byte> candidate, double value, long receivedTicks, ulong requestHash)
{
    public ReadOnlySpan<byte> Outcome { get; } = outcome;

    /// <summary>Empty where the observation names a decision.</summary>
    public ReadOnlySpan<byte> Unit { get; } = unit;

    /// <summary>Empty where the observation belongs to no candidate.</summary>
    public ReadOnlySpan<byte> Candidate { get; } = candidate;

    public double Value { get; } = value;
    public long ReceivedTicks { get; } = receivedTicks;
    public ulong RequestHash { get; } = requestHash;
}

/// <summary>An observation to bytes and back. The candidate stands at the end, and only where there is one: other rows are as short as ever.</summary>
internal static class ObservationCodec
{
    public static int MaxBytes(ObservationRecord record) =>
        64 + Encoding.UTF8.GetMaxByteCount(record.Outcome.Length) + Encoding.UTF8.GetMaxByteCount(record.Unit?.Length ?? 0) + Encoding.UTF8.GetMaxByteCount(record.Candidate?.Length ?? 0);

    /// <param name="destination">At least <see cref="MaxBytes"/>.</param>
    public static ReadOnlySpan<byte> Write(ObservationRecord record, in ObservationColumns columns, Span<byte> destination)
    {
        var writer = new PayloadWriter(destination);
        writer.Text(record.Outcome);
        writer.Number(record.Value);
        writer.Fixed((ulong)record.ReceivedAt.UtcTicks);
        writer.Fixed(record.RequestHash);
        writer.Text(record.Unit ?? "");
        if (record.Candidate is { } candidate) writer.Text(candidate);
        return writer.Seal(columns.Check());
    }

    /// <summary>False when the checksum, the version or the form is wrong.</summary>
    public static bool TryRead(scoped in ObservationColumns columns, ReadOnlySpan<byte> payload, out ObservedValue observed)
    {
        var reader = new PayloadReader(payload, columns.Check());
        var outcome = reader.Text();
        var value = reader.Number();
        var received = (long)reader.Fixed();
        var hash = reader.Fixed();
        var unit = reader.Text();
        var candidate = reader.IsAtEnd ? default : reader.Text();
        observed = new(outcome, unit, candidate, value, received, hash);
        return !reader.IsBad && reader.IsAtEnd;
    }

    /// <summary>Null when the checksum, the version or the form is wrong.</summary>
    public static ObservationRecord? Read(scoped in ObservationColumns columns, ReadOnlySpan<byte> payload) => !TryRead(columns, payload, out var observed)
        ? null
        : new ObservationRecord
        {
            Id = columns.Id.ToString(),
            DecisionId = columns.Decision.Bytes.IsEmpty ? null : columns.Decision.ToString(),
            Unit = observed.Unit.IsEmpty ? null : Encoding.UTF8.GetString(observed.Unit),
            Candidate = observed.Candidate.IsEmpty ? null : Encoding.UTF8.GetString(observed.Candidate),
            Outcome = Encoding.UTF8.GetString(observed.Outcome),
            Value = observed.Value,
            Time = new DateTimeOffset(columns.Ticks, TimeSpan.Zero),
            ReceivedAt = new DateTimeOffset(observed.ReceivedTicks, TimeSpan.Zero),
            Marks = columns.Marks,
            RequestHash = observed.RequestHash,
        };
}
