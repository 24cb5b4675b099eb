using System.Buffers;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Events;
using Looper.Core.Metering;
using Looper.Core.Serving;
using Looper.Web.Hosting;

namespace Looper.Web.Api;

/// <summary>What the data routes work with, and how they let a call in. They know keys only, never cookies.</summary>
internal sealed class DataRoutes(
    DecisionEngine engine, Journal journal, ApiKeyRing keys, SnapshotRefresher refresher, BatchGate gate, BatchThreads threads, UnrecordedDecisions unrecorded, WorkMeter work, Ids ids, TimeProvider clock)
{
    public const long CallBytes = 64 * 1024;

    /// <summary>Of a decide call: 500 candidates of 1 KB.</summary>
    public const long DecideBytes = 512 * 1024;

    public const long BatchBytes = 4 * 1024 * 1024;
    public const int BatchItems = 1_000;

    // Of a large body that has begun to come: a whole batch within some two minutes. The server's own rate is counted over the whole body, so it would let one that
    // sent all but its last byte stall for hours.
    private const long LeastBytesPerSecond = 32 * 1024;
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(5);

    private readonly UnfinishedBodies _unfinished = new();

    public DecisionEngine Engine { get; } = engine;
    public Journal Journal { get; } = journal;
    public UnrecordedDecisions Unrecorded { get; } = unrecorded;
    public WorkMeter Work { get; } = work;
    public Ids Ids { get; } = ids;
    public TimeProvider Clock { get; } = clock;

    /// <summary>A change that was just saved may not serve yet: waits for it, so that who publishes a decision point can use it at once.</summary>
    public Task ChangesServe(CancellationToken cancel) => refresher.Settled.WaitAsync(TimeSpan.FromSeconds(2), Clock, cancel).ContinueWith(
        static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    /// <summary>Null with the grant when the call may come in.</summary>
    public DataFault? Admit(HttpContext http, KeyScopes scope, out ApiKeyGrant grant)
    {
        grant = null!;
        if (http.Request.Headers[LooperSchemes.KeyHeader] is not [{ Length: > 0 } text])
            return new(401, "key.missing", $"This call needs the header {LooperSchemes.KeyHeader} with an API key. Make one under Access, API keys.");
        if (!keys.TryFind(text, out grant))
            return new(401, "key.unknown", "This key is unknown, revoked or expired. Make one under Access, API keys.");
        return grant.May(scope) ? null : new(403, "access.denied", $"This key may not do that. It needs the scope {scope.ToString().ToLowerInvariant()}.");
    }

    /// <summary>The whole body, or why not. Give it back with <see cref="Release"/>.</summary>
    /// <param name="unfinished">Where what has come of it counts until it is whole; null for a single call, which is never refused for what others send.</param>
    public static async ValueTask<(DataFault? Fault, ReadOnlySequence<byte> Body)> BodyAsync(HttpContext http, long limit, UnfinishedBodies? unfinished = null)
    {
        if (http.Request.ContentLength > limit) return (DataFault.TooLarge(limit), default);
        var reader = http.Request.BodyReader;
        var held = 0L;
        CancellationTokenSource? inTime = null; // only of what is large and comes in parts
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(inTime?.Token ?? http.RequestAborted);
                if (read.Buffer.Length > limit)
                {
                    reader.AdvanceTo(read.Buffer.End);
                    return (DataFault.TooLarge(limit), default);
                }
                if (read.IsCompleted) return (null, read.Buffer);
                if (read.Buffer.Length > UnfinishedBodies.FreeBytes)
                {
                    inTime ??= InTime(http, limit);
                    if (unfinished?.Hold(ref held, read.Buffer.Length) is false)
                    {
                        reader.AdvanceTo(read.Buffer.End);
                        return (GivenUp(http, DataFault.Full), default);
                    }
                }
                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        catch (OperationCanceledException) when (inTime is { IsCancellationRequested: true } && !http.RequestAborted.IsCancellationRequested)
        {
            return (GivenUp(http, DataFault.TooSlow), default);
        }
        finally
        {
            unfinished?.GiveBack(held);
            inTime?.Dispose();
        }
    }

    private static CancellationTokenSource InTime(HttpContext http, long limit)
    {
        var inTime = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        inTime.CancelAfter(s_grace + TimeSpan.FromSeconds((double)limit / LeastBytesPerSecond));
        return inTime;
    }

    // The rest of the body is not worth reading.
    private static DataFault GivenUp(HttpContext http, DataFault why)
    {
        if (HttpProtocol.IsHttp11(http.Request.Protocol)) http.Response.Headers.Connection = "close";
        return why;
    }

    /// <summary>Works on a batch when it is its turn, on the threads of batches.</summary>
    /// <param name="work">Gets the whole body, which is given back when it has ended.</param>
    /// <returns>Why nothing was done, or what became of the items.</returns>
    public async Task<(DataFault? Fault, T? Items)> BatchAsync<T>(HttpContext http, Func<ReadOnlySequence<byte>, Task<(DataFault? Fault, T? Items)>> work)
        where T : class
    {
        var (tooLarge, body) = await BodyAsync(http, BatchBytes, _unfinished);
        if (tooLarge is not null) return (tooLarge, null);
        var (bytes, entered) = (body.Length, false);
        try
        {
            entered = await gate.EnterAsync(BatchGate.LineOf(body), bytes, http.RequestAborted);
            return entered ? await threads.RunAsync(() => work(body)) : (DataFault.Full, null);
        }
        finally
        {
            Release(http, body); // also where the caller has gone: the server goes on reading the connection
            if (entered) gate.Leave(bytes);
        }
    }

    public static void Release(HttpContext http, in ReadOnlySequence<byte> body) => http.Request.BodyReader.AdvanceTo(body.End);
}
