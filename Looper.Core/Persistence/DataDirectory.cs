using System.Globalization;
using Microsoft.Extensions.Options;

namespace Looper.Core.Persistence;

/// <summary>The one directory an installation writes to, and the lock that keeps a second process out of it.</summary>
public sealed class DataDirectory(IOptions<LooperOptions> options) : IDisposable
{
    private FileStream? _lock;

    public string Path { get; } = System.IO.Path.GetFullPath(options.Value.DataDirectory);

    /// <param name="name">A name of ours, never of a user.</param>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Makes a directory in here that only its owner may enter, and returns its path.</summary>
    /// <exception cref="StartRefusedException">It cannot be made.</exception>
    public string Folder(string name)
    {
        Make(Path);
        return Make(File(name));
    }

    /// <summary>Makes the directory and takes it for this process.</summary>
    /// <exception cref="StartRefusedException">Another process has it, it lies on a network file system, or a restore or a refill of it was cut short.</exception>
    public void Open() => Open(restoring: false, refilling: false);

    /// <inheritdoc cref="Open()"/>
    /// <param name="restoring">A backup is being put there: what an earlier restore left is its to deal with.</param>
    /// <param name="refilling">A server's events are coming back: what an earlier refill left is its to deal with.</param>
    public void Open(bool restoring = false, bool refilling = false)
    {
        if (_lock is not null) return;
        if (!restoring) RefuseUnfinished();
        if (!restoring && !refilling && RefillMark.Is(Path))
            throw new StartRefusedException($"A refill of {Path} was cut short, and units that were erased may be in it again. Run it to its end first: refill, with the same settings.");
        Make(Path);
        if (FormatOf(Path) is { } format && IsNetwork(format))
            throw new StartRefusedException($"{Path} lies on a network file system ({format}), whose locks and flushes cannot be relied upon. Give a directory on a local disk with Looper:DataDirectory.");
        var owner = File("looper.pid");
        try
        {
            // The system lets go of this lock when the process ends, however it ends.
            _lock = new FileStream(File("looper.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            System.IO.File.WriteAllText(owner, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        }
        catch (IOException held) when (_lock is null && IsHeld(held))
        {
            var pid = System.IO.File.Exists(owner) ? System.IO.File.ReadAllText(owner).Trim() : "unknown";
            throw new StartRefusedException(
                $"{Path} is in use by the Looper process {pid}. Stop it, or give this one a directory of its own with Looper:DataDirectory.");
        }
        catch (IOException fault)
        {
            Dispose();
            throw new StartRefusedException($"Looper cannot write to {Path}: {fault.Message} See that its disk works and has room, or give another directory with Looper:DataDirectory.", fault);
        }
        catch (UnauthorizedAccessException denied)
        {
            Dispose();
            throw new StartRefusedException($"Looper may not write to {Path}: {denied.Message} Let its account write there, or give another directory with Looper:DataDirectory.", denied);
        }
    }

    // EWOULDBLOCK as Linux and macOS number it; sharing and lock violation of Windows.
    private static bool IsHeld(IOException fault) => fault.HResult is 11 or 35 or unchecked((int)0x8007_0020) or unchecked((int)0x8007_0021);

    // Killed between two moves, a restore leaves its files beside a directory that is not there.
    private void RefuseUnfinished()
    {
        var receipts = RestoreMark.Read(Path) ?? (System.IO.File.Exists(File("looper.lock")) ? null : RestoreMark.Read(RestoreMark.Gathering(Path)));
        if (receipts is null) return;
        throw new StartRefusedException(
            $"A restore into {Path} was cut short, and units that were erased may be in it again. Run it to its end first: restore --from BACKUP --replace{(receipts.Length > 0 ? $" --erasures {receipts}" : "")}");
    }

    public void Dispose()
    {
        _lock?.Dispose();
        _lock = null;
    }

    /// <summary>By the system's name for the format: NFS and the SMB family.</summary>
    internal static bool IsNetwork(string format) => format is "nfs" or "nfs4" or "cifs" or "smb" or "smb2" or "smb3" or "smbfs" or "afpfs" or "afs" or "fuse.sshfs";

    private static string? FormatOf(string path)
    {
        try
        {
            return new DriveInfo(path).DriveFormat.ToLowerInvariant();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null; // a system that does not say
        }
    }

    private static string Make(string path)
    {
        try
        {
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
            else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return path;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException($"The data directory {path} cannot be made: {fault.Message} Give one that may be written to with Looper:DataDirectory.", fault);
        }
    }
}
