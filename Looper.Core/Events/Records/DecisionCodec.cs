using Looper.Core.Serving;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;

namespace Looper.Core.Events.Records;

/// <summary>The columns of a decision's row that stand beside its payload.</summary>
internal readonly ref struct DecisionColumns(EventKey id, Guid point, long ticks, long unit, RecordMarks marks)
{
    public EventKey Id { get; } = id;
    public Guid Point { get; } = point;
    public long Ticks { get; } = ticks;
    public long Unit { get; } = unit;
    public RecordMarks Marks { get; } = marks;

    public Checksum Check()
    {
        var checksum = new Checksum();
        Id.AddTo(ref checksum);
        Span<byte> point = stackalloc byte[16];
        Point.TryWriteBytes(point, bigEndian: true, out _);
        checksum.Add(point);
        checksum.Add(Ticks);
        checksum.Add(Unit);
        checksum.Add((byte)Marks);
        return checksum;
    }
}

/// <summary>A decision to bytes and back.</summary>
internal static class DecisionCodec
{
    [Flags]
    private enum Parts : byte
    {
        Value = 1,
        Propensity = 2,
        Experiment = 4,
        Scores = 8,
        Candidates = 16,
        Configuration = 32,
    }

    public static int MaxBytes(DecisionRecord record) =>
        128 + Encoding.UTF8.GetMaxByteCount(record.Unit.Length) + record.Served.Length + record.Candidates.Length + record.Configuration.Length + (record.Scores.Length * sizeof(double));

    /// <param name="destination">At least <see cref="MaxBytes"/>.</param>
    public static ReadOnlySpan<byte> Write(DecisionRecord record, in DecisionColumns columns, Span<byte> destination)
    {
        var parts = (double.IsNaN(record.Value) ? 0 : Parts.Value) | (double.IsNaN(record.Propensity) ? 0 : Parts.Propensity)
            | (record.ExperimentId is null ? 0 : Parts.Experiment) | (record.Scores.IsDefaultOrEmpty ? 0 : Parts.Scores)
            | (record.Candidates.IsEmpty ? 0 : Parts.Candidates) | (record.Configuration.IsEmpty ? 0 : Parts.Configuration);
        var writer = new PayloadWriter(destination);
        writer.Byte((byte)parts);
        writer.Byte((byte)record.Reason);
        writer.Count((uint)record.BlueprintVersion);
        writer.Count((uint)record.ModelNumber);
        writer.Signed(record.Option);
        writer.Fixed(record.RequestHash);
        if (parts.HasFlag(Parts.Value)) writer.Number(record.Value);
        if (parts.HasFlag(Parts.Propensity)) writer.Number(record.Propensity);
        if (parts.HasFlag(Parts.Experiment))
        {
            writer.Uuid(record.ExperimentId!.Value);
            writer.Signed(record.Arm);
        }
        writer.Text(record.Unit);
        writer.Text(record.Served.Span);
        if (parts.HasFlag(Parts.Scores))
        {
            writer.Count((uint)record.Scores.Length);
            foreach (var score in record.Scores) writer.Number(score);
        }
        if (parts.HasFlag(Parts.Candidates)) writer.Text(record.Candidates.Span);
        if (parts.HasFlag(Parts.Configuration)) writer.Text(record.Configuration.Span);
        return writer.Seal(columns.Check());
    }

    /// <summary>Null when the checksum, the version or the form is wrong.</summary>
    public static DecisionRecord? Read(in DecisionColumns columns, ReadOnlySpan<byte> payload)
    {
        var reader = new PayloadReader(payload, columns.Check());
        var parts = (Parts)reader.Byte();
        var reason = (Reason)reader.Byte();
        var blueprint = (int)reader.Count();
        var model = (int)reader.Count();
        var option = reader.Signed();
        var hash = reader.Fixed();
        var value = parts.HasFlag(Parts.Value) ? reader.Number() : double.NaN;
        var propensity = parts.HasFlag(Parts.Propensity) ? reader.Number() : double.NaN;
        Guid? experiment = parts.HasFlag(Parts.Experiment) ? reader.Uuid() : null;
        var arm = parts.HasFlag(Parts.Experiment) ? reader.Signed() : -1;
        var unit = reader.TextString();
        var served = reader.Text();
        var scores = parts.HasFlag(Parts.Scores) ? Scores(ref reader, payload.Length) : [];
        var candidates = parts.HasFlag(Parts.Candidates) ? reader.Text() : default;
        var configuration = parts.HasFlag(Parts.Configuration) ? reader.Text() : default;
        if (reader.IsBad || !reader.IsAtEnd) return null;
        return new DecisionRecord
        {
            Id = columns.Id.ToString(),
            DecisionPointId = columns.Point,
            Unit = unit,
            Time = new DateTimeOffset(columns.Ticks, TimeSpan.Zero),
            BlueprintVersion = blueprint,
            Option = option,
            Value = value,
            Propensity = propensity,
            Reason = reason,
            ExperimentId = experiment,
            Arm = arm,
            ModelNumber = model,
            Marks = columns.Marks,
            Served = served.ToArray(),
            Candidates = candidates.ToArray(),
            Configuration = configuration.ToArray(),
            Scores = scores,
            RequestHash = hash,
        };
    }

    private static ImmutableArray<double> Scores(ref PayloadReader reader, int payloadBytes)
    {
        var count = reader.Count();
        if (count > payloadBytes / sizeof(double)) return []; // the bytes left over make the record bad
        var scores = new double[count];
        for (var i = 0; i < scores.Length; i++) scores[i] = reader.Number();
        return ImmutableCollectionsMarshal.AsImmutableArray(scores);
    }
}
