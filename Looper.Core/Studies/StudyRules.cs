using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Optimization;
using Looper.Core.Policies;

namespace Looper.Core.Studies;

/// <summary>Every rule that a study must keep. Pure: all faults at once, each with field, reason and fix.</summary>
public static class StudyRules
{
    public const int MaxName = 80, MaxTrials = 500, MaxBatch = 9;

    public const long MaxUnitsPerArm = 1_000_000_000;

    private const string Nothing = "The present policy has no numbers to tune. Publish one that explores first, such as epsilon-greedy or softmax.";

    /// <summary>Empty when the study may be started.</summary>
    /// <param name="content">Blueprint of its decision point; null without one.</param>
    public static ImmutableArray<Refusal> Check(StudyPlan plan, BlueprintContent? content)
    {
        var faults = ImmutableArray.CreateBuilder<Refusal>();
        if (plan.Parameters.Any(p => p is null) || plan.Goals.Any(g => g is null) || plan.Guardrails.Any(g => g is null) || plan.ParameterConstraints.Any(c => c?.Weights is null))
            return [Fault("plan", "A list of the plan has an empty entry. Take it out.")];
        if (plan.IsOfPolicy && plan.Parameters.IsEmpty && content is not null && PolicyParameters.Of(content).IsEmpty) faults.Add(Fault("parameters", Nothing));
        else
            foreach (var (field, reason) in ParameterSpace.Faults([.. plan.Parameters.Select(p => p.ToParameter())], Between(plan))) faults.Add(Fault(field, reason));
        CheckMetrics(plan, faults);
        if (plan.Trials is < 1 or > MaxTrials) faults.Add(Fault("trials", $"Trials: {plan.Trials} is not a number from 1 to {MaxTrials}."));
        if (plan.Batch is < 1 or > MaxBatch) faults.Add(Fault("batch", $"Trials side by side: {plan.Batch} is not a number from 1 to {MaxBatch}."));
        if (plan.Days is < 1 or > 3_650) faults.Add(Fault("days", $"Days: {plan.Days} is not a number from 1 to 3,650."));
        if (!(plan.BatchDays > 0 && plan.BatchDays <= 365)) faults.Add(Fault("batchDays", "Days of a batch: give more than 0 and at most 365."));
        if (plan.StopBelowGain is { } least && !(least > 0 && double.IsFinite(least))) faults.Add(Fault("stopBelowGain", "Least gain to go on for: give more than 0, or leave it out."));
        else if (plan.StopBelowGain is not null && plan.Goals.Length > 1) faults.Add(Fault("stopBelowGain", "A least gain to go on for needs a single goal. Leave it out, or keep one goal."));
        if (plan.Source == TrialSource.Simulator && !IsAddress(plan.SimulatorUrl)) faults.Add(Fault("simulatorUrl", "Simulator: give the http or https address that measures a setting."));
        if (plan.IsOfPolicy) CheckPolicy(plan, content, faults);
        if (plan.Source == TrialSource.Live) CheckLive(plan, faults);
        CheckLogged(plan, content, faults);
        if (faults.Count == 0 && !plan.StatusQuo.IsEmpty && new ParameterSpace([.. plan.Parameters.Select(p => p.ToParameter())], Between(plan)).Point(plan.StatusQuo, out var why) is null)
            faults.Add(Fault("statusQuo", $"Values of today: {why} Loosen what forbids them, or leave them out."));
        if (faults.Count == 0 && Proposer.Next(StudyAnalysis.ProblemOf(plan), []).IsEmpty)
            faults.Add(Fault("parameterConstraints", "The constraints together allow no setting. Loosen one."));
        return faults.ToImmutable();
    }

    public static Refusal? CheckName(string name) => string.IsNullOrWhiteSpace(name) ? Fault("name", "Name: it is empty. Say in a few words what is tuned.")
        : name.Length > MaxName ? Fault("name", $"Name: {name.Length} characters are more than the {MaxName} there is room for. Shorten it.") : null;

    internal static ImmutableArray<LinearConstraint> Between(StudyPlan plan) => [.. plan.ParameterConstraints.Select(c => new LinearConstraint(c.Weights, c.Bound))];

    internal static Refusal Invalid(ImmutableArray<Refusal> faults) => faults.Length == 1 ? faults[0] with { Faults = [.. faults] }
        : new Refusal("study.invalid", string.Join(" ", faults.Select(f => f.Reason)), faults[0].Field) { Faults = [.. faults] };

    private static void CheckMetrics(StudyPlan plan, ImmutableArray<Refusal>.Builder faults)
    {
        if (plan.Goals.Length is 0 or > 3) faults.Add(Fault("goals", $"Goals: {plan.Goals.Length}; give one to three."));
        for (var i = 0; i < plan.Goals.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(plan.Goals[i].Metric)) faults.Add(Fault($"goals[{i}].metric", "A goal needs a metric."));
            else if (plan.Goals.Take(i).Any(g => g.Metric == plan.Goals[i].Metric)) faults.Add(Fault($"goals[{i}].metric", $"'{plan.Goals[i].Metric}' is a goal twice."));
            if (plan.Goals[i].Threshold is { } threshold && !double.IsFinite(threshold)) faults.Add(Fault($"goals[{i}].threshold", $"'{plan.Goals[i].Metric}': what a useful trial beats is no number. Give one, or leave it out."));
        }
        for (var i = 0; i < plan.Guardrails.Length; i++)
        {
            var g = plan.Guardrails[i];
            if (string.IsNullOrWhiteSpace(g.Metric)) faults.Add(Fault($"guardrails[{i}].metric", "A guardrail needs a metric."));
            if ((g.AtMost is null) == (g.AtLeast is null)) faults.Add(Fault($"guardrails[{i}]", $"'{g.Metric}': give one bound, either atMost or atLeast."));
            else if (!double.IsFinite(g.AtMost ?? g.AtLeast!.Value)) faults.Add(Fault($"guardrails[{i}]", $"'{g.Metric}': the bound is no number. Give one, or take the guardrail out."));
        }
    }

    private static void CheckPolicy(StudyPlan plan, BlueprintContent? content, ImmutableArray<Refusal>.Builder faults)
    {
        if (content is null)
        {
            faults.Add(Fault("decisionPoint", "Live arms and logged decisions need a published decision point. Name one, or let a simulator or an application measure."));
            return;
        }
        var tunable = PolicyParameters.Of(content).Select(p => p.Name).ToList();
        for (var i = 0; i < plan.Parameters.Length; i++)
            if (!tunable.Contains(plan.Parameters[i].Name))
                faults.Add(Fault($"parameters[{i}].name", tunable.Count == 0
                    ? Nothing
                    : $"'{plan.Parameters[i].Name}' is no number of the present policy. It has {string.Join(", ", tunable)}."));
        if (faults.Count == 0) faults.AddRange(StudyRanges.Check(plan, content));
        foreach (var metric in plan.Goals.Select(g => g.Metric).Concat(plan.Guardrails.Select(g => g.Metric)))
            if (!content.Outcomes.Any(o => o.Name == metric))
                faults.Add(Fault("goals", $"Outcome '{metric}' is not in this blueprint. Choose one of {string.Join(", ", content.Outcomes.Select(o => o.Name))}."));
    }

    private static void CheckLogged(StudyPlan plan, BlueprintContent? content, ImmutableArray<Refusal>.Builder faults)
    {
        if (plan.LoggedTrials is < 0 or > MaxTrials) faults.Add(Fault("loggedTrials", $"Settings estimated on logged decisions: {plan.LoggedTrials} is not a number from 0 to {MaxTrials}."));
        else if (plan.LoggedTrials > 0 && plan.Source != TrialSource.Live)
            faults.Add(Fault("loggedTrials", "Settings estimated on logged decisions come before live arms. Choose the source live, or leave them out."));
        if (plan.LoggedDays is < 1 or > 3_650) faults.Add(Fault("loggedDays", $"Days of logged decisions: {plan.LoggedDays} is not a number from 1 to 3,650."));
        if (plan.ReadsLog && content is not null && ValuedShapes.WhyNot(content.Shape) is { } untold)
            faults.Add(Fault(plan.Source == TrialSource.Logged ? "source" : "loggedTrials", untold.Reason));
    }

    private static void CheckLive(StudyPlan plan, ImmutableArray<Refusal>.Builder faults)
    {
        if (!(plan.Traffic > 0 && plan.Traffic <= 1)) faults.Add(Fault("traffic", "Traffic: give a share above 0 and at most 1."));
        if (plan.UnitsPerArm < 100) faults.Add(Fault("unitsPerArm", $"Units per arm: {plan.UnitsPerArm} are too few to measure anything. Give 100 or more."));
        if (plan.UnitsPerArm > MaxUnitsPerArm) faults.Add(Fault("unitsPerArm", $"Units per arm: {plan.UnitsPerArm} are more than the {MaxUnitsPerArm} there is room for. Give fewer."));
        if (!(plan.VetoHours >= 0 && plan.VetoHours <= 720)) faults.Add(Fault("vetoHours", "Hours to strike a trial out: give 0 to 720."));
        if (!(plan.ReadMinutes >= 0 && plan.ReadMinutes <= 10_080)) faults.Add(Fault("readMinutes", "Minutes between readings: give 0 to 10,080."));
    }

    private static bool IsAddress(string? url) => Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && url!.Length <= 2_000;

    private static Refusal Fault(string field, string reason) => new("study.invalid", reason, field);
}
