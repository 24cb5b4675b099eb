namespace Looper.Client.Tests;

/// <summary>Clients that wait for nothing but what a test is about.</summary>
internal static class Clients
{
    public const string Key = "lpr_test";

    /// <param name="random">Where in its range a wait falls: 0.001 for hardly any.</param>
    public static LooperClient Of(
        string url, TimeSpan? budget = null, string? spool = null, int limit = 100_000, int batch = 500, double random = 0.001, TimeSpan? flushEvery = null, TimeProvider? clock = null,
        Action<Problem>? onProblem = null) => new(new()
        {
            Url = url, ApiKey = Key, Budget = budget ?? TimeSpan.FromSeconds(20), SpoolDirectory = spool, SpoolLimit = limit, BatchSize = batch, Random = () => random,
            FlushEvery = flushEvery ?? TimeSpan.FromMilliseconds(10), CloseWithin = clock is null ? TimeSpan.FromSeconds(20) : TimeSpan.Zero, Clock = clock ?? TimeProvider.System, OnProblem = onProblem,
        });

    /// <summary>Whether everything taken before was delivered or dropped; by the clock on the wall, whichever the client has.</summary>
    public static Task<bool> DeliversAsync(this LooperClient client) => client.FlushAsync(TimeSpan.FromDays(1)).WaitAsync(TimeSpan.FromSeconds(30));
}
