using System.Collections.Frozen;
using System.Collections.Immutable;
using Looper.Core.Serving;

namespace Looper.Web.Hosting;

/// <summary>The snapshot of each decision point as it serves here, as bytes, for apps that decide in their own process: its file, or what could not be written to one.</summary>
public sealed class ServedSnapshots(SnapshotFiles files, SnapshotBuilder builder)
{
    private FrozenDictionary<Guid, PointFile> _files = FrozenDictionary<Guid, PointFile>.Empty;
    private ImmutableDictionary<Guid, byte[]> _unwritten = ImmutableDictionary<Guid, byte[]>.Empty;

    /// <summary>The hash of what <see cref="BytesAsync"/> gives; null while nothing is known of the decision point.</summary>
    public string? HashOf(Guid id) => Volatile.Read(ref _unwritten).TryGetValue(id, out var bytes) ? PointFile.HashOf(bytes)
        : Volatile.Read(ref _files).TryGetValue(id, out var file) ? file.Hash : null;

    /// <summary>Null where it can be read neither from its file nor from the database.</summary>
    public async Task<byte[]?> BytesAsync(Guid id, CancellationToken cancel)
    {
        if (Volatile.Read(ref _unwritten).TryGetValue(id, out var bytes)) return bytes;
        if (Volatile.Read(ref _files).TryGetValue(id, out var file) && files.Bytes(file) is { } written) return written;
        if (await builder.ReadAsync([id], cancel) is not [var source]) return null;
        var again = SnapshotFiles.BytesOf(source); // its file was taken away or changed
        ImmutableInterlocked.Update(ref _unwritten, kept => kept.SetItem(id, again));
        return again;
    }

    /// <summary>What serves from now on.</summary>
    internal void Serve(IEnumerable<PointFile> written, IEnumerable<PointSource> unwritten)
    {
        Volatile.Write(ref _files, written.ToFrozenDictionary(f => f.Id));
        Volatile.Write(ref _unwritten, unwritten.ToImmutableDictionary(p => p.Id, SnapshotFiles.BytesOf));
    }
}
