using Looper.Core.Optimization;

namespace Looper.Core.Tests.Optimization;

public class SobolIndicesTests
{
    [Fact] // Ishigami's function, a = 7, b = 0.1: exact indices
    public void Importance_is_that_of_the_known_function()
    {
        var space = new ParameterSpace([.. Enumerable.Range(1, 3).Select(j => new Parameter($"x{j}", ParameterKind.Real) { Low = -Math.PI, High = Math.PI })]);
        var indices = SobolIndices.Of(space, u =>
        {
            var x = u.Select(v => -Math.PI + 2 * Math.PI * v).ToArray();
            return Math.Sin(x[0]) + 7 * Math.Pow(Math.Sin(x[1]), 2) + 0.1 * Math.Pow(x[2], 4) * Math.Sin(x[0]);
        });
        (double First, double Total)[] exact = [(0.314, 0.558), (0.442, 0.442), (0, 0.244)];
        for (var j = 0; j < 3; j++)
        {
            Assert.Equal(exact[j].First, indices[j].First, 0.02);
            Assert.Equal(exact[j].Total, indices[j].Total, 0.02);
        }
    }

    [Fact]
    public void What_does_not_vary_has_no_important_parameter() =>
        Assert.True(double.IsNaN(SobolIndices.Of(new([new("x", ParameterKind.Real) { High = 1 }]), _ => 3)[0].Total));
}
