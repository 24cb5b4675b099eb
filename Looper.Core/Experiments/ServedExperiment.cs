using Looper.Core.Serving;

namespace Looper.Core.Experiments;

/// <summary>What serving compiles of an experiment.</summary>
public static class ServedExperiment
{
    /// <param name="plan">Its own, or the one that it would start with.</param>
    /// <param name="learned">What the bandit that is an arm has learned, by the arm's key; empty for nothing.</param>
    public static ExperimentSource Of(Experiment experiment, ExperimentPlan plan, Func<string, byte[]> learned) => new(
        experiment.Id, experiment.Key, experiment.Salt, plan.TrafficAt(experiment.RampStep), plan.Holdout, experiment.State == ExperimentState.Running,
        experiment.StartedAt ?? experiment.CreatedAt, [.. plan.Arms.Select(a => new ArmSource(a.Key, a.Weight, a.Option, a.Policy, a.BlueprintVersion) { Bandit = learned(a.Key) })])
    {
        Audience = [.. plan.Audience.Select(f => new AudienceSource(f.Feature, Enum.Parse<AudienceRule>(f.Rule.ToString()), f.Value))],
        Testers = [.. ExperimentJson.ReadTesters(experiment.Testers).Select(t => new TesterSource(t.Unit, plan.ArmIndex(t.Arm))).Where(t => t.Arm >= 0)],
        Layer = plan.Layer,
        LayerFrom = plan.LayerFrom,
        Cluster = plan.Cluster,
        Shares = [.. ExperimentJson.ReadAllocation(experiment.Allocation).TakeLast(2).Select(e => new SharesSource(e.From, [.. e.Weights]))],
        Slots = plan.Switchback is { } switchback ? new(switchback.SlotMinutes, switchback.Region) : null,
    };
}
