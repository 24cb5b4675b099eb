using System.Buffers;
using Looper.Core.Access;
using Looper.Core.Events;
using Looper.Core.Serving;
using Looper.Web.Hosting;

namespace Looper.Web.Api.Personalizer;

/// <summary>Rank, reward and activate as Azure AI Personalizer had them, for apps that were written for it. Each becomes a call of <c>/v1</c> and goes its way: nothing is
/// decided, stored or counted here.</summary>
internal sealed class PersonalizerApi(DataRoutes data, EventReader events, RewardedVersions versions)
{
    private const string Json = "application/json";

    /// <summary>All calls come here, whichever address they were described under.</summary>
    public Task AnswerAsync(HttpContext http)
    {
        var address = PersonalizerAddress.Of(http);
        if (address.Call == PersonalizerCall.Other) return RefuseAsync(http, "InvalidRequest", OtherCall(http));
        if (!HttpMethods.IsPost(http.Request.Method))
        {
            http.Response.Headers.Allow = HttpMethods.Post;
            return RefuseAsync(http, "InvalidRequest", new(405, "request.method", $"{http.Request.Method} is not a method of this route. It takes POST."));
        }
        if (address.Call != PersonalizerCall.Activate && !http.Request.HasJsonContentType())
            return RefuseAsync(http, "InvalidRequest", new(415, "request.content-type", RoutingRefusals.ContentType(http.Request)));
        return address.Call switch
        {
            PersonalizerCall.Rank => RankAsync(http, address),
            PersonalizerCall.Reward => RewardAsync(http, address),
            _ => ActivateAsync(http, address),
        };
    }

    private async Task RankAsync(HttpContext http, PersonalizerAddress address)
    {
        const string invalid = "InvalidRankRequest";
        var fault = Admit(http, KeyScopes.Decide, out var grant);
        var (json, call, pending) = (Array.Empty<byte>(), (RankCall?)null, default(PendingDecision));
        if (fault is null) (fault, json) = await BodyAsync(http, DataRoutes.DecideBytes);
        fault ??= RankCall.Read(json, out call);
        if (fault is null)
        {
            var isNew = call!.EventId.Length == 0;
            if (isNew) call.EventId = data.Ids.Next().ToString();
            fault = Make(address, call, grant, out pending);
            if (fault is { Status: 404 })
            {
                await data.ChangesServe(http.RequestAborted);
                fault = Make(address, call, grant, out pending);
            }
            if (fault is { Status: 422 } && !isNew && await StoredAsync(address, call, grant, http.RequestAborted) is { } point) // fixed options that changed since
                fault = PendingDecision.Make(call.AsDecideCall(point.Key, withActions: false).Span, data, grant, out pending);
        }
        if (fault is null && !pending.IsStorable) fault = Reward.Unreadable(pending.Point.Key);
        DecisionAnswer answer = default;
        if (fault is null)
        {
            var appended = await data.Journal.AppendAsync(pending.Record, pending.IsDurable, http.RequestAborted);
            fault = appended.Status == AppendStatus.Conflict ? DataFault.Conflict(call!.EventId) : pending.Settle(appended, out answer);
            if (fault is null && answer.IsReplay) fault = new RankAnswer(call!, answer).Unoffered();
        }
        if (fault is not null)
        {
            await RefuseAsync(http, invalid, fault);
            return;
        }
        data.Unrecorded.Count(answer);
        http.Response.StatusCode = StatusCodes.Status201Created;
        http.Response.ContentType = Json;
        if (answer.IsReplay) http.Response.Headers[DecisionsApi.ReplayedHeader] = "true";
        await AnswerBuffer.SendAsync(http.Response, new RankAnswer(call!, answer), static (json, ranked) => ranked.Write(json));
    }

    private DataFault? Make(PersonalizerAddress address, RankCall call, ApiKeyGrant grant, out PendingDecision pending)
    {
        pending = default;
        if (Find(address, grant, out var point) is { } unknown) return unknown;
        if (point.Current is not { } blueprint) return Reward.Unreadable(point.Key);
        return call.Unfit(point.Key, blueprint.Answers) ?? PendingDecision.Make(call.AsDecideCall(point.Key, blueprint.Answers.TakesCandidates).Span, data, grant, out pending);
    }

    /// <summary>The decision point, where it takes no actions and has decided this event already: what it answered then stands, whatever its options are now.</summary>
    private async Task<DecisionPointSnapshot?> StoredAsync(PersonalizerAddress address, RankCall call, ApiKeyGrant grant, CancellationToken cancel) =>
        Find(address, grant, out var point) is null && point.Current is { Answers.TakesCandidates: false } && await FindAsync(point, call.EventId, cancel) is not null ? point : null;

    private async Task RewardAsync(HttpContext http, PersonalizerAddress address)
    {
        const string invalid = "InvalidRewardRequest";
        var fault = Admit(http, KeyScopes.Observe, out var grant);
        var (json, value, records, point) = (Array.Empty<byte>(), ReadOnlyMemory<byte>.Empty, Array.Empty<ObservationRecord>(), "");
        if (fault is null) (fault, json) = await BodyAsync(http, DataRoutes.CallBytes);
        fault ??= EventIds.Check(address.Event) ?? Reward.Read(json, out value);
        if (fault is null)
        {
            (fault, point, records) = await MakeAsync(address, value, grant, http.RequestAborted);
            if (fault is { Status: 404 } or { Code: "outcome.unknown" or "goal.unfit" })
            {
                await data.ChangesServe(http.RequestAborted);
                (fault, point, records) = await MakeAsync(address, value, grant, http.RequestAborted);
            }
        }
        Appended appended = default;
        if (fault is null)
        {
            appended = await data.Journal.AppendAsync(records, http.RequestAborted);
            fault = ObservationsApi.Fault(appended.Status, records[0]) is { } refused ? Reward.InItsWords(refused, point, address.Event, records[0].Outcome) : null;
        }
        if (fault is not null)
        {
            await RefuseAsync(http, invalid, fault);
            return;
        }
        if (appended.Status == AppendStatus.Replayed) http.Response.Headers[DecisionsApi.ReplayedHeader] = "true";
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task<(DataFault? Fault, string Point, ObservationRecord[] Records)> MakeAsync(
        PersonalizerAddress address, ReadOnlyMemory<byte> value, ApiKeyGrant grant, CancellationToken cancel)
    {
        if (Find(address, grant, out var point) is { } unknown) return (unknown, "", []);
        var decided = await FindAsync(point, address.Event, cancel);
        var version = await versions.FindAsync(point, decided is { BlueprintVersion: > 0 and var number } ? number : null, cancel);
        if (version.Refusal is { } unreadable) return (new(503, "decision-point.unavailable", unreadable.Reason, RetryAfter: 30), point.Key, []);
        var decisionId = EventIds.DecisionId(point.Key, address.Event);
        if (Reward.OutcomeOf(point.Key, version.Value!, decisionId, out var outcome) is { } unfit) return (unfit, point.Key, []);
        var fault = ObservationsApi.Read(Reward.AsObserveCall(decisionId, outcome, value), data, grant, out var records) ?? Reward.Misfit(version.Value!, records[0]);
        return (fault is null ? null : Reward.InItsWords(fault, point.Key, address.Event, outcome), point.Key, records);
    }

    /// <summary>The decision of an event of this decision point; null where there is none yet.</summary>
    private async Task<DecisionRecord?> FindAsync(DecisionPointSnapshot point, string eventId, CancellationToken cancel) =>
        await events.FindDecisionAsync(EventIds.DecisionId(point.Key, eventId), cancel) is { } decision && decision.DecisionPointId == point.Id ? decision : null;

    /// <summary>A decision counts from its answer on, so there is nothing left to do but to say whether it is there.</summary>
    private async Task ActivateAsync(HttpContext http, PersonalizerAddress address)
    {
        const string invalid = "InvalidEventIdToActivate";
        DecisionPointSnapshot? point = null;
        var fault = Admit(http, KeyScopes.Observe, out var grant) ?? EventIds.Check(address.Event) ?? Find(address, grant, out point);
        if (fault is null && await events.FindDecisionAsync(EventIds.DecisionId(point!.Key, address.Event), http.RequestAborted) is null)
            fault = new(404, "event.unknown", $"There is no event '{address.Event}' of '{point.Key}'. Check the id.", "eventId");
        if (fault is not null) await RefuseAsync(http, invalid, fault);
        else http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>The decision point that the address names, else the only one that the key may use.</summary>
    private DataFault? Find(PersonalizerAddress address, ApiKeyGrant grant, out DecisionPointSnapshot point)
    {
        point = null!;
        var snapshot = data.Engine.Current;
        var found = address.Point is { } key ? snapshot.Find(key) : grant.LimitedTo is { Count: 1 } only ? snapshot.Find(only.First()) : null;
        if (found is not null && grant.Allows(found.Id))
        {
            point = found;
            return null;
        }
        return address.Point is { } named ? DataFault.UnknownPoint(named)
            : grant.LimitedTo is { Count: 1 } ? new(404, "decision-point.unknown", "The decision point of this key is not there, or not published. Publish it, or make a key for another.")
            : new(404, "decision-point.unnamed", $"This key may use several decision points, so the address must name one: /{PersonalizerAddress.Base}/KEY before /{PersonalizerAddress.Base}. Or use a key that is limited to one.");
    }

    private DataFault? Admit(HttpContext http, KeyScopes scope, out ApiKeyGrant grant)
    {
        var headers = http.Request.Headers;
        if (headers[LooperSchemes.KeyHeader].Count == 0)
        {
            if (headers[LooperSchemes.PersonalizerKeyHeader] is not [{ Length: > 0 } sent])
            {
                grant = null!;
                return new(401, "key.missing", $"This call needs the header {LooperSchemes.PersonalizerKeyHeader} with an API key of Looper. Make one under Access, API keys.");
            }
            headers[LooperSchemes.KeyHeader] = sent;
        }
        return data.Admit(http, scope, out grant);
    }

    private static async ValueTask<(DataFault? Fault, byte[] Json)> BodyAsync(HttpContext http, long limit)
    {
        var (tooLarge, body) = await DataRoutes.BodyAsync(http, limit);
        if (tooLarge is not null) return (tooLarge, []);
        var json = body.ToArray();
        DataRoutes.Release(http, body);
        return (null, json);
    }

    private static DataFault OtherCall(HttpContext http) => new(404, "route.unknown",
        $"{http.Request.Path} is not offered. Of Personalizer's calls Looper takes rank, events/EVENT/reward and events/EVENT/activate, of v1.0 and v1.1-preview; what the others did is done in the console. Several slots at once are not taken: use a decision point that ranks a list, by /v1.");

    private static Task RefuseAsync(HttpContext http, string invalid, DataFault fault) => new PersonalizerFault(fault, invalid).WriteAsync(http);
}
