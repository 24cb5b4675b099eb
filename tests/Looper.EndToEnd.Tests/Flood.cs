using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Looper.EndToEnd.Tests;

/// <summary>Batches for one decision point, as fast as they are answered, whatever the answer. Of what was decided it keeps a bit, not an id: senders share the
/// machine with what they flood.</summary>
internal sealed class Flood(HttpClient client)
{
    public const int Batch = 500;

    private readonly string _template = $$"""{"items":[{{string.Join(',', Enumerable.Range(0, Batch).Select(i => $$$"""{"decisionPoint":"{{{Ingest.Point}}}","unit":"u-{{{i}}}","decisionId":"f-########-{{{i}}}","context":{"cartValue":{{{i % 97}}},"country":"NL"}}"""))}}]}""";
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

    public Task RunAsync(int senders, CancellationToken stop) => Task.WhenAll(Enumerable.Range(0, senders).Select(async _ =>
    {
        while (!stop.IsCancellationRequested) await SendAsync();
    }));

    private async Task SendAsync()
    {
        var batch = Interlocked.Increment(ref _batch);
        using var content = new StringContent(_template.Replace("########", batch.ToString("D8", CultureInfo.InvariantCulture), StringComparison.Ordinal), Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(new Uri("/v1/decisions/batch", UriKind.Relative), content);
        var body = await answer.Content.ReadAsByteArrayAsync();
        if (answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.TooManyRequests)
        {
            var full = answer.StatusCode == HttpStatusCode.OK ? Count(batch, body) : Batch;
            if (full > 0 && answer.Headers.RetryAfter is null) Odd.Add("429 without Retry-After");
            Interlocked.Add(ref _answered, Batch);
            Interlocked.Add(ref _full, full);
            return;
        }
        Odd.Add($"{(int)answer.StatusCode} {Encoding.UTF8.GetString(body)}");
    }

    /// <returns>How many were refused.</returns>
    private int Count(int batch, byte[] body)
    {
        using var json = JsonDocument.Parse(body);
        var (at, full, bits) = (0, 0, new ulong[(Batch + 63) / 64]);
        foreach (var item in json.RootElement.GetProperty("items").EnumerateArray())
        {
            var status = item.GetProperty("status").GetInt32();
            if (status == 200 && !item.GetProperty("result").TryGetProperty("recorded", out _)) bits[at / 64] |= 1UL << (at % 64);
            else if (status == 429) full++;
            else Odd.Add(item.ToString());
            at++;
        }
        if (at != Batch) Odd.Add($"{at} answers to {Batch} calls");
        _kept[batch] = bits;
        Interlocked.Add(ref _decided, bits.Sum(b => (long)ulong.PopCount(b)));
        return full;
    }
}
