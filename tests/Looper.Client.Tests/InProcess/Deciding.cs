using System.Net;
using System.Security.Cryptography;
using Looper.InProcess;

namespace Looper.Client.Tests.InProcess;

/// <summary>A Looper that gives a snapshot, or does anything else, and a process that decides by it.</summary>
internal sealed class Deciding : IAsyncDisposable
{
    private byte[]? _bytes;

    public Deciding(byte[]? bytes = null)
    {
        (_bytes, Looper.Answers) = (bytes, Healthy);
    }

    public FaultyLooper Looper { get; } = new();

    public List<Problem> Problems { get; } = [];

    /// <summary>What it gives as the snapshot of any decision point.</summary>
    public byte[]? Bytes
    {
        set => Volatile.Write(ref _bytes, value);
    }

    /// <summary>What it does instead when a snapshot is asked for.</summary>
    public Func<Call, Answer>? Snapshots { get; set; }

    public IEnumerable<Call> Refreshes => Looper.Calls.Where(c => c.IsSnapshot);

    public IEnumerable<Call> Delivered => Looper.Calls.Where(c => !c.IsSnapshot && !c.IsDecide);

    public Answer Healthy(Call call) => call.IsSnapshot ? (Snapshots ?? Given)(call) : Answer.Healthy(call);

    /// <summary>As Looper does.</summary>
    public Answer Given(Call call)
    {
        if (Volatile.Read(ref _bytes) is not { } bytes) return Refused(404);
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))}\"";
        return call.Head.Contains($"If-None-Match: {tag}", StringComparison.OrdinalIgnoreCase) ? new((int)HttpStatusCode.NotModified, "", $"ETag: {tag}\r\n") : new(200, "", $"ETag: {tag}\r\n") { Data = bytes };
    }

    public static Answer Refused(int status) => new(status, $$"""{"title":"A title","status":{{status}},"detail":"A reason and a way out.","code":"decision-point.unknown"}""");

    /// <param name="random">Where in its range a wait falls.</param>
    public InProcessOptions Options(
        string? spool = null, string? kept = null, TimeProvider? clock = null, TimeSpan? every = null, int limit = 100_000, string? url = null, double random = 0.001, TimeSpan? flushEvery = null) => new()
        {
            Client = new()
            {
                Url = url ?? Looper.Url, ApiKey = Clients.Key, Budget = TimeSpan.FromSeconds(20), SpoolDirectory = spool, Random = () => random, FlushEvery = flushEvery ?? TimeSpan.FromMilliseconds(10),
                CloseWithin = clock is null ? TimeSpan.FromSeconds(20) : TimeSpan.Zero, Clock = clock ?? TimeProvider.System, OnProblem = Note,
            },
            DecisionPoints = [Points.Banner], SnapshotDirectory = kept, RefreshEvery = every ?? TimeSpan.FromMilliseconds(100), DecisionLimit = limit,
        };

    public void Note(Problem problem)
    {
        lock (Problems) Problems.Add(problem);
    }

    public ValueTask DisposeAsync() => Looper.DisposeAsync();
}

internal static class InProcessVerbs
{
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(30);

    /// <summary>By the clock on the wall, whichever it has.</summary>
    public static Task<bool> IsReadyAsync(this InProcessLooper looper) => looper.ReadyAsync(TimeSpan.FromDays(1)).WaitAsync(s_long);

    public static Task<bool> DeliversAsync(this InProcessLooper looper) => looper.FlushAsync(TimeSpan.FromDays(1)).WaitAsync(s_long);

    public static ValueTask<Decision<string>> BannerAsync(this InProcessLooper looper, string unit = "user-42", string? decisionId = null) =>
        looper.DecideAsync(Points.Banner, unit, "fallback", new { country = "NL", cartValue = 83.5 }, decisionId: decisionId);

    public static DecisionPointState State(this InProcessLooper looper) => Assert.Single(looper.DecisionPoints);
}
