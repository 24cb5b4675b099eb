using System.Collections.Immutable;
using System.Globalization;

namespace Looper.Core.Serving;

/// <summary>A file that was found unfit and set aside.</summary>
public sealed record RejectedFile(string File, Refusal Why);

/// <param name="Source">Null when no file could be used.</param>
public sealed record LoadedSnapshot(SnapshotSource? Source, ImmutableArray<RejectedFile> Rejected);

/// <summary>
/// Snapshots beside the data: <c>snapshot-{number}.bin</c>, the highest number the newest, three kept. Written to a temporary
/// file, flushed, then renamed, so that a file under its name is whole; one that is not is renamed <c>.bad</c>.
/// </summary>
public sealed class SnapshotFiles(string folder)
{
    public const int Generations = 3;
    private const long MaxBytes = 2_000_000_000;

    public void Save(SnapshotSource source)
    {
        Directory.CreateDirectory(folder);
        var files = Numbered();
        var target = Path.Combine(folder, FormattableString.Invariant($"snapshot-{(files.IsEmpty ? 1 : files[0].Number + 1):D8}.bin"));
        var temporary = target + ".tmp";
        using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            stream.Write(SnapshotCodec.Write(source));
            stream.Flush(flushToDisk: true);
        }
        File.Move(temporary, target, overwrite: true);
        foreach (var old in files.Skip(Generations - 1)) File.Delete(old.Path);
    }

    /// <summary>The newest that is whole.</summary>
    public LoadedSnapshot Load()
    {
        var rejected = ImmutableArray.CreateBuilder<RejectedFile>();
        foreach (var (_, path) in Numbered())
        {
            var read = Read(path);
            if (read.Value is { } source) return new(source, rejected.ToImmutable());
            rejected.Add(new(path, read.Refusal!));
            File.Move(path, path + ".bad", overwrite: true);
        }
        return new(null, rejected.ToImmutable());
    }

    private static Answered<SnapshotSource> Read(string path)
    {
        var length = new FileInfo(path).Length;
        return length > MaxBytes ? new Refusal("snapshot.invalid", $"The snapshot cannot be used: {length} bytes are too many.") : SnapshotCodec.Read(File.ReadAllBytes(path));
    }

    /// <summary>Newest first.</summary>
    private ImmutableArray<(long Number, string Path)> Numbered() => !Directory.Exists(folder) ? [] :
    [
        .. Directory.EnumerateFiles(folder, "snapshot-*.bin")
            .Select(path => (Number: long.TryParse(Path.GetFileNameWithoutExtension(path)["snapshot-".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : -1, Path: path))
            .Where(file => file.Number >= 0)
            .OrderByDescending(file => file.Number),
    ];
}
