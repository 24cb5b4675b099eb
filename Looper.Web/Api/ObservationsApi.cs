using System.Buffers;
using System.Text.Json;
using Looper.Core.Access;
using Looper.Core.Events;
using Looper.Web.Api.InProcess;

namespace Looper.Web.Api;

/// <summary>Observe, one call or a batch: answered once it is on disk.</summary>
public static class ObservationsApi
{
    public static void MapObservations(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        var (data, lookup) = (routes.ServiceProvider.GetRequiredService<DataRoutes>(), routes.ServiceProvider.GetRequiredService<OutcomeLookup>());
        DataDescriptions.Of(routes.MapPost("/v1/observations", http => Observe(http, data, lookup)), "observe", "Report outcomes of a decision or of a unit")
            .Accepts<ObserveRequest>("application/json").Produces<ObserveResponse>(StatusCodes.Status202Accepted);
        DataDescriptions.Of(routes.MapPost("/v1/observations/batch", http => ObserveBatch(http, data, lookup)), "observeBatch", "Report outcomes of up to 1,000 decisions or units")
            .Accepts<ObserveBatchRequest>("application/json").Produces<ObserveBatchResponse>();
    }

    private static async Task Observe(HttpContext http, DataRoutes data, OutcomeLookup lookup)
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
        if (OutcomeLookup.IsUnknown(fault))
        {
            await data.ChangesServe(http.RequestAborted);
            var isLooked = await lookup.LookAsync([fault!.Field!], http.RequestAborted);
            fault = Read(json, data, grant, out records);
            if (!isLooked && OutcomeLookup.IsUnknown(fault)) fault = MadeFaults.DatabaseAway;
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
    internal static DataFault? Fault(AppendStatus status, ObservationRecord first) => DataFault.Of(status, status switch
    {
        AppendStatus.Foreign or AppendStatus.NoSuchCandidate => first.DecisionId!,
        AppendStatus.Conflict when first.Id.LastIndexOf('/') is > 0 and var end => first.Id[..end],
        _ => first.Id,
    });

    internal static DataFault? Read(ReadOnlySpan<byte> json, DataRoutes data, ApiKeyGrant grant, out ObservationRecord[] records)
    {
        records = [];
        return DataJson.CheckText(json) ?? ObservationCall.Read(json, data, grant, new(data.Engine.Current.Outcomes, grant), out records);
    }

    private static async Task ObserveBatch(HttpContext http, DataRoutes data, OutcomeLookup lookup)
    {
        if (data.Admit(http, KeyScopes.Observe, out var grant) is { } refused)
        {
            await refused.WriteAsync(http);
            return;
        }
        var (fault, results) = await data.BatchAsync(http, body => ObserveAll(http, body, data, lookup, grant));
        if (fault is not null)
        {
            await fault.WriteAsync(http);
            return;
        }
        await BatchAnswer.WriteAsync<(int Accepted, bool IsReplay)>(http, results, StatusCodes.Status202Accepted, static (json, result) =>
        {
            json.WriteNumber("accepted"u8, result.Accepted);
            if (result.IsReplay) json.WriteBoolean("replayed"u8, true);
        });
    }

    private static async Task<(DataFault? Fault, BatchItem<(int Accepted, bool IsReplay)>[]? Items)> ObserveAll(
        HttpContext http, ReadOnlySequence<byte> body, DataRoutes data, OutcomeLookup lookup, ApiKeyGrant grant)
    {
        var (read, outcomes) = (new List<BatchItem<ObservationRecord[]>>(), new ReportableOutcomes(data.Engine.Current.Outcomes, grant));
        DataFault? ReadItem(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, out ObservationRecord[] records)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            return ObservationCall.Read(json[start..(int)reader.BytesConsumed], data, grant, outcomes, out records);
        }

        var fault = Batch.Read(body, read, ReadItem);
        if (fault is null && read.Exists(r => OutcomeLookup.IsUnknown(r.Fault)))
        {
            await data.ChangesServe(http.RequestAborted);
            var isLooked = await lookup.LookAsync([.. read.Where(r => OutcomeLookup.IsUnknown(r.Fault)).Select(r => r.Fault!.Field!).Distinct()], http.RequestAborted);
            outcomes = new(data.Engine.Current.Outcomes, grant);
            fault = Batch.Read(body, read, ReadItem);
            if (!isLooked) read = read.ConvertAll(r => OutcomeLookup.IsUnknown(r.Fault) ? r with { Fault = MadeFaults.DatabaseAway } : r);
        }
        if (fault is not null) return (fault, []);
        var good = read.FindAll(r => r.Fault is null);
        var appended = good.Count == 0 ? [] : await data.Journal.AppendAsync(good.ConvertAll(g => g.Result).ToArray(), http.RequestAborted);
        var (results, next) = (new BatchItem<(int Accepted, bool IsReplay)>[read.Count], 0);
        for (var i = 0; i < results.Length; i++)
        {
            var (bad, records) = read[i];
            var status = bad is null ? appended[next++].Status : default;
            results[i] = new(bad ?? Fault(status, records[0]), (records.Length, status == AppendStatus.Replayed));
        }
        return (null, results);
    }
}
