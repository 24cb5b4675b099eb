using System.Text.Json;
using Looper.Core.Persistence;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Looper.Core.Access;

/// <summary>Keys and users as they were last read from a database server, kept in the data directory: a node that starts while its
/// server is away knows by them who may call. With SQLite the database is as near as these files would be, so nothing is kept. What cannot be
/// written keeps nobody out: it is said once, and tried again.</summary>
public sealed partial class LastKnown(DataDirectory directory, IOptions<LooperOptions> options, ILogger<LastKnown> log)
{
    private readonly Dictionary<string, byte[]> _kept = [];
    private readonly HashSet<string> _failing = [];

    /// <param name="name">A name of ours, never of a user.</param>
    internal void Keep<T>(string name, IReadOnlyList<T> all)
    {
        if (options.Value.Database == DatabaseKind.Sqlite) return;
        var bytes = JsonSerializer.SerializeToUtf8Bytes(all);
        lock (_kept)
        {
            if (_kept.GetValueOrDefault(name)?.AsSpan().SequenceEqual(bytes) == true) return;
            try
            {
                Write(File(name), bytes);
                _kept[name] = bytes;
                _failing.Remove(name);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or StartRefusedException) // the last where its folder cannot be made
            {
                if (_failing.Add(name)) NotKept(log, name, fault);
            }
        }
    }

    private static void Write(string file, byte[] bytes)
    {
        using (var stream = new FileStream(file + ".tmp", FileMode.Create, FileAccess.Write, FileShare.None))
        {
            stream.Write(bytes);
            stream.Flush(flushToDisk: true);
        }
        System.IO.File.Move(file + ".tmp", file, overwrite: true);
    }

    /// <summary>Null where nothing was kept, or what was kept cannot be read.</summary>
    internal List<T>? Find<T>(string name)
    {
        try
        {
            return System.IO.File.Exists(File(name)) ? JsonSerializer.Deserialize<List<T>>(System.IO.File.ReadAllBytes(File(name))) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [LoggerMessage(1507, LogLevel.Error, "access.not-kept: the {Name} last known cannot be written to the data directory; a start while the database server is away will not know what changed since", EventName = "access.not-kept")]
    private static partial void NotKept(ILogger log, string name, Exception cause);

    private string File(string name) => Path.Combine(directory.Folder("access"), name + ".json");
}
