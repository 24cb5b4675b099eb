using System.Security.Cryptography;

namespace Looper.Client;

/// <summary>Full jitter: a wait anywhere between nothing and a bound that doubles, so that clients that failed together do not come back together.</summary>
internal static class Jitter
{
    /// <param name="first">The bound after the first failure.</param>
    /// <param name="most">What the bound never exceeds.</param>
    /// <param name="failures">Failures before this one.</param>
    /// <param name="random">Uniform in [0, 1).</param>
    public static TimeSpan Wait(TimeSpan first, TimeSpan most, int failures, double random) =>
        random * (failures < 30 && first * (1 << failures) is var bound && bound < most ? bound : most);

    /// <summary>Uniform in [0, 1), of the system's randomness: processes that start together differ.</summary>
    public static double Uniform() => RandomNumberGenerator.GetInt32(1 << 30) / (double)(1 << 30);
}
