using Looper.Core.Numerics;

namespace Looper.Core.Tests.Numerics;

public class SobolTests
{
    [Fact] // Joe and Kuo's own first points, in two dimensions
    public void The_plain_sequence_begins_as_published()
    {
        double[][] expected = [[0, 0], [.5, .5], [.75, .25], [.25, .75], [.375, .375], [.875, .875], [.625, .125], [.125, .625]];
        var sobol = new Sobol(2);
        var point = new double[2];
        for (var i = 0u; i < 8; i++)
        {
            sobol.Point(i, point);
            Assert.Equal(expected[i], point);
        }
    }

    [Fact] // identity of a digital net: 2^k points put exactly one into each of 2^k equal slices of every coordinate, scrambled or not
    public void Every_slice_of_every_coordinate_gets_its_point()
    {
        foreach (var sobol in (Sobol[])[new(Sobol.MaxDimensions), new(Sobol.MaxDimensions, new Philox(7))])
        {
            var counts = new int[Sobol.MaxDimensions, 256];
            var point = new double[Sobol.MaxDimensions];
            for (var i = 0u; i < 256; i++)
            {
                sobol.Point(i, point);
                for (var j = 0; j < point.Length; j++) counts[j, (int)(point[j] * 256)]++;
            }
            Assert.All(counts.Cast<int>(), c => Assert.Equal(1, c));
        }
    }

    [Fact]
    public void Another_seed_gives_another_set()
    {
        double[] a = new double[3], b = new double[3];
        new Sobol(3, new Philox(1)).Point(5, a);
        new Sobol(3, new Philox(2)).Point(5, b);
        Assert.NotEqual(a, b);
    }
}
