using System.Text;
using System.Text.Json;
using Looper.Client;
using Looper.Client.Calls;
using Looper.Client.Deciding;
using Looper.Client.Delivery;
using Looper.Core;
using Looper.Core.Serving;
using Looper.InProcess.Snapshots;

namespace Looper.InProcess.Deciding;

/// <summary>Makes decisions in this process. Whatever happens there is one.</summary>
internal sealed class LocalDecider(WaitingLine waiting, TimeProvider clock)
{
    private readonly Ids _ids = new(clock);

    public Decision<T> Decide<T>(HeldSnapshot held, bool isStale, string unit, T fallback, object? context, string? decisionId)
    {
        try
        {
            return Make<T>(held.Point, HeldSnapshot.Around(isStale), unit, context, decisionId, out var failure) ?? failure!.Give(fallback);
        }
        catch (Exception fault) // of ours, or no memory: the product goes on
        {
            return new Failure(FallbackReason.Error, FaultText.Of(fault) + ".").Give(fallback);
        }
    }

    private Decision<T>? Make<T>(DecisionPointSnapshot point, ServingSnapshot around, string unit, object? context, string? decisionId, out Failure? failure)
    {
        var json = ReadOnlyMemory<byte>.Empty;
        failure = CallLimits.Fault(unit, decisionId) is { } wrong ? Failure.Invalid(wrong) : context is null ? null : Write(context, out json);
        if (failure is not null) return null;
        var now = clock.GetUtcNow();
        var id = decisionId ?? _ids.Next(now).ToString("D");
        // All that runs code of the product is over before the workspace of this thread is used, and comes again after it.
        var workspace = DecisionWorkspace.OfThread;
        var made = DecisionEngine.Decide(around, point, new(Encoding.UTF8.GetBytes(unit), Encoding.UTF8.GetBytes(id), json.Span, at: now), workspace);
        var parcel = new MadeDecision(point.Key, id, unit, now, json.Span, made).ToJson(workspace.Scores);
        failure = DecidedValue.Read<T>(made, out var value);
        if (failure is null && !waiting.Take(parcel)) failure = Failure.Invalid("This client is closed.");
        // What the product does not act on is not reported: it was never shown.
        return failure is not null ? null : new()
        {
            Value = value,
            DecisionId = id,
            Propensity = made.Propensity,
            Reason = made.Reason.Word(),
            Experiment = made.Experiment?.Key,
            Arm = made.Experiment?.ArmKey(made.Arm),
            BlueprintVersion = made.Blueprint!.Version,
            ModelVersion = made.ModelNumber > 0 ? made.ModelNumber : null,
            IsDefault = made.Reason.IsDefault(),
            Recorded = true,
        };
    }

    private static Failure? Write(object context, out ReadOnlyMemory<byte> written)
    {
        written = default;
        try
        {
            var to = new BoundedBuffer(SentValues.MostBytes);
            using (var json = new Utf8JsonWriter(to, SentValues.Writing)) SentValues.Write(json, context);
            var bytes = to.Written.ToArray();
            bytes.AsSpan().Replace((byte)'\n', (byte)' '); // one decision, one line of the spool, whatever a converter writes between values
            written = bytes;
            return CallLimits.Fault(bytes) is { } wrong ? Failure.Invalid(wrong) : null;
        }
        catch (Exception fault)
        {
            return Failure.Invalid($"The call cannot be written as JSON: {FaultText.Of(fault)}.");
        }
    }
}
