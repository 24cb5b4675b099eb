using System.Text.Json;
using Looper.Core.Persistence;
using Microsoft.Extensions.Options;

namespace Looper.Core.Access;

/// <summary>Keys and users as they were last read from a database server, kept in the data directory: a node that starts while its
/// server is away knows by them who may call. With SQLite the database is as near as these files would be, so nothing is kept.</summary>
public sealed class LastKnown(DataDirectory directory, IOptions<LooperOptions> options)
{
    private readonly Dictionary<string, byte[]> _kept = [];

    /// <param name="name">A name of ours, never of a user.</param>
    internal void Keep<T>(string name, IReadOnlyList<T> all)
    {
        if (options.Value.Database == DatabaseKind.Sqlite) return;
        var bytes = JsonSerializer.SerializeToUtf8Bytes(all);
        lock (_kept)
        {
            if (_kept.GetValueOrDefault(name)?.AsSpan().SequenceEqual(bytes) == true) return;
            var file = File(name);
            using (var stream = new FileStream(file + ".tmp", FileMode.Create, FileAccess.Write, FileShare.None))
            {
                stream.Write(bytes);
                stream.Flush(flushToDisk: true);
            }
            System.IO.File.Move(file + ".tmp", file, overwrite: true);
            _kept[name] = bytes;
        }
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

    private string File(string name) => Path.Combine(directory.Folder("access"), name + ".json");
}
