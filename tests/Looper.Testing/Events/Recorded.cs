using System.Text;
using Looper.Core.Events;
using Looper.Core.Serving;

namespace Looper.Testing.Events;

/// <summary>Events with sensible defaults: say only what the test is about.</summary>
public static class Recorded
{
    public static Guid Banner { get; } = new("019aa000-0000-7000-8000-000000000001");

    public static DateTimeOffset Noon { get; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static DecisionRecord Decision(
        string id, string unit = "user-1", Guid? point = null, DateTimeOffset? time = null, int option = 0, Reason reason = Reason.Policy,
        Guid? experiment = null, int arm = -1, ulong hash = 1, RecordMarks marks = RecordMarks.None) => new()
    {
        Id = id,
        DecisionPointId = point ?? Banner,
        Unit = unit,
        Time = time ?? Noon,
        BlueprintVersion = 3,
        Option = option,
        Propensity = 0.25,
        Reason = reason,
        ExperimentId = experiment,
        Arm = arm,
        ModelNumber = 7,
        Served = Row(),
        Scores = [0.1, 0.2, 0.3],
        RequestHash = hash,
        Marks = marks,
    };

    public static ObservationRecord Observation(
        string id, string? decision = null, string? unit = null, string outcome = "purchase", double value = 1, DateTimeOffset? time = null,
        DateTimeOffset? received = null, ulong hash = 1, RecordMarks marks = RecordMarks.None) => new()
    {
        Id = id,
        DecisionId = decision,
        Unit = unit,
        Outcome = outcome,
        Value = value,
        Time = time ?? Noon,
        ReceivedAt = received ?? time ?? Noon,
        RequestHash = hash,
        Marks = marks,
    };

    /// <summary>Candidates without features, answered in this order; so many of them were shown, for certain.</summary>
    public static byte[] Ranking(int shown, params string[] ids)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write((byte)2);
        writer.Write((ushort)ids.Length);
        writer.Write((ushort)shown);
        for (var place = 0; place < ids.Length; place++) writer.Write((ushort)place);
        for (var place = 0; place < shown; place++) writer.Write(1.0);
        foreach (var id in ids.Select(Encoding.UTF8.GetBytes))
        {
            writer.Write((ushort)id.Length);
            writer.Write(id);
            writer.Write(0); // no features
        }
        writer.Flush();
        return bytes.ToArray();
    }

    /// <summary>Three features as served: a number, a text, a missing one.</summary>
    public static byte[] Row()
    {
        var row = new byte[64];
        var length = ServedRow.WriteNumber(row, 83.5);
        length += ServedRow.WriteText(row.AsSpan(length), Encoding.UTF8.GetBytes("NL"));
        length += ServedRow.WriteMissing(row.AsSpan(length));
        return row[..length];
    }
}
