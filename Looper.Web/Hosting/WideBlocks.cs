using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace Looper.Web.Hosting;

/// <summary>Memory that the server receives into and sends from, in blocks of 64 KB where it would take 4: it receives a block a call to the system, and the body of a
/// batch, which would come in tens of them, lies in one piece. An idle connection holds none.</summary>
/// <remarks>Where so many connections are busy at once that blocks take 32 MB, as when somebody opens thousands and sends each a byte, further ones are of 4 KB.</remarks>
internal sealed class WideBlocks : IMemoryPoolFactory<byte>
{
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new Pool();

    private sealed class Pool : MemoryPool<byte>
    {
        private const int WideBytes = 64 * 1024, NarrowBytes = 4 * 1024;
        private const long MostWide = 32 * 1024 * 1024;

        private long _wide;

        public override int MaxBufferSize => Array.MaxLength;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            if (minBufferSize > NarrowBytes) return Shared.Rent(minBufferSize);
            if (Interlocked.Add(ref _wide, WideBytes) <= MostWide) return new Block(this);
            Interlocked.Add(ref _wide, -WideBytes);
            return Shared.Rent(NarrowBytes);
        }

        protected override void Dispose(bool disposing) { }

        private sealed class Block(Pool pool) : IMemoryOwner<byte>
        {
            private byte[]? _bytes = ArrayPool<byte>.Shared.Rent(WideBytes);

            public Memory<byte> Memory => _bytes;

            public void Dispose()
            {
                if (Interlocked.Exchange(ref _bytes, null) is not { } bytes) return;
                ArrayPool<byte>.Shared.Return(bytes);
                Interlocked.Add(ref pool._wide, -WideBytes);
            }
        }
    }
}
