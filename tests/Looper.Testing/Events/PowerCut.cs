using Looper.Core.Numerics;

namespace Looper.Testing.Events;

/// <summary>What is on the disk after the power went: of each file all that was flushed, and of the rest, operation by operation, a
/// seeded choice of dropped, whole, or torn at sectors of 512 bytes.</summary>
public static class PowerCut
{
    private const int Sector = 512;

    /// <param name="operations">Carried out before the cut.</param>
    /// <param name="keepAll">The process was killed instead: the system still writes everything.</param>
    public static Dictionary<string, byte[]> Images(ReadOnlySpan<FileOperation> operations, Philox random, bool keepAll = false)
    {
        var flushed = new Dictionary<string, byte[]>();
        var pending = new Dictionary<string, List<(int Number, FileOperation Operation)>>();
        for (var i = 0; i < operations.Length; i++)
        {
            var operation = operations[i];
            var name = Path.GetFileName(operation.Path);
            if (!pending.TryGetValue(name, out var waiting)) pending[name] = waiting = [];
            waiting.Add((i, operation));
            if (operation is not ({ Call: FileCall.Sync } or { Call: FileCall.Delete, Offset: 1 })) continue;
            var reach = operation.Call == FileCall.Sync ? i - (int)operation.Offset : i + 1;
            foreach (var (number, one) in waiting)
            {
                if (number < reach) Apply(flushed, name, one, one.Bytes);
            }
            waiting.RemoveAll(w => w.Number < reach || w.Operation.Call == FileCall.Sync);
        }
        foreach (var (name, waiting) in pending)
        {
            foreach (var (_, operation) in waiting)
            {
                var fate = keepAll ? 1 : random.NextUInt32() % 3;
                if (fate == 0) continue;
                if (fate == 1 || operation.Call != FileCall.Write) Apply(flushed, name, operation, operation.Bytes);
                else Tear(flushed, name, operation, random);
            }
        }
        return flushed;
    }

    public static void Write(Dictionary<string, byte[]> images, string folder)
    {
        foreach (var (name, bytes) in images) File.WriteAllBytes(Path.Combine(folder, name), bytes);
    }

    private static void Tear(Dictionary<string, byte[]> files, string name, FileOperation write, Philox random)
    {
        for (var at = 0; at < write.Bytes.Length; at += Sector)
        {
            if (random.NextUInt32() % 2 == 0) continue;
            Apply(files, name, write with { Offset = write.Offset + at }, write.Bytes.AsSpan(at, Math.Min(Sector, write.Bytes.Length - at)));
        }
    }

    private static void Apply(Dictionary<string, byte[]> files, string name, FileOperation operation, ReadOnlySpan<byte> bytes)
    {
        var content = files.GetValueOrDefault(name, []);
        switch (operation.Call)
        {
            case FileCall.Write:
                if (content.Length < operation.Offset + bytes.Length) Array.Resize(ref content, (int)operation.Offset + bytes.Length);
                bytes.CopyTo(content.AsSpan((int)operation.Offset));
                files[name] = content;
                break;
            case FileCall.Truncate when content.Length > operation.Offset:
                files[name] = content[..(int)operation.Offset];
                break;
            case FileCall.Delete:
                files.Remove(name);
                break;
        }
    }
}
