using System.Collections.Concurrent;
using System.Collections.Frozen;
using Looper.Core.Serving;

namespace Looper.Web.Hosting;

/// <summary>The snapshot of each decision point as it serves here, as bytes, for apps that decide in their own process: its file, or what the database holds where there is none.</summary>
public sealed class ServedSnapshots(SnapshotFiles files, SnapshotBuilder builder)
{
    private readonly ConcurrentDictionary<Guid, Held> _held = new();
    private FrozenDictionary<Guid, PointFile> _files = FrozenDictionary<Guid, PointFile>.Empty;

    /// <summary>The hash of what <see cref="ReadAsync"/> gives; null where only reading tells.</summary>
    public string? HashOf(Guid id) => Volatile.Read(ref _files).TryGetValue(id, out var file) ? file.Hash : null;

    /// <summary>Null where it can be read neither from its file nor from the database. Whoever downloads the same at once is given the same bytes.</summary>
    public async Task<(string Hash, ReadOnlyMemory<byte> Bytes)?> ReadAsync(Guid id, CancellationToken cancel)
    {
        var held = _held.GetOrAdd(id, _ => new());
        await held.One.WaitAsync(cancel);
        try
        {
            if (Volatile.Read(ref _files).TryGetValue(id, out var file) && (held.Find(file.Hash) ?? held.Keep(file.Hash, files.Bytes(file))) is { } written) return (file.Hash, written);
            if (await builder.ReadAsync([id], cancel) is not [var source]) return null; // its file was taken away, changed, or could not be written
            var bytes = SnapshotFiles.BytesOf(source);
            var hash = PointFile.HashOf(bytes);
            return (hash, held.Find(hash) ?? held.Keep(hash, bytes));
        }
        finally
        {
            held.One.Release();
        }
    }

    /// <summary>What serves from now on and is in its file.</summary>
    internal void Serve(IEnumerable<PointFile> written) => Volatile.Write(ref _files, written.ToFrozenDictionary(f => f.Id));

    /// <summary>The bytes of one decision point that are being sent. Nothing but those who send them keeps them in memory.</summary>
    private sealed class Held
    {
        private readonly WeakReference<byte[]> _bytes = new(null!);
        private string? _hash;

        /// <summary>One reads at a time: the others take what it read.</summary>
        public SemaphoreSlim One { get; } = new(1);

        public byte[]? Find(string hash) => _hash == hash && _bytes.TryGetTarget(out var bytes) ? bytes : null;

        public byte[]? Keep(string hash, byte[]? bytes)
        {
            if (bytes is null) return null;
            _bytes.SetTarget(bytes);
            _hash = hash;
            return bytes;
        }
    }
}
