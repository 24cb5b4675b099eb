using System.Globalization;
using System.Text.Json;

namespace Looper.Client.Delivery;

/// <summary>Parcels on disk: numbered files of up to 1,000 lines, handed to the system before the product is answered, so that they survive the process.</summary>
/// <remarks>Not safe for several threads. A disk that fails is tried again after a minute; until then parcels are in memory only.</remarks>
internal sealed class Spool(Freight freight, string folder, TimeProvider clock) : IDisposable
{
    private const int LinesPerFile = 1_000;
    private const string Extension = ".jsonl";
    private const string LockName = "in-use";

    /// <summary>A disk that failed, or a directory that was in use, is tried again after so long.</summary>
    public static readonly TimeSpan TryAgainAfter = TimeSpan.FromMinutes(1);

    private readonly HashSet<string> _known = []; // files whose lines wait in this process
    private readonly string _directory = Path.GetFullPath(Path.Combine(folder, freight.Folder));
    private FileStream? _owned; // held open by the one process that may use the directory
    private FileStream? _writing;
    private SpoolFile? _current;
    private long _number, _failedAt;
    private bool _hasFailed;

    /// <summary>Whether the directory is still to be taken, and may be tried.</summary>
    public bool IsToBeOpened => _owned is null && MayTry();

    public bool IsOpen => _owned is not null;

    /// <summary>Takes the directory, and reads what an earlier client left there, oldest first.</summary>
    /// <returns>What went wrong, in a sentence, or null.</returns>
    public string? Open(List<(byte[] Json, SpoolFile File)> left)
    {
        try
        {
            PrivateFolder.Make(folder);
            PrivateFolder.Make(_directory);
            _owned = new FileStream(Path.Combine(_directory, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            var (unread, closed) = (0, new List<string>());
            foreach (var (number, path) in Files())
            {
                _number = Math.Max(_number, number);
                if (_known.Contains(path)) continue;
                try
                {
                    unread += Read(new SpoolFile(path), left);
                }
                catch (Exception fault) when (fault is IOException or UnauthorizedAccessException) // it stays where it is; the others are read
                {
                    closed.Add(Path.GetFileName(path));
                }
            }
            _known.UnionWith(left.Select(l => l.File.Path));
            return (unread, closed.Count) switch
            {
                (0, 0) => null,
                (_, 0) => $"{unread} lines in the spool {_directory} were cut short or damaged, and are left out.",
                _ => $"In the spool {_directory} {string.Join(", ", closed)} cannot be read, and stays there unsent{(unread > 0 ? $"; {unread} lines of others were cut short or damaged" : "")}.",
            };
        }
        catch (Exception fault)
        {
            left.Clear(); // read again with the next try
            GiveUp();
            return Failed(fault);
        }
    }

    /// <summary>Writes one parcel.</summary>
    /// <param name="problem">Where it is in memory only, and that is new: why, in a sentence.</param>
    /// <returns>The file that it is in now; null where it is in memory only.</returns>
    public SpoolFile? Write(byte[] json, out string? problem)
    {
        problem = null;
        if (_owned is null || !MayTry()) return null;
        try
        {
            if (_current is not null && !File.Exists(_current.Path)) throw new IOException("What was written there has been removed.");
            if (_current is null || _current.Lines >= LinesPerFile) Next();
            var line = new byte[json.Length + 1];
            json.CopyTo(line, 0);
            line[^1] = (byte)'\n';
            _writing!.Write(line); // unbuffered: it is the system's now
            _current!.Lines++;
            _current.Waiting++;
            return _current;
        }
        catch (Exception fault)
        {
            problem = Failed(fault);
            Leave(); // its last line may be cut short, so nothing is written behind it
            if (!File.Exists(Path.Combine(_directory, LockName))) GiveUp(); // the directory is gone, so it is to be made and taken again
            return null;
        }
    }

    /// <summary>One line of the file waits no more.</summary>
    public void Done(SpoolFile file)
    {
        if (--file.Waiting > 0) return;
        if (file == _current) Leave();
        else Delete(file);
    }

    /// <summary>Whether its lines are still there for a later client.</summary>
    public static bool Holds(SpoolFile file) => File.Exists(file.Path);

    public void Dispose()
    {
        Leave();
        GiveUp();
    }

    private void GiveUp()
    {
        _owned?.Dispose();
        _owned = null;
    }

    private void Next()
    {
        Leave();
        var path = Path.Combine(_directory, (_number + 1).ToString("D12", CultureInfo.InvariantCulture) + Extension);
        _writing = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        _current = new SpoolFile(path);
        _known.Add(path);
        _number++;
    }

    private void Leave()
    {
        try
        {
            _writing?.Dispose();
        }
        catch (IOException)
        {
            // every line was written, or was said not to be
        }
        if (_current is { Waiting: 0 } done) Delete(done);
        (_writing, _current) = (null, null);
    }

    private void Delete(SpoolFile file)
    {
        _known.Remove(file.Path);
        try
        {
            File.Delete(file.Path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // sent once more by a later client, under the same ids
        }
    }

    private List<(long Number, string Path)> Files()
    {
        List<(long, string)> files = [];
        foreach (var path in Directory.EnumerateFiles(_directory, "*" + Extension))
        {
            if (long.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var number)) files.Add((number, path));
        }
        files.Sort();
        return files;
    }

    /// <returns>Lines that are no parcel.</returns>
    private int Read(SpoolFile file, List<(byte[] Json, SpoolFile File)> left)
    {
        var (bytes, unread) = (File.ReadAllBytes(file.Path), 0);
        for (var rest = bytes.AsSpan(); !rest.IsEmpty;)
        {
            var end = rest.IndexOf((byte)'\n');
            var line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? [] : rest[(end + 1)..];
            file.Lines++;
            if (end < 0 || !IsObject(line))
            {
                unread++;
                continue;
            }
            left.Add((line.ToArray(), file));
            file.Waiting++;
        }
        if (file.Waiting == 0) Delete(file);
        return unread;
    }

    private static bool IsObject(ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return false;
            reader.Skip();
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private bool MayTry() => !_hasFailed || clock.GetElapsedTime(_failedAt) >= TryAgainAfter;

    private string Failed(Exception fault)
    {
        (_hasFailed, _failedAt) = (true, clock.GetTimestamp());
        return $"{freight.All} are kept in memory only for now, and end with the process: the spool {_directory} cannot be used. {FaultText.Of(fault)}.";
    }
}
