using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Experiments;
using Looper.Core.Runs;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Experiments;

/// <summary>The run of one kind that a page asked for, or found under way for its experiment.</summary>
public sealed class AskedRun(string kind)
{
    public Guid? Job { get; private set; }

    /// <summary>Nothing more can be asked for until it has ended.</summary>
    public bool IsOpen { get; private set; }

    public bool IsAsking { get; private set; }

    public FieldErrors Errors { get; private set; } = FieldErrors.None;

    public Refusal? Denied(Caller caller) => caller.Lacks(JobKinds.Needs(kind));

    public async Task FindAsync(JobRunQueries runs, Caller caller, ExperimentView experiment)
    {
        var open = await runs.ListAsync(caller, new(experiment.DecisionPointId, kind, OpenOnly: true), default);
        if (open.Value?.FirstOrDefault(r => r.Subject == experiment.Key) is { } run) (Job, IsOpen) = (run.Id, true);
    }

    public async Task AskAsync(Notices notices, Func<Task<Answered<Guid>>> start)
    {
        if (IsAsking || IsOpen) return; // pressed twice
        IsAsking = true;
        try
        {
            var started = await start();
            Errors = started.Refusal is { } fault ? new(fault) : FieldErrors.None;
            if (started.Refusal is { } refusal) notices.Show(refusal);
            else (Job, IsOpen) = (started.Value, true);
        }
        finally
        {
            IsAsking = false;
        }
    }

    public void Refuse(Refusal refusal) => Errors = new(refusal);

    /// <summary>Whether it is done: what came out replaces what is shown. A run that failed or was cancelled stays, with its reason, above the form to try again.</summary>
    public bool IsDone(JobRunView run)
    {
        IsOpen = run.IsOpen;
        if (run.State != JobState.Done) return false;
        Job = null;
        return true;
    }
}
