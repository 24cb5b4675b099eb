using System.Buffers;
using Looper.Core.Access;
using Looper.Core.Events;

namespace Looper.Web.Api.InProcess;

/// <summary>Takes decisions that apps made in their own process, and logs them as if Looper had made them. Answered once they are on disk.</summary>
internal static class MadeApi
{
    public static void MapMade(this IEndpointRouteBuilder routes)
    {
        var (data, lookup) = (routes.ServiceProvider.GetRequiredService<DataRoutes>(), routes.ServiceProvider.GetRequiredService<MadeLookup>());
        DataDescriptions.Of(routes.MapPost("/v1/decisions/made", http => AnswerAsync(http, data, lookup)), "decisionsMade", "Report up to 1,000 decisions that were made in your own process")
            .Accepts<MadeRequest>("application/json").Produces<MadeResponse>();
    }

    private static async Task AnswerAsync(HttpContext http, DataRoutes data, MadeLookup lookup)
    {
        if (data.Admit(http, KeyScopes.Decide, out var grant) is { } refused)
        {
            await refused.WriteAsync(http);
            return;
        }
        var (fault, answers) = await data.BatchAsync(http, body => TakeAsync(http, body, data, lookup, grant));
        if (fault is not null)
        {
            await fault.WriteAsync(http);
            return;
        }
        await BatchAnswer.WriteAsync<bool>(http, answers, StatusCodes.Status202Accepted, static (json, isReplay) =>
        {
            if (isReplay) json.WriteBoolean("replayed"u8, true);
        });
    }

    private static async Task<(DataFault? Fault, BatchItem<bool>[]? Answers)> TakeAsync(HttpContext http, ReadOnlySequence<byte> body, DataRoutes data, MadeLookup lookup, ApiKeyGrant grant)
    {
        var (made, reading) = (new List<BatchItem<SentDecision>>(), new MadeReading(data, lookup.Late, lookup.Versions, grant));
        var fault = Batch.Read(body, made, reading.Read);
        if (fault is null && made.Exists(m => MadeFaults.IsUnknown(m.Fault)))
        {
            await lookup.AnswerAsync(reading, http.RequestAborted);
            fault = Batch.Read(body, made, reading.Read);
        }
        if (fault is not null) return (fault, null);
        DecisionRecord[] records = [.. made.Where(m => m.Fault is null).Select(m => m.Result.Record)];
        // Flushed: the app keeps nothing of what was taken, and nobody waits for it.
        var appended = records.Length == 0 ? [] : await data.Journal.AppendAsync(records, durable: true, http.RequestAborted);
        var (answers, next) = (new BatchItem<bool>[made.Count], 0);
        for (var i = 0; i < answers.Length; i++)
            answers[i] = made[i].Fault is { } bad ? new(bad, false) : AnswerOf(made[i].Result, appended[next++]);
        return (null, answers);
    }

    private static BatchItem<bool> AnswerOf(SentDecision made, Appended appended) =>
        appended is { Status: AppendStatus.Replayed, Stored: { } stored } && !MadeRecords.AreSame(stored, made.Record, made.Sent) ? new(DataFault.Conflict(made.Record.Id), false)
        : new(DataFault.Of(appended.Status, made.Record.Id), appended.Status == AppendStatus.Replayed);
}
