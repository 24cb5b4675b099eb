using Looper.Core.Serving;
using System.Buffers.Binary;
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
    // Asked with &, since HasFlag makes garbage until the code is optimised.
    [Flags]
    private enum Parts : byte
    {
        Value = 1,
        Propensity = 2,
        Experiment = 4,
        Scores = 8,
        Candidates = 16,
        Configuration = 32,

        /// <summary>Always there in the version before, which did not say so.</summary>
        RequestHash = 64,

        /// <summary>One divided by a count, which stands in its place: most are that.</summary>
        EvenPropensity = 128,
    }

    public static int MaxBytes(DecisionRecord record) =>
        128 + (record.UnitUtf8.Length is > 0 and var unit ? unit : Encoding.UTF8.GetMaxByteCount(record.Unit.Length)) + record.Served.Length + record.Candidates.Length + record.Configuration.Length + (record.Scores.Length * sizeof(double));

    /// <param name="destination">At least <see cref="MaxBytes"/>.</param>
    public static ReadOnlySpan<byte> Write(DecisionRecord record, in DecisionColumns columns, Span<byte> destination)
    {
        var even = EvenOver(record.Propensity);
        var parts = (double.IsNaN(record.Value) ? 0 : Parts.Value) | (even > 0 ? Parts.EvenPropensity : double.IsNaN(record.Propensity) ? 0 : Parts.Propensity)
            | (record.RequestHash == 0 ? 0 : Parts.RequestHash)
            | (record.ExperimentId is null ? 0 : Parts.Experiment) | (record.Scores.IsDefaultOrEmpty ? 0 : Parts.Scores)
            | (record.Candidates.IsEmpty ? 0 : Parts.Candidates) | (record.Configuration.IsEmpty ? 0 : Parts.Configuration);
        var writer = new PayloadWriter(destination);
        writer.Byte((byte)parts);
        writer.Byte((byte)record.Reason);
        writer.Count((uint)record.BlueprintVersion);
        writer.Count((uint)record.ModelNumber);
        writer.Signed(record.Option);
        if ((parts & Parts.RequestHash) != 0) writer.Fixed(record.RequestHash);
        if ((parts & Parts.Value) != 0) writer.Number(record.Value);
        if (even > 0) writer.Byte((byte)even);
        else if ((parts & Parts.Propensity) != 0) writer.Number(record.Propensity);
        if ((parts & Parts.Experiment) != 0)
        {
            writer.Uuid(record.ExperimentId!.Value);
            writer.Signed(record.Arm);
        }
        if (record.UnitUtf8 is { IsEmpty: false } unit) writer.Text(unit);
        else writer.Text(record.Unit);
        writer.Text(record.Served.Span);
        if ((parts & Parts.Scores) != 0)
        {
            writer.Count((uint)record.Scores.Length);
            foreach (var score in record.Scores) writer.Number(score);
        }
        if ((parts & Parts.Candidates) != 0) writer.Text(record.Candidates.Span);
        if ((parts & Parts.Configuration) != 0) writer.Text(record.Configuration.Span);
        return writer.Seal(columns.Check());
    }

    /// <summary>Of how many options, each as likely, this is bit for bit the chance; 0 for none up to 255.</summary>
    private static int EvenOver(double propensity)
    {
        var count = Math.Round(1 / propensity);
        return count is >= 1 and <= byte.MaxValue && 1 / count == propensity ? (int)count : 0;
    }

    /// <summary>False when the checksum, the version or the form is wrong.</summary>
    public static bool TryRead(scoped in DecisionColumns columns, ReadOnlySpan<byte> payload, out DecisionBody body)
    {
        var reader = new PayloadReader(payload, columns.Check());
        var parts = (Parts)reader.Byte() | (reader.HasLength ? Parts.RequestHash : 0);
        body = new()
        {
            Reason = (Reason)reader.Byte(),
            BlueprintVersion = (int)reader.Count(),
            ModelNumber = (int)reader.Count(),
            Option = reader.Signed(),
            RequestHash = (parts & Parts.RequestHash) != 0 ? reader.Fixed() : 0,
            Value = (parts & Parts.Value) != 0 ? reader.Number() : double.NaN,
            Propensity = (parts & Parts.EvenPropensity) != 0 ? 1.0 / reader.Byte() : (parts & Parts.Propensity) != 0 ? reader.Number() : double.NaN,
            ExperimentId = (parts & Parts.Experiment) != 0 ? reader.Uuid() : null,
            Arm = (parts & Parts.Experiment) != 0 ? reader.Signed() : -1,
            Unit = reader.Text(),
            Served = reader.Text(),
            Scores = (parts & Parts.Scores) != 0 ? reader.Numbers() : default,
            Candidates = (parts & Parts.Candidates) != 0 ? reader.Text() : default,
            Configuration = (parts & Parts.Configuration) != 0 ? reader.Text() : default,
        };
        return !reader.IsBad && reader.IsAtEnd;
    }

    /// <summary>Null when the checksum, the version or the form is wrong.</summary>
    public static DecisionRecord? Read(in DecisionColumns columns, ReadOnlySpan<byte> payload) => !TryRead(columns, payload, out var body)
        ? null
        : new DecisionRecord
        {
            Id = columns.Id.ToString(),
            DecisionPointId = columns.Point,
            Unit = Encoding.UTF8.GetString(body.Unit),
            Time = new DateTimeOffset(columns.Ticks, TimeSpan.Zero),
            BlueprintVersion = body.BlueprintVersion,
            Option = body.Option,
            Value = body.Value,
            Propensity = body.Propensity,
            Reason = body.Reason,
            ExperimentId = body.ExperimentId,
            Arm = body.Arm,
            ModelNumber = body.ModelNumber,
            Marks = columns.Marks,
            Served = body.Served.ToArray(),
            Candidates = body.Candidates.ToArray(),
            Configuration = body.Configuration.ToArray(),
            Scores = Scores(body.Scores),
            RequestHash = body.RequestHash,
        };

    private static ImmutableArray<double> Scores(ReadOnlySpan<byte> bytes)
    {
        var scores = new double[bytes.Length / sizeof(double)];
        for (var i = 0; i < scores.Length; i++) scores[i] = BinaryPrimitives.ReadDoubleLittleEndian(bytes[(i * sizeof(double))..]);
        return ImmutableCollectionsMarshal.AsImmutableArray(scores);
    }
}

/// <summary>A decision as it lies in its row; spans into the payload.</summary>
internal readonly ref struct DecisionBody
{
    public Reason Reason { get; init; }
    public int BlueprintVersion { get; init; }
    public int ModelNumber { get; init; }
    public int Option { get; init; }
    public ulong RequestHash { get; init; }
    public double Value { get; init; }
    public double Propensity { get; init; }
    public Guid? ExperimentId { get; init; }

    /// <summary>−1 outside an experiment.</summary>
    public int Arm { get; init; }

    public ReadOnlySpan<byte> Unit { get; init; }
    public ReadOnlySpan<byte> Served { get; init; }

    /// <summary>Eight bytes each.</summary>
    public ReadOnlySpan<byte> Scores { get; init; }

    public ReadOnlySpan<byte> Candidates { get; init; }
    public ReadOnlySpan<byte> Configuration { get; init; }
}
