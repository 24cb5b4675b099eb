using Looper.Core;
using Looper.Core.Blueprints;
using Looper.Core.Policies;
using Looper.Core.Runs;
using Microsoft.Extensions.Logging;

namespace Looper.Jobs;

/// <summary>Judges a draft or a policy on logged decisions. Twice is harmless: content, moment and seed come from the run.</summary>
public sealed class ValuePolicyJob(PolicyValuation valuation, JobRuns runs, TimeProvider clock, ILogger<ValuePolicyJob> log) : QueuedJob(runs, log)
{
    protected override async Task<Refusal?> RunAsync(RunningJob run, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(run);
        var input = ValueInput.Read(run.Input);
        var judged = await valuation.EvaluateAsync(run.DecisionPointId ?? default, input, run.RequestedAt, run.Id, run.Report, cancel);
        if (judged.Refusal is { } refusal) return refusal;
        var result = judged.Value!;
        foreach (var warning in result.Warnings) run.Say(warning);
        await run.PublishAsync((db, _) =>
        {
            db.Add(new PolicyEvaluation
            {
                Id = run.Id,
                DecisionPointId = run.DecisionPointId ?? default,
                Hash = BlueprintJson.Hash(input.Content),
                Title = input.Title,
                RequestedBy = run.RequestedBy,
                MadeAt = clock.GetUtcNow(),
                Result = PolicyJson.Write(result),
            });
            return Task.CompletedTask;
        }, () => result.Sentence, cancel);
        return null;
    }
}
