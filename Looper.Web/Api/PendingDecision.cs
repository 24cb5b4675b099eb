using System.Collections.Immutable;
using System.Text;
using Looper.Core.Access;
using Looper.Core.Events;
using Looper.Core.Metering;
using Looper.Core.Serving;
using Looper.Core.Serving.Candidates;

namespace Looper.Web.Api;

/// <summary>A decision that was made and not answered yet.</summary>
/// <param name="IsStorable">False when the decision point holds so little that its answer cannot be written down.</param>
internal readonly record struct PendingDecision(DecisionRecord Record, DecisionPointSnapshot Point, bool IsDurable, bool IsStorable)
{
    private const int UuidCharacters = 36;

    /// <summary>Whether the answer is to say why it came out so.</summary>
    public Explaining Explaining { get; init; }

    /// <summary>Reads, decides, and makes the record: no await, nothing kept of the body.</summary>
    public static DataFault? Make(ReadOnlySpan<byte> json, DataRoutes routes, ApiKeyGrant grant, out PendingDecision pending)
    {
        pending = default;
        return DecisionCall.Read(json, out var call) ?? Make(call, routes, grant, null, out pending);
    }

    /// <inheritdoc cref="DecisionCall.Read(ref System.Text.Json.Utf8JsonReader, ReadOnlySpan{byte}, out DecisionCall)"/>
    public static DataFault? Make(ref System.Text.Json.Utf8JsonReader reader, ReadOnlySpan<byte> json, DataRoutes routes, ApiKeyGrant grant, BatchRoom room, out PendingDecision pending)
    {
        pending = default;
        return DecisionCall.Read(ref reader, json, out var call) ?? Make(call, routes, grant, room, out pending);
    }

    /// <summary>The next of several in a body; false where it must be read otherwise.</summary>
    public static bool TryMake(ref FlatCall calls, DataRoutes routes, ApiKeyGrant grant, BatchRoom room, out DataFault? fault, out PendingDecision pending)
    {
        (fault, pending) = (null, default);
        var call = default(DecisionCall);
        if (!calls.TryReadCall(ref call)) return false;
        fault = Make(call, routes, grant, room, out pending);
        return true;
    }

    /// <param name="room">Of its batch; null for a call by itself.</param>
    private static DataFault? Make(in DecisionCall call, DataRoutes routes, ApiKeyGrant grant, BatchRoom? room, out PendingDecision pending)
    {
        pending = default;
        var began = WorkSample.Begin();
        var snapshot = room?.Snapshot ?? routes.Engine.Current;
        if (snapshot.Find(call.Point) is not { } point || !grant.Allows(point.Id)) return DataFault.UnknownPoint(Encoding.UTF8.GetString(call.Point));
        if (!(room?.HasNext(point.Id) ?? routes.Journal.HasRoom(point.Id, 1))) return DataFault.Of(AppendStatus.Full, "");
        var takesCandidates = point.Current is { Answers.TakesCandidates: true };
        if (takesCandidates && (call.CandidatesFault ?? (call.Candidates.IsEmpty ? CandidateList.Missing : null)) is { } unfit) return unfit;
        var now = room is not null && point.Histories.IsEmpty ? room.At : routes.Clock.GetUtcNow();
        var made = default(Guid);
        Span<byte> id = stackalloc byte[UuidCharacters];
        if (call.Id.IsEmpty)
        {
            made = routes.Ids.Next(now);
            made.TryFormat(id, out _);
        }
        var workspace = DecisionWorkspace.OfThread;
        var request = new DecisionRequest(call.Unit, call.Id.IsEmpty ? id : call.Id, call.Context, takesCandidates ? call.Candidates : default)
        {
            At = now,
            Read = call.ReadContext,
            Histories = routes.Journal.Histories.Units,
        };
        var decision = DecisionEngine.Decide(snapshot, point, request, workspace);
        var record = new DecisionRecord(made, call.Id, call.Unit, workspace.Served, room?.Bytes)
        {
            DecisionPointId = point.Id,
            Time = now,
            BlueprintVersion = decision.Blueprint?.Version ?? 0,
            Option = decision.Answer.Option,
            Value = decision.Answer.Value,
            Propensity = decision.Propensity,
            Reason = decision.Reason,
            ExperimentId = decision.Experiment?.Id,
            Arm = decision.Arm,
            ModelNumber = decision.ModelNumber,
            Marks = (point.IsSimulated ? RecordMarks.Simulated : 0) | (decision.Reason.IsDefault() ? RecordMarks.Default : 0),
            Scores = ImmutableArray.Create(takesCandidates ? workspace.Candidates.Scores : workspace.Scores),
            Candidates = takesCandidates ? ServedCandidates.Write(workspace.Candidates) : default(ReadOnlyMemory<byte>),
            Configuration = decision.Answer.Configuration is { } configuration ? configuration.Utf8 : default,
            RequestHash = call.Id.IsEmpty ? 0 : HashOf(call.Point, call.Unit, call.Context, call.Candidates),
        };
        pending = new(record, point, decision.Blueprint?.Durable ?? false, decision.Blueprint is not null) { Explaining = call.Explain ? Explaining.Asked : Explaining.No };
        WorkSample.End(began, routes.Work, point.Id);
        return null;
    }

    /// <summary>The same for calls that ask the same.</summary>
    public static ulong HashOf(ReadOnlySpan<byte> point, ReadOnlySpan<byte> unit, ReadOnlySpan<byte> context, ReadOnlySpan<byte> candidates) =>
        Assignment.Hash(point, 1) + Assignment.Hash(unit, 2) + CanonicalHash.Of(context) + 3 * CanonicalHash.Of(candidates);

    /// <summary>What to answer, given what became of the record; a fault when nothing may be said.</summary>
    public DataFault? Settle(Appended appended, out DecisionAnswer answer)
    {
        answer = new(Record, Point, IsRecorded: true, IsReplay: false, Explaining);
        switch (appended.Status)
        {
            case AppendStatus.Stored:
                return null;
            case AppendStatus.Replayed:
                answer = new(appended.Stored ?? Record, Point, IsRecorded: true, IsReplay: true, Explaining);
                return null;
            case AppendStatus.Unavailable when !IsDurable:
                answer = answer with { IsRecorded = false };
                return null;
            default:
                return DataFault.Of(appended.Status, Record.Id);
        }
    }
}
