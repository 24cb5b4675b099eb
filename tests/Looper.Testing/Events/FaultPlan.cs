using System.Diagnostics;

namespace Looper.Testing.Events;

public enum FileCall
{
    Open,
    Write,
    Sync,
    Truncate,
    Delete,
}

/// <param name="Offset">Of a write; the new size of a truncation; 1 for a deletion whose folder is flushed; of a flush, how many operations came
/// while it ran.</param>
public sealed record FileOperation(FileCall Call, string Path, long Offset, byte[] Bytes)
{
    /// <summary>Monotonic.</summary>
    public long At { get; } = Stopwatch.GetTimestamp();
}

/// <summary>What the faulty file system does to the files of one folder: fail the N-th call, be full, record for a power cut.</summary>
public sealed class FaultPlan : IDisposable
{
    private readonly List<FileOperation> _operations = [];
    private readonly Dictionary<string, long> _sizes = [];
    private int _calls;

    public FaultPlan(string folder)
    {
        Folder = folder;
        FaultFileSystem.Use(this);
    }

    public string Folder { get; }

    /// <summary>The call, counted from 1 over all kinds, that fails once; 0 none does.</summary>
    public int FailAt { get; set; }

    /// <summary>Every call from <see cref="FailAt"/> on fails.</summary>
    public bool FailsOn { get; init; }

    /// <summary>What a failing write answers: SQLITE_IOERR_WRITE, or SQLITE_FULL 13.</summary>
    public int WriteCode { get; init; } = 778;

    /// <summary>Bytes that the files of the folder may have together; writes beyond get SQLITE_FULL.</summary>
    public long DiskBytes { get; set; } = long.MaxValue;

    /// <summary>Where writes to the database itself, not to its log, wait until it is open; null where nothing waits.</summary>
    public ManualResetEventSlim? DatabaseGate { get; set; }

    /// <summary>Writes to the database that were refused as beyond <see cref="DiskBytes"/>.</summary>
    public int RefusedFolds { get; private set; }

    public bool IsRecording { get; init; }

    /// <summary>A flush answers at once and does nothing: the baseline of a benchmark.</summary>
    public bool IgnoresSync { get; set; }

    /// <summary>The kind of the call that failed; null when none has.</summary>
    public FileCall? Failed { get; private set; }

    public int Calls
    {
        get
        {
            lock (_operations) return _calls;
        }
    }

    /// <summary>Operations so far, in the order the system carried them out.</summary>
    public int Recorded
    {
        get
        {
            lock (_operations) return _operations.Count;
        }
    }

    public FileOperation[] Operations()
    {
        lock (_operations) return [.. _operations];
    }

    /// <summary>Lets a call from now on fail, once.</summary>
    /// <param name="call">1 the next.</param>
    public void Arm(int call)
    {
        lock (_operations) (FailAt, Failed) = (_calls + call, null);
    }

    /// <summary>Nothing fails any more.</summary>
    public void Disarm()
    {
        lock (_operations) FailAt = 0;
    }

    public void Dispose() => FaultFileSystem.Forget(this);

    internal void Record(FileOperation operation)
    {
        if (!IsRecording) return;
        lock (_operations) _operations.Add(operation);
    }

    internal void RecordFlush(string path, int before)
    {
        if (!IsRecording) return;
        lock (_operations) _operations.Add(new(FileCall.Sync, path, _operations.Count - before, []));
    }

    /// <returns>0, or the code to fail with.</returns>
    internal int Fails(FileCall call, string path, long end)
    {
        var folds = call == FileCall.Write && path.EndsWith(".db", StringComparison.Ordinal);
        if (folds) DatabaseGate?.Wait();
        lock (_operations)
        {
            _calls++;
            if (call == FileCall.Write && end > _sizes.GetValueOrDefault(path))
            {
                if (_sizes.Values.Sum() - _sizes.GetValueOrDefault(path) + end > DiskBytes)
                {
                    if (folds) RefusedFolds++;
                    return 13;
                }
                _sizes[path] = end;
            }
            if (FailAt == 0 || (FailsOn ? _calls < FailAt : _calls != FailAt)) return 0;
            Failed ??= call;
            return call switch
            {
                FileCall.Open => 14, // SQLITE_CANTOPEN
                FileCall.Write => WriteCode,
                FileCall.Sync => 1034, // SQLITE_IOERR_FSYNC
                FileCall.Truncate => 1546, // SQLITE_IOERR_TRUNCATE
                _ => 2570, // SQLITE_IOERR_DELETE
            };
        }
    }
}
