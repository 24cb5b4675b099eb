using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Looper.Core.Learning;

namespace Looper.Core.Serving;

/// <summary>Beside the file of a decision point, what its models were compiled to: a start that finds it compiles nothing and does not read the artefacts.
/// Only the very program that wrote one reads it; without it the decision point is compiled from its own file.</summary>
/// <remarks><c>LPRPLAN</c> and a zero byte, the program's identity (16), SHA-256 of what follows (32), a snapshot (<see cref="SnapshotCodec"/>) of the decision
/// point without the artefacts that are compiled, then the compiled forms. Nothing in it is trusted: what it says is looked at before it is scored with.</remarks>
public sealed class CompiledFiles(string folder)
{
    private const int HeaderBytes = 8 + 16 + 32;
    private static readonly Guid s_program = typeof(CompiledFiles).Module.ModuleVersionId;
    private readonly string _points = Path.Combine(folder, "points");

    private static ReadOnlySpan<byte> Magic => "LPRPLAN\0"u8;

    /// <summary>The decision point of a file, ready to serve; null where it is not there or unfit.</summary>
    public DecisionPointSnapshot? Read(PointFile file)
    {
        byte[] bytes = [];
        try
        {
            using var handle = File.OpenHandle(PathOf(file));
            var length = (int)Math.Min(RandomAccess.GetLength(handle), int.MaxValue / 2);
            bytes = ArrayPool<byte>.Shared.Rent(length); // what is kept of it is copied: a thousand of them would be much to clear and collect
            return RandomAccess.Read(handle, bytes.AsSpan(0, length), 0) == length ? Read(bytes.AsMemory(0, length), file.Id) : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArtefactFault)
        {
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <summary>Keeps what a decision point was compiled to, unless it is there already.</summary>
    public void Save(PointFile file, PointSource source, DecisionPointSnapshot point)
    {
        if (point.Forms.IsEmpty) return;
        var path = PathOf(file);
        using (var stream = new FileStream(path + ".tmp", FileMode.Create, FileAccess.Write, FileShare.None)) stream.Write(Write(source, point));
        File.Move(path + ".tmp", path, overwrite: true); // not flushed: one that a power cut has torn is unfit, and made again
    }

    private string PathOf(PointFile file) => Path.Combine(_points, Path.ChangeExtension(file.Name, ".plan"));

    private static byte[] Write(PointSource source, DecisionPointSnapshot point)
    {
        using var memory = new MemoryStream();
        memory.Write(new byte[HeaderBytes]);
        using (var to = new BinaryWriter(memory, Encoding.UTF8, leaveOpen: true))
        {
            var compiled = source with { Models = [.. source.Models.Select(m => point.NeedsArtefact.Contains(m.Number) ? m : m with { Artefact = default })] };
            WriteBlock(to, SnapshotCodec.Write(new(DateTimeOffset.UnixEpoch, [compiled])));
            to.Write(point.Forms.Length);
            foreach (var form in point.Forms)
            {
                var head = new ArtefactWriter();
                head.WriteHead(form.Columns, form.Calibration);
                to.Write(form.Model);
                WriteBlock(to, head.Payload);
                form.Trees.Write(to);
            }
        }
        var bytes = memory.ToArray();
        Magic.CopyTo(bytes);
        s_program.TryWriteBytes(bytes.AsSpan(8));
        SHA256.HashData(bytes.AsSpan(HeaderBytes), bytes.AsSpan(24, 32));
        return bytes;
    }

    private static DecisionPointSnapshot? Read(ReadOnlyMemory<byte> bytes, Guid id)
    {
        var header = bytes.Span;
        if (header.Length < HeaderBytes || !header.StartsWith(Magic) || new Guid(header.Slice(8, 16)) != s_program) return null;
        if (!SHA256.HashData(header[HeaderBytes..]).AsSpan().SequenceEqual(header.Slice(24, 32))) return null;
        var length = BinaryPrimitives.ReadInt32LittleEndian(header[HeaderBytes..]);
        if (length < 0 || length > header.Length - HeaderBytes - sizeof(int)) return null;
        if (SnapshotCodec.ReadChecked(bytes.Slice(HeaderBytes + sizeof(int), length)).Value is not { Points: [var source] } || source.Id != id) return null;
        var forms = Forms(header[(HeaderBytes + sizeof(int) + length)..]);
        var point = DecisionPointSnapshot.Compile(source, forms);
        return !point.HasUnreadableModel && point.Forms.Length == forms.Length && source.Models.All(m => !m.Artefact.IsEmpty || !point.NeedsArtefact.Contains(m.Number)) ? point : null;
    }

    private static ImmutableArray<CompiledForm> Forms(ReadOnlySpan<byte> bytes)
    {
        var from = new BlockReader(bytes);
        var forms = ImmutableArray.CreateBuilder<CompiledForm>(from.Count(HeaderBytes));
        for (var i = 0; i < forms.Capacity; i++)
        {
            var model = from.Int();
            var (columns, calibration) = new ArtefactReader(from.Bytes()).ReadHead();
            forms.Add(new(model, columns, calibration, CompiledTrees.Read(ref from, columns.Length)));
        }
        return from.IsAtEnd ? forms.MoveToImmutable() : throw new ArtefactFault("it holds more than its forms");
    }

    private static void WriteBlock(BinaryWriter to, ReadOnlySpan<byte> bytes)
    {
        to.Write(bytes.Length);
        to.Write(bytes);
    }
}
