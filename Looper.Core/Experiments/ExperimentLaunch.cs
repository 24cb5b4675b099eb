using Looper.Core.Access;

namespace Looper.Core.Experiments;

/// <summary>The start as people do it: through the checklist. A red row keeps it from starting, an amber one asks for a reason that is kept.</summary>
public sealed class ExperimentLaunch(ExperimentChecklist checklist, ExperimentActions actions)
{
    public async Task<Refusal?> StartAsync(Caller caller, Guid id, string? reason, CancellationToken cancel)
    {
        if (caller.Lacks(Right.RunExperiments) is { } denied) return denied;
        var answered = await ListAsync(caller, id, reason, cancel);
        // What is red is refused by the start itself, with the field at fault.
        return answered.Value is { } list ? await actions.StartAsync(caller, id, reason, cancel, list.MayStart ? list.Amber : []) : answered.Refusal!;
    }

    /// <summary>The amber rows in spite of which it may start; refused where one is red, or where they go without a reason.</summary>
    internal async Task<Answered<IReadOnlyList<string>>> AcceptedAsync(Caller caller, Guid id, string? reason, CancellationToken cancel)
    {
        var answered = await ListAsync(caller, id, reason, cancel);
        if (answered.Value is not { } list) return answered.Refusal!;
        if (list.Items.FirstOrDefault(i => i.State == HealthState.Red) is { } red) return new Refusal("experiment.invalid", $"{red.Title}: {red.Sentence} {red.Fix}".TrimEnd());
        return new(list.Amber, null);
    }

    private async Task<Answered<Checklist>> ListAsync(Caller caller, Guid id, string? reason, CancellationToken cancel)
    {
        if (reason?.Length > ExperimentRules.MaxNote)
            return new Refusal("experiment.invalid", $"Reason: {reason.Length} characters are more than the {ExperimentRules.MaxNote} there is room for. Shorten it.", "reason");
        var answered = await checklist.OfAsync(caller, id, cancel);
        if (answered.Value is not { } list) return answered.Refusal!;
        return list.MayStart && list.Amber.Count > 0 && string.IsNullOrWhiteSpace(reason)
            ? new Refusal("experiment.reason-needed", $"{string.Join(" ", list.Amber)} Put it right, or say why to start all the same.", "reason")
            : list;
    }
}
