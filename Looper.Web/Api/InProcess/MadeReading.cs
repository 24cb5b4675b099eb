using System.Text;
using System.Text.Json;
using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Metering;
using Looper.Core.Serving;

namespace Looper.Web.Api.InProcess;

/// <param name="Sent">Its time as it was sent, which may be ahead of the clock.</param>
internal readonly record struct SentDecision(DecisionRecord Record, DateTimeOffset Sent);

/// <summary>Makes the records of one batch of decisions that were made elsewhere. What is not known here is noted, and is read again once it has been looked up.</summary>
internal sealed class MadeReading(DataRoutes data, LateDecisions late, MadeVersions versions, ApiKeyGrant grant)
{
    private BatchRoom _room = new(data.Journal, data.Engine.Current, data.Clock.GetUtcNow());
    private Dictionary<(Guid Point, int Version), MadeVersion> _loaded = [];
    private bool _lookedUp, _isAway;

    /// <summary>Versions to be loaded.</summary>
    public HashSet<(Guid Point, int Version)> Wanted { get; } = [];

    /// <summary>Reads anew, with what was found.</summary>
    /// <param name="isAway">The database does not answer: what is not known here may be there.</param>
    public void Again(Dictionary<(Guid Point, int Version), MadeVersion> loaded, bool isAway) =>
        (_room, _loaded, _isAway, _lookedUp) = (new(data.Journal, data.Engine.Current, data.Clock.GetUtcNow()), loaded, isAway, true);

    /// <inheritdoc cref="BatchItemReader{T}"/>
    public DataFault? Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, out SentDecision made)
    {
        made = default;
        var began = WorkSample.Begin();
        if (MadeCall.Read(ref reader, json, out var call) is { } bad) return bad;
        var point = _room.Snapshot.Find(call.Point);
        if (point is null || !grant.Allows(point.Id)) return Unknown(DataFault.UnknownPoint(Encoding.UTF8.GetString(call.Point)), point is null);
        var fault = Check(call, point, out var version, out var answer, out var lot);
        if (fault is null) made = new(RecordOf(call, point, version, answer, lot), call.Time!.Value);
        WorkSample.End(began, data.Work, point.Id);
        return fault;
    }

    private DataFault? Check(in MadeCall call, DecisionPointSnapshot point, out MadeVersion version, out Answer answer, out (Guid? Experiment, int Arm) lot)
    {
        (version, answer, lot) = (null!, default, (null, -1));
        if (!_room.HasNext(point.Id)) return DataFault.Full;
        if (Gone(call, point) is { } gone) return gone;
        if (Version(point, call.Version) is not { } known) return Unknown(MadeFaults.UnknownVersion(point.Key, call.Version));
        version = known;
        if (known.NotInProcess is { } why) return MadeFaults.NotInProcess(why);
        if (MadeAnswers.Read(call.Decision, known.Answers, isOfArm: !call.Experiment.IsEmpty, out answer) is { } unfit) return unfit;
        if (call.Scores.Length != 0 && call.Scores.Length != known.Answers.Scores)
            return DataFault.Invalid("scores", $"this has {call.Scores.Length} numbers, and the version that decided gives {known.Answers.Scores}. Give them as the model gave them, or leave this out.");
        return call.Experiment.IsEmpty ? null : Lot(call, point, out lot);
    }

    // What was taken away does not come back: at its own time it would have gone with the rest.
    private DataFault? Gone(in MadeCall call, DecisionPointSnapshot point)
    {
        var made = call.Time!.Value;
        if (_room.At - made > LateDecisions.Longest) return MadeFaults.TooOld(made);
        if (!late.IsKnown) return MadeFaults.DatabaseAway;
        if (late.ClearedAt(point.Id) is { } cleared && made <= cleared) return MadeFaults.Cleared(point.Key, cleared);
        return late.ErasedAt(Encoding.UTF8.GetString(call.Unit)) is { } erased && made <= erased ? MadeFaults.Erased(erased) : null;
    }

    private DataFault? Lot(in MadeCall call, DecisionPointSnapshot point, out (Guid? Experiment, int Arm) lot)
    {
        var (key, arm) = (Encoding.UTF8.GetString(call.Experiment), Encoding.UTF8.GetString(call.Arm));
        lot = (null, -1);
        foreach (var experiment in point.KnownExperiments)
        {
            if (experiment.Key != key) continue;
            for (var i = 0; i < experiment.Arms.Length; i++)
            {
                if (experiment.Arms[i].Key == arm) lot = (experiment.Id, i);
            }
            return lot.Arm >= 0 ? null : Unknown(MadeFaults.UnknownArm(key, arm));
        }
        return Unknown(MadeFaults.UnknownExperiment(point.Key, key));
    }

    private MadeVersion? Version(DecisionPointSnapshot point, int version)
    {
        if (versions.Find(point, version) is { } known || _loaded.TryGetValue((point.Id, version), out known)) return known;
        Wanted.Add((point.Id, version));
        return null;
    }

    private DataFault Unknown(DataFault fault, bool mayBeNew = true) => mayBeNew && _lookedUp && _isAway ? MadeFaults.DatabaseAway : fault;

    // As a call to decide would have been recorded, with the features as its own version reads them.
    private DecisionRecord RecordOf(in MadeCall call, DecisionPointSnapshot point, MadeVersion version, Answer answer, (Guid? Experiment, int Arm) lot)
    {
        var workspace = DecisionWorkspace.OfThread;
        if (call.Reason != Reason.DefaultError) version.Reader.Read(call.Context, workspace);
        return new(default, call.Id, call.Unit, call.Reason == Reason.DefaultError ? default : workspace.Served, _room.Bytes)
        {
            DecisionPointId = point.Id,
            Time = call.Time!.Value < _room.At ? call.Time.Value : _room.At,
            BlueprintVersion = call.Version,
            Option = answer.Option,
            Value = answer.Value,
            Propensity = call.Propensity,
            Reason = call.Reason,
            ExperimentId = lot.Experiment,
            Arm = lot.Arm,
            ModelNumber = call.Model,
            Marks = (point.IsSimulated ? RecordMarks.Simulated : 0) | (call.Reason.IsDefault() ? RecordMarks.Default : 0),
            Scores = call.Scores,
            Configuration = answer.Configuration is { } configuration ? configuration.Utf8 : default,
            RequestHash = PendingDecision.HashOf(call.Point, call.Unit, call.Context, default),
        };
    }
}
