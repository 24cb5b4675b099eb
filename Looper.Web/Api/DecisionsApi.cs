using System.Buffers;
using System.Text.Json;
using Looper.Core.Access;
using Looper.Core.Events;
using Microsoft.AspNetCore.Mvc;

namespace Looper.Web.Api;

/// <summary>Decide, one call or a batch: bytes in, bytes out, logged before answered.</summary>
public static class DecisionsApi
{
    /// <summary>On answers that were stored before.</summary>
    public const string ReplayedHeader = "Idempotent-Replayed";

    public static void MapDecisions(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        var data = routes.ServiceProvider.GetRequiredService<DataRoutes>();
        DataDescriptions.Of(routes.MapPost("/v1/decisions", http => Decide(http, data)), "decide", "Decide for one unit")
            .Accepts<DecideRequest>("application/json").Produces<DecideResponse>();
        DataDescriptions.Of(routes.MapPost("/v1/decisions/batch", http => DecideBatch(http, data)), "decideBatch", "Decide for up to 1,000 units")
            .Accepts<DecideBatchRequest>("application/json").Produces<DecideBatchResponse>();
    }

    private static async Task Decide(HttpContext http, DataRoutes data)
    {
        if (data.Admit(http, KeyScopes.Decide, out var grant) is { } refused)
        {
            await refused.WriteAsync(http);
            return;
        }
        var (tooLarge, body) = await DataRoutes.BodyAsync(http, DataRoutes.DecideBytes);
        if (tooLarge is not null)
        {
            await tooLarge.WriteAsync(http);
            return;
        }
        var fault = Make(body, data, grant, out var pending);
        if (fault is { Status: 404 })
        {
            await data.ChangesServe(http.RequestAborted);
            fault = Make(body, data, grant, out pending);
        }
        DataRoutes.Release(http, body);
        DecisionAnswer answer = default;
        if (fault is null)
        {
            var appended = pending.IsStorable ? await data.Journal.AppendAsync(pending.Record, pending.IsDurable, http.RequestAborted) : new(AppendStatus.Unavailable);
            fault = pending.Settle(appended, out answer);
        }
        if (fault is not null)
        {
            await fault.WriteAsync(http);
            return;
        }
        http.Response.ContentType = "application/json";
        if (answer.IsReplay) http.Response.Headers[ReplayedHeader] = "true";
        await AnswerBuffer.SendAsync(http.Response, answer, static (json, a) => a.Write(json));
    }

    private static DataFault? Make(in ReadOnlySequence<byte> body, DataRoutes data, ApiKeyGrant grant, out PendingDecision pending)
    {
        if (body.IsSingleSegment) return MakeChecked(body.FirstSpan, data, grant, out pending);
        var length = (int)body.Length;
        var rented = ArrayPool<byte>.Shared.Rent(length);
        body.CopyTo(rented);
        var fault = MakeChecked(rented.AsSpan(0, length), data, grant, out pending);
        ArrayPool<byte>.Shared.Return(rented);
        return fault;
    }

    private static DataFault? MakeChecked(ReadOnlySpan<byte> json, DataRoutes data, ApiKeyGrant grant, out PendingDecision pending)
    {
        pending = null!;
        return DataJson.CheckText(json) ?? PendingDecision.Make(json, data, grant, out pending);
    }

    private static async Task DecideBatch(HttpContext http, DataRoutes data)
    {
        var (fault, items, grant) = await Batch.ReadAsync(http, data, KeyScopes.Decide);
        if (fault is not null)
        {
            await fault.WriteAsync(http);
            return;
        }
        var results = new BatchItem<DecisionAnswer>[items.Length];
        var storable = new List<(int Index, PendingDecision Pending)>(items.Length);
        var waited = false;
        for (var i = 0; i < items.Length; i++)
        {
            var bad = PendingDecision.Make(items[i].Span, data, grant, out var pending);
            if (bad is { Status: 404 } && !waited)
            {
                waited = true;
                await data.ChangesServe(http.RequestAborted);
                bad = PendingDecision.Make(items[i].Span, data, grant, out pending);
            }
            if (bad is not null) results[i] = new(bad, default);
            else if (pending.IsStorable) storable.Add((i, pending));
            else results[i] = new(pending.Settle(new(AppendStatus.Unavailable), out var answer), answer);
        }
        var appended = storable.Count == 0 ? [] : await data.Journal.AppendAsync(
            storable.ConvertAll(s => s.Pending.Record).ToArray(), storable.Exists(s => s.Pending.IsDurable), http.RequestAborted);
        for (var i = 0; i < appended.Length; i++) results[storable[i].Index] = new(storable[i].Pending.Settle(appended[i], out var answer), answer);
        await Batch.WriteAsync(http, results, 200, static (json, answer) =>
        {
            json.WritePropertyName("result"u8);
            answer.Write(json);
            if (answer.IsReplay) json.WriteBoolean("replayed"u8, true);
        });
    }
}
