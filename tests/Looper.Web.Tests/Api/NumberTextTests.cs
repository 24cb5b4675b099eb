using System.Buffers.Text;
using System.Text;
using Looper.Core.Numerics;
using Looper.Web.Api;

namespace Looper.Web.Tests.Api;

public sealed class NumberTextTests
{
    [Fact]
    public void A_number_is_written_as_the_framework_writes_it_however_often()
    {
        var draw = new Philox(5);
        var numbers = Enumerable.Range(0, 500).Select(i => i % 3 == 0 ? Math.Round(draw.Uniform(), 3) : draw.Normal() * Math.Pow(10, draw.Below(600) - 300)).Append(0.0).Append(-0.0).ToArray();
        Span<byte> plain = stackalloc byte[64], ours = stackalloc byte[64];
        for (var i = 0; i < 20_000; i++)
        {
            var number = numbers[draw.Below(i % 2 == 0 ? 20 : numbers.Length)];
            Assert.True(Utf8Formatter.TryFormat(number, plain, out var length));
            Assert.True(NumberText.TryWrite(number, ours, out var written));
            Assert.Equal(Encoding.ASCII.GetString(plain[..length]), Encoding.ASCII.GetString(ours[..written]));
        }
    }

    [Fact]
    public void One_that_does_not_fit_is_not_written()
    {
        Assert.False(NumberText.TryWrite(0.125, stackalloc byte[4], out _));
        Assert.False(NumberText.TryWrite(0.125, stackalloc byte[4], out _));
        Assert.True(NumberText.TryWrite(0.125, stackalloc byte[5], out var written));
        Assert.Equal(5, written);
    }
}
