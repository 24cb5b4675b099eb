using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using ThreadPriority = Looper.Testing.Servers.ThreadPriority;

namespace Looper.EndToEnd.Tests.Load;

/// <summary>Batches for one decision point, at a rate of their own or as fast as they are answered, whatever the answer. Senders stand for other machines and share
/// this one with what they flood: each is a thread of the lowest priority that sends bytes made before, and keeps a bit of each decision, not its id.</summary>
internal sealed class Flood(Uri server, string key)
{
    public const int Batch = 500;

    private const string Number = "########";

    private readonly string _call = $$"""{"items":[{{string.Join(',', Enumerable.Range(0, Batch).Select(i => $$$"""{"decisionPoint":"{{{Ingest.Point}}}","unit":"u-{{{i}}}","decisionId":"f-{{{Number}}}-{{{i}}}","context":{"cartValue":{{{i % 97}}},"country":"NL"}}"""))}}]}""";
    private readonly ConcurrentDictionary<int, ulong[]> _kept = []; // by number of the batch; one bit an item
    private int _batch;
    private long _answered, _full, _decided;

    /// <summary>Decisions that were answered as recorded.</summary>
    public long Decided => Interlocked.Read(ref _decided);

    /// <summary>Answers that are neither a decision nor a refusal with its Retry-After.</summary>
    public ConcurrentBag<string> Odd { get; } = [];

    public long Answered => Interlocked.Read(ref _answered);

    public long Full => Interlocked.Read(ref _full);

    /// <summary>Recorded decisions that were not found yet.</summary>
    public long Missing => _kept.Values.Sum(bits => bits.Sum(b => (long)ulong.PopCount(b)));

    /// <summary>It is in the journal. One that was not answered, as in a call that was cut, may be there too.</summary>
    public void Found(string id)
    {
        var parts = id.Split('-');
        var (batch, at) = (int.Parse(parts[1], CultureInfo.InvariantCulture), int.Parse(parts[2], CultureInfo.InvariantCulture));
        if (_kept.TryGetValue(batch, out var bits)) bits[at / 64] &= ~(1UL << (at % 64));
    }

    /// <param name="senders">Connections.</param>
    /// <param name="perSecond">Decisions that all of them ask for, whether they are kept or refused; infinite: as fast as each is answered.</param>
    /// <param name="stop">Ends it, after the answers that are awaited.</param>
    public Task RunAsync(int senders, double perSecond, CancellationToken stop) => Task.WhenAll(Enumerable.Range(0, senders).Select(sender =>
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                Send(TimeSpan.FromSeconds(Batch * senders / perSecond), (double)sender / senders, stop);
                ended.SetResult();
            }
            catch (Exception fault)
            {
                ended.SetException(fault);
            }
        }) { IsBackground = true, Name = "flood" }.Start();
        return ended.Task;
    }));

    private void Send(TimeSpan every, double phase, CancellationToken stop)
    {
        ThreadPriority.YieldToOthers();
        using var connection = new RawConnection(server);
        var call = connection.Post("/v1/decisions/batch", key, _call);
        int[] numbers = [.. Places(call)];
        var begun = Stopwatch.GetTimestamp();
        for (var turn = 0; !stop.IsCancellationRequested; turn++)
        {
            if (every > TimeSpan.Zero && ((turn + phase) * every) - Stopwatch.GetElapsedTime(begun) is { Ticks: > 0 } early && stop.WaitHandle.WaitOne(early)) return;
            var batch = Interlocked.Increment(ref _batch);
            batch.TryFormat(call.AsSpan(numbers[0], Number.Length), out _, "D8", CultureInfo.InvariantCulture);
            foreach (var place in numbers.AsSpan(1)) call.AsSpan(numbers[0], Number.Length).CopyTo(call.AsSpan(place));
            var (status, saysWhen, body) = connection.Send(call);
            if (status is not (200 or 429))
            {
                Odd.Add($"{status} {Encoding.UTF8.GetString(body.Span)}");
                continue;
            }
            var full = status == 200 ? Count(batch, body.Span) : Batch;
            if (full > 0 && !saysWhen) Odd.Add("429 without Retry-After");
            Interlocked.Add(ref _answered, Batch);
            Interlocked.Add(ref _full, full);
        }
    }

    private static IEnumerable<int> Places(byte[] call)
    {
        for (var at = 0; call.AsSpan(at).IndexOf("########"u8) is >= 0 and var next; at += Number.Length) yield return at += next;
    }

    /// <returns>How many were refused.</returns>
    private int Count(int batch, ReadOnlySpan<byte> answer)
    {
        var item = "{\"status\":"u8;
        var (at, full, bits) = (0, 0, new ulong[(Batch + 63) / 64]);
        for (var start = answer.IndexOf(item); start >= 0; at++)
        {
            answer = answer[(start + item.Length)..];
            start = answer.IndexOf(item);
            var own = start < 0 ? answer : answer[..start];
            if (own.StartsWith("200"u8) && own.IndexOf("\"recorded\":false"u8) < 0) bits[at / 64] |= 1UL << (at % 64);
            else if (own.StartsWith("429"u8)) full++;
            else Odd.Add(Encoding.UTF8.GetString(own));
        }
        if (at != Batch) Odd.Add($"{at} answers to {Batch} calls");
        _kept[batch] = bits;
        Interlocked.Add(ref _decided, bits.Sum(b => (long)ulong.PopCount(b)));
        return full;
    }
}
