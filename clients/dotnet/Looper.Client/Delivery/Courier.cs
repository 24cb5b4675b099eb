using System.Globalization;
using Looper.Client.Calls;
using Batch = System.Collections.Generic.List<System.Collections.Generic.LinkedListNode<Looper.Client.Delivery.Parcel>>;

namespace Looper.Client.Delivery;

/// <summary>Why parcels go on waiting.</summary>
/// <param name="Kind">Equal where the cause is the same.</param>
/// <param name="RetryAfter">How long Looper asks to be left alone.</param>
internal sealed record Setback(string Kind, string Problem, TimeSpan? RetryAfter);

/// <summary>Makes one request for the oldest of a line, and settles what came of them.</summary>
/// <param name="before">What was taken into this other line before a parcel goes before it; null for none.</param>
internal sealed class Courier(Transport transport, Uri root, Freight freight, WaitingLine waiting, WaitingLine? before, Problems problems, TimeProvider clock)
{
    // Looper takes more, what stands in front of it often not.
    private const int MostBytes = 1_000_000;

    private static readonly TimeSpan s_requestWithin = TimeSpan.FromSeconds(30);
    private readonly Uri _url = new(root, freight.Path);

    private static ReadOnlySpan<byte> Head => "{\"items\":["u8;

    private static ReadOnlySpan<byte> Tail => "]}"u8;

    /// <returns>Null where none of them has to be sent again.</returns>
    public async Task<Setback?> SendOldestAsync(int most, CancellationToken end)
    {
        var batch = waiting.Oldest(most, MostBytes - Head.Length - Tail.Length);
        if (before is not null && batch.Count > 0) await before.GoneAsync(batch.Max(p => p.Value.After)).WaitAsync(end); // what a parcel names was taken before it, so it is there by then
        return await SendAsync(batch, end);
    }

    private async Task<Setback?> SendAsync(Batch batch, CancellationToken end)
    {
        if (batch.Count == 0) return null;
        Reply reply;
        using (var late = new CancellationTokenSource(s_requestWithin, clock))
        using (var ending = CancellationTokenSource.CreateLinkedTokenSource(late.Token, end))
            reply = await transport.PostAsync(_url, Body(batch), ending.Token);
        if (reply.IsSuccess) return BatchAnswer.Read(reply.Body, batch.Count) is { } items ? Settle(batch, items, reply) : new("unreadable", "What answered does not say what became of them.", null);
        // Too much at once may be said by anyone; what else is wrong with them only by Looper.
        var isRefused = reply.Status is 400 or 413 or 415 && (reply.IsOfLooper || (reply.Status == 413 && batch.Count > 1));
        if (!isRefused) return new(reply.Status.ToString(CultureInfo.InvariantCulture), reply.Problem, reply.RetryAfter);
        if (batch.Count == 1) return Settle(batch, [(Fate.Refused, reply.Problem)], reply);
        // One of them, or all together, cannot be taken: the halves tell which.
        var half = batch.Count / 2;
        return await SendAsync(batch[..half], end) ?? await SendAsync(batch[half..], end);
    }

    private Setback? Settle(Batch batch, (Fate Fate, string? Problem)[] items, Reply reply)
    {
        foreach (var refused in items.Where(i => i.Fate == Fate.Refused).GroupBy(i => i.Problem))
            problems.Say(ProblemKind.Refused, refused.Count() == 1 ? $"{freight.One} was refused and is dropped. {refused.Key}" : $"{refused.Count()} {freight.Several} were refused and are dropped. {refused.Key}");
        waiting.Settle(batch, [.. items.Select(i => i.Fate)]); // a flush that ends here finds everything said
        var kept = items.FirstOrDefault(i => i.Fate == Fate.Kept).Problem;
        return kept is null ? null : new("item", kept, reply.RetryAfter);
    }

    private static ReadOnlyMemory<byte> Body(Batch batch)
    {
        var body = new byte[Head.Length + batch.Sum(o => o.Value.Json.Length + 1) - 1 + Tail.Length];
        Head.CopyTo(body);
        var at = Head.Length;
        foreach (var parcel in batch)
        {
            if (at > Head.Length) body[at++] = (byte)',';
            parcel.Value.Json.CopyTo(body, at);
            at += parcel.Value.Json.Length;
        }
        Tail.CopyTo(body.AsSpan(at));
        return body;
    }
}
