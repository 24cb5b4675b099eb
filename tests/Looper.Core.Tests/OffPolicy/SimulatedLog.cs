using Looper.Core.Numerics;
using Looper.Core.OffPolicy;

namespace Looper.Core.Tests.OffPolicy;

/// <summary>Two options, one of which is right for each unit: 0.3 when right, 0.1 when wrong. The log gives the right one with one probability, the
/// policy with another, so that its true value is known.</summary>
internal sealed record SimulatedLog(LoggedRows Rows, double Truth)
{
    public static SimulatedLog Make(int n, long seed, double wanted, double logged, int rowsPerUnit = 1)
    {
        var random = new Philox(seed, "simulated-log");
        var (weights, rewards, units) = (new double[n], new double[n], new int[n]);
        for (var i = 0; i < n; i++)
        {
            var right = random.Uniform() < logged;
            weights[i] = right ? wanted / logged : (1 - wanted) / (1 - logged);
            rewards[i] = random.Uniform() < (right ? 0.3 : 0.1) ? 1 : 0;
            units[i] = i / rowsPerUnit;
        }
        return new(new(weights, rewards, units), 0.1 + 0.2 * wanted);
    }
}
