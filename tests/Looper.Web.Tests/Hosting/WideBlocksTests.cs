using System.Buffers;
using Looper.Web.Hosting;

namespace Looper.Web.Tests.Hosting;

public sealed class WideBlocksTests
{
    private const int Asked = 4 * 1024, Wide = 64 * 1024, Most = 512;

    [Fact]
    public void Blocks_are_wide_until_they_take_32_MB_and_again_when_some_came_back()
    {
        using var pool = new WideBlocks().Create();
        var rented = Enumerable.Range(0, Most).Select(_ => pool.Rent(Asked)).ToList();
        Assert.All(rented, b => Assert.Equal(Wide, b.Memory.Length));
        IMemoryOwner<byte> narrow = pool.Rent(Asked), large = pool.Rent(Wide * 2);
        Assert.Equal(Asked, narrow.Memory.Length);
        Assert.True(large.Memory.Length >= Wide * 2);
        rented[0].Dispose();
        rented[0].Dispose(); // counts once
        using var again = pool.Rent(Asked);
        using var beyond = pool.Rent(Asked);
        Assert.Equal((Wide, Asked), (again.Memory.Length, beyond.Memory.Length));
        rented.ForEach(b => b.Dispose());
        narrow.Dispose();
        large.Dispose();
    }
}
