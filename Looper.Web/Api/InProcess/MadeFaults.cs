using Looper.Core;
using Looper.Core.Decisions;

namespace Looper.Web.Api.InProcess;

/// <summary>Why a decision that was made elsewhere is not taken.</summary>
internal static class MadeFaults
{
    /// <summary>Nobody knows whether what is not known here is there.</summary>
    public static readonly DataFault DatabaseAway = new(
        503, "database.unavailable", "Looper’s database does not answer, so what has changed lately is not known. Send this again, with the same id.", RetryAfter: 5);

    public static DataFault TooOld(DateTimeOffset time) => new(
        422, "decision.too-old",
        FormattableString.Invariant($"time: {time:yyyy-MM-dd'T'HH:mm:ss'Z'} is more than {LateDecisions.Longest.TotalDays:0} days ago, and figures of that time are closed. Nothing was stored. Look why the app could not reach Looper for so long, or set its clock."),
        "time");

    public static DataFault Cleared(string point, DateTimeOffset at) => new(
        422, "decision.cleared",
        FormattableString.Invariant($"time: this was decided before the data of '{point}' were cleared at {at:yyyy-MM-dd'T'HH:mm:ss'Z'}. Nothing was stored. Drop this decision: what was cleared stays cleared."),
        "time");

    public static DataFault Erased(DateTimeOffset at) => new(
        422, "decision.erased",
        FormattableString.Invariant($"unit: this was decided before the unit was erased at {at:yyyy-MM-dd'T'HH:mm:ss'Z'}. Nothing was stored. Drop this decision: what was erased stays erased."),
        "unit");

    public static DataFault UnknownVersion(string point, int version) =>
        new(422, "blueprint.unknown", $"blueprintVersion: '{point}' has no version {version} that can be read. Give the version of the snapshot that was decided by.", "blueprintVersion");

    public static DataFault NotInProcess(Refusal why) => new(422, why.Code, $"blueprintVersion: {why.Reason}", "blueprintVersion");

    public static DataFault UnknownExperiment(string point, string experiment) =>
        new(422, "experiment.unknown", $"experiment: '{point}' has had no experiment '{experiment}'. Give its key as the snapshot has it, or leave experiment and arm out.", "experiment");

    public static DataFault UnknownArm(string experiment, string arm) =>
        new(422, "arm.unknown", $"arm: experiment '{experiment}' has no arm '{arm}'. Give its key as the snapshot has it.", "arm");

    /// <summary>What may be right a moment later, or on another node: looked up before it is said.</summary>
    public static bool IsUnknown(DataFault? fault) => fault is { Status: 404 } or { Code: "blueprint.unknown" or "experiment.unknown" or "arm.unknown" };
}
