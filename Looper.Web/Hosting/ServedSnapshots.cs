using System.Collections.Frozen;
using Looper.Core.Serving;

namespace Looper.Web.Hosting;

/// <summary>The snapshot of each decision point as it serves here, as bytes, for apps that decide in their own process: its file, or what the database holds where there is none.</summary>
public sealed class ServedSnapshots(SnapshotFiles files, SnapshotBuilder builder)
{
    private FrozenDictionary<Guid, PointFile> _files = FrozenDictionary<Guid, PointFile>.Empty;

    /// <summary>The hash of what <see cref="ReadAsync"/> gives; null where only reading tells.</summary>
    public string? HashOf(Guid id) => Volatile.Read(ref _files).TryGetValue(id, out var file) ? file.Hash : null;

    /// <summary>Null where it can be read neither from its file nor from the database.</summary>
    public async Task<(string Hash, byte[] Bytes)?> ReadAsync(Guid id, CancellationToken cancel)
    {
        if (Volatile.Read(ref _files).TryGetValue(id, out var file) && files.Bytes(file) is { } written) return (file.Hash, written);
        if (await builder.ReadAsync([id], cancel) is not [var source]) return null; // its file was taken away, changed, or could not be written
        var bytes = SnapshotFiles.BytesOf(source);
        return (PointFile.HashOf(bytes), bytes);
    }

    /// <summary>What serves from now on and is in its file.</summary>
    internal void Serve(IEnumerable<PointFile> written) => Volatile.Write(ref _files, written.ToFrozenDictionary(f => f.Id));
}
