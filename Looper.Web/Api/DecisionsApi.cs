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

    /// <summary>Explanations that one batch gets: each may cost a thousand decisions.</summary>
    public const int MostExplained = 100;

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
        data.Unrecorded.Count(answer);
        http.Response.ContentType = "application/json";
        if (answer.IsReplay) http.Response.Headers[ReplayedHeader] = "true";
        await AnswerBuffer.SendAsync(http.Response, answer);
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
        pending = default;
        return DataJson.CheckText(json) ?? PendingDecision.Make(json, data, grant, out pending);
    }

    private static async Task DecideBatch(HttpContext http, DataRoutes data)
    {
        if (data.Admit(http, KeyScopes.Decide, out var grant) is { } refused)
        {
            await refused.WriteAsync(http);
            return;
        }
        var (fault, batch) = await data.BatchAsync(http, body => DecideAll(http, body, data, grant));
        if (fault is not null)
        {
            await fault.WriteAsync(http);
            return;
        }
        await BatchAnswer.WriteAsync(http, batch!.Answers, 200, static (json, answer) =>
        {
            json.WritePropertyName("result"u8);
            answer.Write(json);
            if (answer.IsReplay) json.WriteBoolean("replayed"u8, true);
        }, FlatAnswer.TryWriteItem);
        batch.Return();
    }

    private static async Task<(DataFault? Fault, DecisionBatch? Batch)> DecideAll(HttpContext http, ReadOnlySequence<byte> body, DataRoutes data, ApiKeyGrant grant)
    {
        var (batch, room) = (DecisionBatch.Rent(), (BatchRoom?)null);
        var made = batch.Made;
        BatchRoom Room() => room = room is null || made.Count == 0 ? new(data.Journal, data.Engine.Current, data.Clock.GetUtcNow()) : room; // a batch may be read again
        DataFault? Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, out PendingDecision pending) => PendingDecision.Make(ref reader, json, data, grant, Room(), out pending);
        bool ReadFlat(ref FlatCall calls, out DataFault? bad, out PendingDecision pending) => PendingDecision.TryMake(ref calls, data, grant, Room(), out bad, out pending);
        var fault = Batch.Read(body, made, Read, ReadFlat);
        if (fault is null && made.Exists(m => m.Fault is { Status: 404 }))
        {
            await data.ChangesServe(http.RequestAborted);
            fault = Batch.Read(body, made, Read, ReadFlat);
        }
        if (fault is null) await batch.SettleAsync(data, MostExplained, http.RequestAborted);
        else batch.Return();
        return (fault, fault is null ? batch : null);
    }
}
