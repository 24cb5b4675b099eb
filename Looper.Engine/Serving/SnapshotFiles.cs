using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Looper.Core.Serving;

/// <summary>A file that was found unfit and set aside.</summary>
public sealed record RejectedFile(string File, Refusal Why);

/// <param name="Source">Null when no file could be used.</param>
public sealed record LoadedSnapshot(SnapshotSource? Source, ImmutableArray<RejectedFile> Rejected);

/// <summary>The file of one decision point, by the hash of its bytes.</summary>
/// <param name="Print">Hash of what tells this state of the decision point from others in the database; zeros where the file holds another.</param>
public readonly record struct PointFile(Guid Id, string Hash, string Print)
{
    public static string NoPrint { get; } = new('0', 64);

    /// <summary>The hash of a text that changes whenever the decision point would serve differently.</summary>
    public static string PrintOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>What a file of these bytes is named by.</summary>
    public static string HashOf(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    internal string Name => $"{Id:N}-{Hash}.bin";
}

/// <summary>
/// Snapshots beside the data: <c>snapshot-{number}.bin</c> lists the files of its decision points, the highest number the newest, three
/// kept. A decision point has a file of its own, named by its content, so that a change writes that one and a list. Written to a
/// temporary file, flushed, then renamed, so that a file under its name is whole; one that is not is renamed <c>.bad</c>.
/// </summary>
public sealed class SnapshotFiles(string folder)
{
    public const int Generations = 3;
    private const string Head = "looper-snapshot 4";
    private const long MaxBytes = 2_000_000_000;
    private const int IdDigits = 32, HashDigits = 64;
    private static readonly SearchValues<char> s_digits = SearchValues.Create("0123456789abcdef");

    private readonly string _points = Path.Combine(folder, "points");

    public void Save(SnapshotSource source) => SaveList(source.ReadAt, [.. source.Points.Select(p => SavePoint(p, PointFile.NoPrint))]);

    /// <summary>What the file of a decision point holds: a snapshot of it alone, always the same bytes for the same content.</summary>
    public static byte[] BytesOf(PointSource point) => SnapshotCodec.Write(new(DateTimeOffset.UnixEpoch, [point]));

    /// <summary>Writes one decision point, unless the same is there already.</summary>
    public PointFile SavePoint(PointSource point, string print)
    {
        var bytes = BytesOf(point);
        var file = new PointFile(point.Id, PointFile.HashOf(bytes), print);
        var target = Path.Combine(_points, file.Name);
        Directory.CreateDirectory(_points);
        if (!File.Exists(target) || new FileInfo(target).Length != bytes.Length) Write(target, bytes);
        return file;
    }

    /// <summary>Makes these decision points the newest snapshot.</summary>
    public void SaveList(DateTimeOffset readAt, IReadOnlyCollection<PointFile> points)
    {
        Directory.CreateDirectory(folder);
        var lists = Numbered();
        var text = new StringBuilder().Append(Head).Append(' ').AppendLine(readAt.UtcTicks.ToString(CultureInfo.InvariantCulture));
        foreach (var point in points) text.Append(point.Id.ToString("N")).Append(' ').Append(point.Hash).Append(' ').AppendLine(point.Print);
        text.AppendLine(Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text.ToString()))));
        var number = lists.IsEmpty ? 1 : lists[0].Number + 1;
        Write(Path.Combine(folder, FormattableString.Invariant($"snapshot-{number:D8}.bin")), Encoding.ASCII.GetBytes(text.ToString()));
        foreach (var old in lists.Skip(Generations - 1)) File.Delete(old.Path);
        DeleteUnlisted(points);
    }

    /// <summary>The newest that is whole.</summary>
    public LoadedSnapshot Load()
    {
        var rejected = ImmutableArray.CreateBuilder<RejectedFile>();
        foreach (var (_, path) in Numbered())
        {
            if (Read(path, rejected) is { } source) return new(source, rejected.ToImmutable());
            File.Move(path, path + ".bad", overwrite: true);
        }
        return new(null, rejected.ToImmutable());
    }

    /// <summary>The files of the newest list that is whole; none where the disk cannot be read.</summary>
    public IReadOnlyDictionary<Guid, PointFile> Newest() =>
        Try(() => Numbered().Select(l => List(l.Path)).FirstOrDefault(l => l is not null)?.Points.ToDictionary(p => p.Id)) ?? [];

    /// <summary>The bytes of a file; null where it is not there, or holds others.</summary>
    public byte[]? Bytes(PointFile file) => Try(() =>
    {
        var path = Path.Combine(_points, file.Name);
        return File.Exists(path) && File.ReadAllBytes(path) is var bytes && PointFile.HashOf(bytes) == file.Hash ? bytes : null;
    });

    /// <summary>What a file holds; null where it cannot be used.</summary>
    public PointSource? Read(PointFile file) => Try(() => ReadPoint(file).Value);

    private static T? Try<T>(Func<T?> read) where T : class
    {
        try
        {
            return read();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>One decision point as it was written, newest first; files that cannot be used are passed over.</summary>
    public IEnumerable<PointSource> Written(Guid id)
    {
        foreach (var file in Numbered().SelectMany(l => List(l.Path)?.Points ?? []).Where(p => p.Id == id).DistinctBy(p => p.Hash))
        {
            if (ReadPoint(file).Value is { } point) yield return point;
        }
    }

    private SnapshotSource? Read(string path, ImmutableArray<RejectedFile>.Builder rejected)
    {
        if (List(path) is not { } list)
        {
            rejected.Add(new(path, Unfit("its list is cut short or was changed")));
            return null;
        }
        var points = ImmutableArray.CreateBuilder<PointSource>(list.Points.Length);
        foreach (var file in list.Points)
        {
            var read = ReadPoint(file);
            if (read.Value is { } point)
            {
                points.Add(point);
                continue;
            }
            var bad = Path.Combine(_points, file.Name);
            if (File.Exists(bad)) File.Move(bad, bad + ".bad", overwrite: true);
            rejected.Add(new(bad, read.Refusal!));
            rejected.Add(new(path, Unfit("the file of one of its decision points cannot be used")));
            return null;
        }
        return new(list.ReadAt, points.MoveToImmutable());
    }

    private Answered<PointSource> ReadPoint(PointFile file)
    {
        var path = Path.Combine(_points, file.Name);
        if (!File.Exists(path)) return Unfit("it is not there");
        if (new FileInfo(path).Length is var length && length > MaxBytes) return Unfit($"{length} bytes are too many");
        var bytes = File.ReadAllBytes(path);
        if (PointFile.HashOf(bytes) != file.Hash) return Unfit("its content was changed");
        var read = SnapshotCodec.ReadChecked(bytes);
        if (read.Refusal is { } refusal) return refusal;
        return read.Value is { Points: [var point] } && point.Id == file.Id ? point : Unfit("it holds something else");
    }

    private static (DateTimeOffset ReadAt, ImmutableArray<PointFile> Points)? List(string path)
    {
        if (new FileInfo(path).Length > MaxBytes) return null;
        var text = File.ReadAllText(path, Encoding.ASCII);
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length < 2 || !text.EndsWith(lines[^1] + "\n", StringComparison.Ordinal)) return null;
        var signed = text[..^(lines[^1].Length + 1)];
        if (Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(signed))) != lines[^1]) return null;
        var head = lines[0].Split(' ');
        if (head.Length != 3 || $"{head[0]} {head[1]}" != Head || !long.TryParse(head[2], CultureInfo.InvariantCulture, out var ticks)
            || ticks < 0 || ticks > DateTimeOffset.MaxValue.Ticks) return null;
        var points = ImmutableArray.CreateBuilder<PointFile>(lines.Length - 2);
        foreach (var line in lines[1..^1])
        {
            if (line.Split(' ') is not [{ Length: IdDigits } first, { Length: HashDigits } hash, { Length: HashDigits } print] || !Guid.TryParseExact(first, "N", out var id)
                || hash.AsSpan().ContainsAnyExcept(s_digits) || print.AsSpan().ContainsAnyExcept(s_digits)) return null;
            points.Add(new(id, hash, print));
        }
        return (new(ticks, TimeSpan.Zero), points.MoveToImmutable());
    }

    private static Refusal Unfit(string why) => new("snapshot.invalid", $"The snapshot cannot be used: {why}.");

    private static void Write(string target, byte[] bytes)
    {
        var temporary = target + ".tmp";
        using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            stream.Write(bytes);
            stream.Flush(flushToDisk: true);
        }
        File.Move(temporary, target, overwrite: true);
    }

    private void DeleteUnlisted(IReadOnlyCollection<PointFile> points)
    {
        if (!Directory.Exists(_points)) return;
        var kept = points.Concat(Numbered().SelectMany(l => List(l.Path)?.Points ?? [])).Select(p => Path.GetFileNameWithoutExtension(p.Name)).ToHashSet(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(_points).Where(p => Path.GetExtension(p) is ".bin" or ".plan"))
        {
            if (!kept.Contains(Path.GetFileNameWithoutExtension(path))) File.Delete(path);
        }
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
