using System.Buffers;
using Looper.Core.Access;
using Looper.Core.Events;

namespace Looper.Web.Api;

/// <summary>Observe, one call or a batch: answered once it is on disk.</summary>
public static class ObservationsApi
{
    public static void MapObservations(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        var data = routes.ServiceProvider.GetRequiredService<DataRoutes>();
        DataDescriptions.Of(routes.MapPost("/v1/observations", http => Observe(http, data)), "observe", "Report outcomes of a decision or of a unit")
            .Accepts<ObserveRequest>("application/json").Produces<ObserveResponse>(StatusCodes.Status202Accepted);
        DataDescriptions.Of(routes.MapPost("/v1/observations/batch", http => ObserveBatch(http, data)), "observeBatch", "Report outcomes of up to 1,000 decisions or units")
            .Accepts<ObserveBatchRequest>("application/json").Produces<ObserveBatchResponse>();
    }

    private static async Task Observe(HttpContext http, DataRoutes data)
    {
        if (data.Admit(http, KeyScopes.Observe, out var grant) is { } refused)
        {
            await refused.WriteAsync(http);
            return;
        }
        var (tooLarge, body) = await DataRoutes.BodyAsync(http, DataRoutes.CallBytes);
        if (tooLarge is not null)
        {
            await tooLarge.WriteAsync(http);
            return;
        }
        var json = body.ToArray();
        DataRoutes.Release(http, body);
        var fault = Read(json, data, grant, out var records);
        if (fault is { Code: "outcome.unknown" })
        {
            await data.ChangesServe(http.RequestAborted);
            fault = Read(json, data, grant, out records);
        }
        var isReplay = false;
        if (fault is null)
        {
            var appended = await data.Journal.AppendAsync(records, http.RequestAborted);
            fault = Fault(appended.Status, records[0]);
            isReplay = appended.Status == AppendStatus.Replayed;
        }
        if (fault is not null)
        {
            await fault.WriteAsync(http);
            return;
        }
        http.Response.StatusCode = StatusCodes.Status202Accepted;
        http.Response.ContentType = "application/json";
        if (isReplay) http.Response.Headers[DecisionsApi.ReplayedHeader] = "true";
        await AnswerBuffer.SendAsync(http.Response, records.Length, static (answer, accepted) =>
        {
            answer.WriteStartObject();
            answer.WriteNumber("accepted"u8, accepted);
            answer.WriteEndObject();
        });
    }

    // The record's id ends in its place in the call, which the caller never sent.
    private static DataFault? Fault(AppendStatus status, ObservationRecord first) => DataFault.Of(status, status switch
    {
        AppendStatus.Foreign => first.DecisionId!,
        AppendStatus.Conflict when first.Id.LastIndexOf('/') is > 0 and var end => first.Id[..end],
        _ => first.Id,
    });

    private static DataFault? Read(ReadOnlySpan<byte> json, DataRoutes data, ApiKeyGrant grant, out ObservationRecord[] records)
    {
        records = [];
        return DataJson.CheckText(json) ?? ObservationCall.Read(json, data, grant, out records);
    }

    private static async Task ObserveBatch(HttpContext http, DataRoutes data)
    {
        var (fault, items, grant) = await Batch.ReadAsync(http, data, KeyScopes.Observe);
        if (fault is not null)
        {
            await fault.WriteAsync(http);
            return;
        }
        var results = new BatchItem<(int Accepted, bool IsReplay)>[items.Length];
        var good = new List<(int Index, ObservationRecord[] Records)>(items.Length);
        var waited = false;
        for (var i = 0; i < items.Length; i++)
        {
            var bad = ObservationCall.Read(items[i].Span, data, grant, out var records);
            if (bad is { Code: "outcome.unknown" } && !waited)
            {
                waited = true;
                await data.ChangesServe(http.RequestAborted);
                bad = ObservationCall.Read(items[i].Span, data, grant, out records);
            }
            if (bad is not null) results[i] = new(bad, default);
            else good.Add((i, records));
        }
        var appended = good.Count == 0 ? [] : await data.Journal.AppendAsync(good.ConvertAll(g => g.Records).ToArray(), http.RequestAborted);
        for (var i = 0; i < appended.Length; i++)
        {
            var records = good[i].Records;
            results[good[i].Index] = new(Fault(appended[i].Status, records[0]), (records.Length, appended[i].Status == AppendStatus.Replayed));
        }
        await Batch.WriteAsync(http, results, StatusCodes.Status202Accepted, static (json, result) =>
        {
            json.WriteNumber("accepted"u8, result.Accepted);
            if (result.IsReplay) json.WriteBoolean("replayed"u8, true);
        });
    }
}
