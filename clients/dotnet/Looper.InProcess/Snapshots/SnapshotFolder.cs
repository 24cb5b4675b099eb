using Looper.Client;

namespace Looper.InProcess.Snapshots;

/// <summary>Snapshots on disk, a file for each decision point: written to a temporary file, flushed, then renamed. They name testers' units, so only their owner may read them.</summary>
/// <remarks>Safe for several threads. One process writes; others that name the same folder read only. Who reads a file checks what is in it.</remarks>
internal sealed class SnapshotFolder(string folder) : IDisposable
{
    private const string LockName = "snapshots-in-use";
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _directory = Path.GetFullPath(folder);
    private readonly Lock _gate = new();
    private FileStream? _owned; // held open by the one process that writes
    private bool _isDisposed;

    /// <returns>Null where there is none, or a problem in a sentence.</returns>
    public byte[]? Read(string point, int most, out string? problem)
    {
        problem = null;
        try
        {
            var file = new FileInfo(PathOf(point));
            if (!file.Exists) return null;
            if (file.Length <= most) return File.ReadAllBytes(file.FullName);
            problem = $"The snapshot {file.FullName} cannot be used: {file.Length} bytes are too many.";
        }
        catch (Exception fault)
        {
            problem = $"The snapshot {PathOf(point)} cannot be read. {FaultText.Of(fault)}.";
        }
        return null;
    }

    /// <returns>What went wrong, in a sentence, or null.</returns>
    public string? Save(string point, byte[] bytes)
    {
        try
        {
            lock (_gate)
            {
                if (!Own()) return null;
                var temporary = PathOf(point) + ".tmp";
                using (var stream = new FileStream(temporary, Writing(FileMode.Create)))
                {
                    stream.Write(bytes);
                    stream.Flush(flushToDisk: true);
                }
                File.Move(temporary, PathOf(point), overwrite: true);
            }
            return null;
        }
        catch (Exception fault)
        {
            return $"The snapshot of '{point}' cannot be kept in {_directory}, so a start without Looper has an older one or none. {FaultText.Of(fault)}.";
        }
    }

    /// <summary>What Looper took back is not decided with by a later start.</summary>
    public void Delete(string point)
    {
        try
        {
            lock (_gate)
            {
                if (File.Exists(PathOf(point)) && Own()) File.Delete(PathOf(point));
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // a later start finds it, and hears from Looper that it may not be used
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _owned?.Dispose();
        }
    }

    private string PathOf(string point) => Path.Combine(_directory, point + ".snapshot");

    private bool Own()
    {
        if (_isDisposed) return false;
        PrivateFolder.Make(_directory);
        var path = Path.Combine(_directory, LockName);
        try
        {
            _owned ??= new FileStream(path, Writing(FileMode.OpenOrCreate));
            return true;
        }
        catch (IOException) when (File.Exists(path)) // another process has it open, and keeps the same
        {
            return false;
        }
    }

    private static FileStreamOptions Writing(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = Private;
        return options;
    }
}
