using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Looper.Core.Blueprints;

namespace Looper.Core.Serving;

/// <summary>
/// The bytes of a snapshot on disk: <c>LPRSNAP</c> and a zero byte, format version (4), length of what follows the header (8),
/// its SHA-256 (32), then the values of a <see cref="SnapshotSource"/>. All numbers little-endian. Data, never code.
/// </summary>
public static class SnapshotCodec
{
    public const int FormatVersion = 8;
    private const int HeaderBytes = 8 + 4 + 8 + 32;

    private static ReadOnlySpan<byte> Magic => "LPRSNAP\0"u8;

    public static byte[] Write(SnapshotSource source)
    {
        using var memory = new MemoryStream();
        memory.Write(new byte[HeaderBytes]);
        using (var writer = new BinaryWriter(memory, Encoding.UTF8, leaveOpen: true)) WriteSource(writer, source);
        var bytes = memory.ToArray();
        var body = bytes.AsSpan(HeaderBytes);
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), FormatVersion);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(12), body.Length);
        SHA256.HashData(body, bytes.AsSpan(20, 32));
        return bytes;
    }

    /// <summary>What was written, or <c>snapshot.invalid</c>: foreign, of another version, cut short, changed.</summary>
    public static Answered<SnapshotSource> Read(ReadOnlyMemory<byte> bytes) =>
        bytes.Length >= HeaderBytes && !SHA256.HashData(bytes.Span[HeaderBytes..]).AsSpan().SequenceEqual(bytes.Span.Slice(20, 32)) ? Bad("its content was changed") : ReadChecked(bytes);

    /// <summary>The same, for bytes whose checksum is known to be right.</summary>
    internal static Answered<SnapshotSource> ReadChecked(ReadOnlyMemory<byte> bytes)
    {
        var header = bytes.Span;
        if (header.Length < HeaderBytes || !header[..8].SequenceEqual(Magic)) return Bad("it is not a snapshot");
        if (BinaryPrimitives.ReadInt32LittleEndian(header[8..]) is var version && version != FormatVersion) return Bad($"its format is {version}, this program reads {FormatVersion}");
        if (BinaryPrimitives.ReadInt64LittleEndian(header[12..]) != bytes.Length - HeaderBytes) return Bad("it is cut short or too long");
        try
        {
            var cursor = new SnapshotCursor(bytes[HeaderBytes..]);
            var source = ReadSource(cursor);
            return cursor.IsAtEnd ? source : Bad("it holds more than a snapshot");
        }
        catch (Exception fault) when (fault is FormatException or JsonException or ArgumentException)
        {
            return Bad(fault.Message);
        }
    }

    private static Refusal Bad(string why) => new("snapshot.invalid", $"The snapshot cannot be used: {why}.");

    private static void WriteSource(BinaryWriter to, SnapshotSource source)
    {
        to.Write(source.ReadAt.UtcTicks);
        WriteAll(to, source.Points, WritePoint);
    }

    private static SnapshotSource ReadSource(SnapshotCursor from) => new(from.Time(), from.All(ReadPoint));

    private static void WritePoint(BinaryWriter to, PointSource point)
    {
        to.Write(point.Id.ToByteArray());
        WriteText(to, point.Key);
        to.Write(point.Salt);
        to.Write(point.CurrentVersion);
        to.Write((byte)((point.IsPaused ? 1 : 0) | (point.IsArchived ? 2 : 0) | (point.IsSimulated ? 4 : 0)));
        WriteAll(to, point.Blueprints, (w, b) => { w.Write(b.Version); WriteText(w, b.Content); });
        WriteAll(to, point.Versions, (w, v) => { w.Write(v.Version); w.Write((byte)v.Shape); WriteAll(w, v.Options, WriteText); });
        WriteAll(to, point.Models, (w, m) => { w.Write(m.Number); WriteText(w, m.Outcome); WriteBytes(w, m.Artefact); });
        WriteAll(to, point.Experiments, WriteExperiment);
        WriteBytes(to, point.Bandit);
        WriteAll(to, point.FormerOutcomes, (w, o) => { WriteText(w, o.Name); w.Write((byte)o.Kind); });
    }

    private static PointSource ReadPoint(SnapshotCursor from)
    {
        var (id, key, salt, current, marks) = (from.Id(), from.Text(), from.Long(), from.Int(), from.Byte());
        return new(
            id, key, salt, current, (marks & 1) != 0, (marks & 2) != 0, (marks & 4) != 0,
            from.All(c => new BlueprintSource(c.Int(), c.Text())),
            from.All(c => new VersionWords(c.Int(), (DecisionShape)c.Byte(), c.All(o => o.Text()))),
            from.All(c => new ModelSource(c.Int(), c.Text(), c.Bytes())),
            from.All(ReadExperiment))
        {
            Bandit = from.Bytes(),
            FormerOutcomes = from.All(c => new AskedOutcome(c.Text(), (OutcomeKind)c.Byte())),
        };
    }

    private static void WriteExperiment(BinaryWriter to, ExperimentSource experiment)
    {
        to.Write(experiment.Id.ToByteArray());
        WriteText(to, experiment.Key);
        to.Write(experiment.Salt);
        to.Write(experiment.Traffic);
        to.Write(experiment.Holdout);
        to.Write(experiment.IsRunning);
        to.Write(experiment.StartedAt.UtcTicks);
        WriteAll(to, experiment.Arms, (w, a) =>
        {
            WriteText(w, a.Key);
            w.Write(a.Weight);
            WriteText(w, a.Option is null ? "" : "=" + a.Option);
            WriteText(w, a.Policy is null ? "" : JsonSerializer.Serialize(a.Policy, BlueprintJson.Options));
            w.Write(a.BlueprintVersion ?? -1);
            WriteBytes(w, a.Bandit);
        });
        WriteAll(to, experiment.Audience, (w, c) => { WriteText(w, c.Feature); w.Write((byte)c.Rule); WriteText(w, c.Value); });
        WriteAll(to, experiment.Testers, (w, t) => { WriteText(w, t.Unit); w.Write(t.Arm); });
        WriteText(to, experiment.Layer ?? "");
        to.Write(experiment.LayerFrom);
        WriteText(to, experiment.Cluster ?? "");
        to.Write(experiment.Slots?.Minutes ?? 0);
        WriteText(to, experiment.Slots?.Region ?? "");
        WriteAll(to, experiment.Shares, (w, s) => { w.Write(s.From.UtcTicks); WriteAll(w, s.Weights, (v, weight) => v.Write(weight)); });
    }

    private static ExperimentSource ReadExperiment(SnapshotCursor from) => new(
        from.Id(), from.Text(), from.Long(), from.Double(), from.Double(), from.Byte() != 0, from.Time(), from.All(c => new ArmSource(
            c.Text(), c.Double(), c.Text() is { Length: > 0 } option ? option[1..] : null,
            c.Text() is { Length: > 0 } policy ? JsonSerializer.Deserialize<PolicySpec>(policy, BlueprintJson.Options) : null,
            c.Int() is >= 0 and var version ? version : null) { Bandit = c.Bytes() }))
    {
        Audience = from.All(c => new AudienceSource(c.Text(), (AudienceRule)c.Byte(), c.Text())),
        Testers = from.All(c => new TesterSource(c.Text(), c.Int())),
        Layer = from.Text() is { Length: > 0 } layer ? layer : null,
        LayerFrom = from.Double(),
        Cluster = from.Text() is { Length: > 0 } cluster ? cluster : null,
        Slots = ReadSlots(from.Int(), from.Text()),
        Shares = from.All(c => new SharesSource(c.Time(), c.All(w => w.Double()))),
    };

    private static SlotSource? ReadSlots(int minutes, string region) => minutes > 0 ? new(minutes, region.Length > 0 ? region : null) : null;

    private static void WriteAll<T>(BinaryWriter to, ImmutableArray<T> items, Action<BinaryWriter, T> write)
    {
        to.Write(items.Length);
        foreach (var item in items) write(to, item);
    }

    private static void WriteBytes(BinaryWriter to, ReadOnlyMemory<byte> bytes)
    {
        to.Write(bytes.Length);
        to.Write(bytes.Span);
    }

    private static void WriteText(BinaryWriter to, string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        to.Write(utf8.Length);
        to.Write(utf8);
    }
}
