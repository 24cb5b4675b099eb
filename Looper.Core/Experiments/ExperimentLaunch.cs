using Looper.Core.Access;

namespace Looper.Core.Experiments;

/// <summary>The start as people do it: through the checklist. A red row keeps it from starting, an amber one asks for a reason that is kept.</summary>
public sealed class ExperimentLaunch(ExperimentChecklist checklist, ExperimentActions actions)
{
    public async Task<Refusal?> StartAsync(Caller caller, Guid id, string? reason, CancellationToken cancel)
    {
        if (caller.Lacks(Right.RunExperiments) is { } denied) return denied;
        if (reason?.Length > ExperimentRules.MaxNote)
            return new("experiment.invalid", $"Reason: {reason.Length} characters are more than the {ExperimentRules.MaxNote} there is room for. Shorten it.", "reason");
        var answered = await checklist.OfAsync(caller, id, cancel);
        if (answered.Value is not { } list) return answered.Refusal!;
        // What is red is refused by the start itself, with the field at fault.
        var accepted = list.MayStart ? list.Amber : [];
        if (accepted.Count > 0 && string.IsNullOrWhiteSpace(reason))
            return new("experiment.reason-needed", $"{string.Join(" ", accepted)} Put it right, or say why to start all the same.", "reason");
        return await actions.StartAsync(caller, id, reason, cancel, accepted);
    }
}
