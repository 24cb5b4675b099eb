using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;

namespace Looper.Core.Experiments;

/// <summary>Every rule an experiment must keep. Pure: all faults at once, each with field, reason and fix.</summary>
public static partial class ExperimentRules
{
    public const int MaxKey = 64;
    public const int MaxName = 80;
    public const int MaxHypothesis = 1_000;
    public const int MaxNote = 500;
    public const int MaxArms = 10;
    public const int MaxCovariates = 10;

    /// <summary>Shares may miss 1 by this much: what is lost in typing percents.</summary>
    public const double WeightTolerance = 1e-6;

    /// <summary>Empty when the plan may be started on this blueprint.</summary>
    /// <param name="versions">Published versions that an arm may name.</param>
    public static ImmutableArray<Refusal> Check(ExperimentPlan plan, BlueprintContent blueprint, IReadOnlyCollection<int>? versions = null)
    {
        var faults = ImmutableArray.CreateBuilder<Refusal>();
        CheckArms(plan, blueprint, versions, faults);
        CheckReading(plan, blueprint, faults);
        DesignRules.Check(plan, blueprint, (field, what) => faults.Add(Fault(field, what)));
        RandomisationRules.Check(plan, blueprint, (field, what) => faults.Add(Fault(field, what)));
        return faults.ToImmutable();
    }

    /// <summary>What not even a draft may hold, because whoever reads its plan would trip over it: an entry of a list that is none, and a span too long to be
    /// added to another.</summary>
    internal static Refusal? Unreadable(ExperimentPlan plan)
    {
        var gap = Gap("arms", plan.Arms) ?? Gap("metrics", plan.Metrics) ?? Gap("guardrails", plan.Guardrails) ?? Gap("covariates", plan.Covariates) ?? Gap("audience", plan.Audience) ?? Gap("ramp", plan.Ramp);
        for (var i = 0; gap is null && i < plan.Metrics.Length; i++)
        {
            gap = Gap($"metrics[{i}].only", plan.Metrics[i].Only) ?? Gap($"metrics[{i}].steps", plan.Metrics[i].Steps);
            if (MetricRules.Endless(plan.Metrics[i]) is { } field) return Fault($"metrics[{i}].{field}", MetricRules.SpanWords);
        }

        return gap is null ? null : Fault(gap, "this entry is empty (`null`). Remove it, or fill it in.");
    }

    private static string? Gap<T>(string field, ImmutableArray<T> entries) where T : class => entries.IsDefault ? field : entries.IndexOf(null!) is var at and >= 0 ? $"{field}[{at}]" : null;

    /// <summary>Key, name and hypothesis.</summary>
    public static ImmutableArray<Refusal> CheckNames(string key, string name, string? hypothesis)
    {
        var faults = ImmutableArray.CreateBuilder<Refusal>();
        if (!KeyForm().IsMatch(key))
            faults.Add(Fault("key", $"'{Shown(key)}' is not a key: use 2 to {MaxKey} lower-case letters, digits and hyphens, for example banner-q4."));
        if (string.IsNullOrWhiteSpace(name)) faults.Add(Fault("name", "it is empty. Say in a few words what is compared."));
        else if (name.Length > MaxName) faults.Add(Fault("name", $"{name.Length} characters are more than the {MaxName} there is room for. Shorten it."));
        if (hypothesis?.Length > MaxHypothesis)
            faults.Add(Fault("hypothesis", $"{hypothesis.Length} characters are more than the {MaxHypothesis} there is room for. Shorten it."));
        return faults.ToImmutable();
    }

    /// <summary>The outcome that decides: the plan's, else the blueprint's first goal; null when there is none.</summary>
    public static string? PrimaryOutcome(ExperimentPlan plan, BlueprintContent blueprint) =>
        plan.PrimaryOutcome ?? (blueprint.Goal.Terms.IsDefaultOrEmpty ? null : blueprint.Goal.Terms[0].Outcome);

    internal static Refusal Invalid(IReadOnlyList<Refusal> faults) => faults.Count == 1
        ? faults[0] with { Faults = [.. faults] }
        : new Refusal("experiment.invalid", string.Join(" ", faults.Select(f => f.Reason)), faults[0].Field) { Faults = [.. faults] };

    private static void CheckArms(ExperimentPlan plan, BlueprintContent blueprint, IReadOnlyCollection<int>? versions, ImmutableArray<Refusal>.Builder faults)
    {
        if (plan.Arms.IsDefault || plan.Arms.Length < 2)
        {
            faults.Add(Fault("arms", "an experiment compares at least two arms; the first is the baseline. Add one."));
            return;
        }

        if (plan.Arms.Length > MaxArms) faults.Add(Fault("arms", $"{plan.Arms.Length} arms are more than {MaxArms}. Compare fewer at a time."));
        var sum = plan.Arms.Sum(a => a.Weight);
        if (!(Math.Abs(sum - 1) <= WeightTolerance))
            faults.Add(Fault("arms", $"shares must sum to 100%; now {Percent(sum)}. Change one of them."));
        var keys = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < plan.Arms.Length; i++)
        {
            var arm = plan.Arms[i];
            var field = $"arms[{i}]";
            if (!ArmForm().IsMatch(arm.Key))
                faults.Add(Fault($"{field}.key", $"'{Shown(arm.Key)}' is not a key: use 1 to {MaxKey} letters, digits, dots, underscores and hyphens."));
            else if (!keys.Add(arm.Key)) faults.Add(Fault($"{field}.key", $"'{arm.Key}' names two arms. Give each its own."));
            if (!(arm.Weight > 0 && arm.Weight < 1))
                faults.Add(Fault($"{field}.weight", $"a share of {Percent(arm.Weight)} is not between 0% and 100%. Give every arm some units."));
            CheckAction(arm, field, blueprint, versions, faults);
        }
    }

    private static void CheckAction(Arm arm, string field, BlueprintContent blueprint, IReadOnlyCollection<int>? versions, ImmutableArray<Refusal>.Builder faults)
    {
        var set = (arm.Option is null ? 0 : 1) + (arm.Policy is null ? 0 : 1) + (arm.BlueprintVersion is null ? 0 : 1);
        if (set > 1) faults.Add(Fault(field, $"'{arm.Key}' has more than one of option, policy and blueprint version. Keep one."));
        var keys = blueprint.Shape.TakesCandidates() ? [DecisionShapes.AsSent] : blueprint.Options.Select(o => o.Key).ToList();
        if (arm.Policy is FixedPolicy && blueprint.Shape.TakesCandidates()) faults.Add(Fault($"{field}.policy", "candidates come with each call, so none can be fixed. Use the policy as-sent."));
        if (arm.Policy is AsSentPolicy && !blueprint.Shape.TakesCandidates()) faults.Add(Fault($"{field}.policy", "as-sent keeps the order of candidates, and none are sent here. Name an option."));
        if (arm.Policy is SoftmaxPolicy { Temperature: not (> 0 and < double.PositiveInfinity) } soft)
            faults.Add(Fault($"{field}.policy.temperature", $"{Number(soft.Temperature)} is not a finite number above 0."));
        if (arm.Policy is BanditPolicy bandit && blueprint.Shape != DecisionShape.Configuration)
            faults.AddRange(BanditRules.Faults($"{field}.policy", bandit, blueprint).Select(f => new Refusal("experiment.invalid", f.Reason, $"{field}.policy")));
        if (arm.Policy is not (null or FixedPolicy) && blueprint.Shape == DecisionShape.Configuration)
            faults.Add(Fault($"{field}.policy", "a configuration is fixed here. Use the policy fixed with a value for every parameter."));
        else if (arm.Policy is RandomPolicy or EpsilonGreedyPolicy or SoftmaxPolicy && blueprint.Shape == DecisionShape.Value)
            faults.Add(Fault($"{field}.policy", "it draws one of fixed options, and a value is either predicted or fixed. Choose the policy best or fixed."));
        else if (arm.Policy is TreePolicy && (blueprint.Shape == DecisionShape.Value || blueprint.Shape.TakesCandidates()))
            faults.Add(Fault($"{field}.policy", "a rule answers one of fixed options, and there are none here. Choose another policy."));
        else if (arm.Policy is TreePolicy tree && Serving.RuleCheck.Fault(tree, blueprint, $"{field}.policy") is { } unfit)
            faults.Add(Fault(unfit.Field ?? field, unfit.Reason));
        var option = arm.Option ?? (arm.Policy as FixedPolicy)?.Option;
        if (option is not null) CheckOption(option, arm.Option is null ? $"{field}.policy.option" : $"{field}.option", blueprint, keys, faults);
        if (arm.BlueprintVersion is { } version && versions is not null && !versions.Contains(version))
            faults.Add(Fault($"{field}.blueprintVersion", $"version {version} has not been published. Choose one of {string.Join(", ", versions.Order())}."));
        if (arm.Policy is EpsilonGreedyPolicy { Epsilon: not (>= 0 and <= 1) } greedy)
            faults.Add(Fault($"{field}.policy.epsilon", $"{Number(greedy.Epsilon)} is not a share between 0 and 1."));
        if (arm.Policy is RandomPolicy { Weights: { IsDefaultOrEmpty: false } weights } && (blueprint.Shape.TakesCandidates() || weights.Length != keys.Count || weights.Any(w => !(w >= 0)) || !(weights.Sum() > 0)))
            faults.Add(Fault($"{field}.policy.weights", $"give one weight of 0 or more for each of the {keys.Count} options, not all 0."));
    }

    private static void CheckOption(string option, string field, BlueprintContent blueprint, List<string> keys, ImmutableArray<Refusal>.Builder faults)
    {
        if (blueprint.Shape == DecisionShape.Configuration)
        {
            if (Configuration.Parse(option, blueprint.Parameters, out var why) is null) faults.Add(Fault(field, $"{Shown(why!)}. Give one value for every parameter, inside its limits."));
        }
        else if (blueprint.Shape == DecisionShape.Value)
        {
            if (!double.TryParse(option, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value))
                faults.Add(Fault(field, $"'{Shown(option)}' is not a number, and this decision point answers numbers. Give one."));
        }
        else if (!keys.Contains(option))
        {
            faults.Add(Fault(field, $"'{Shown(option)}' is not an option of this decision point. Choose one of {string.Join(", ", keys)}."));
        }
    }

    private static void CheckReading(ExperimentPlan plan, BlueprintContent blueprint, ImmutableArray<Refusal>.Builder faults)
    {
        if (!(plan.Traffic > 0 && plan.Traffic <= 1))
            faults.Add(Fault("traffic", $"{Percent(plan.Traffic)} of units is not between 0% and 100%. Give the experiment some units."));
        if (!(plan.Level > 0.5 && plan.Level < 1)) faults.Add(Fault("level", $"{Number(plan.Level)} is not between 0.5 and 1. 0.95 is usual."));
        if (!(plan.Power > 0 && plan.Power < 1)) faults.Add(Fault("power", $"{Number(plan.Power)} is not between 0 and 1. 0.8 is usual."));
        if (!(plan.SmallestChange > 0 && double.IsFinite(plan.SmallestChange)))
            faults.Add(Fault("smallestChange", "it must be above 0: the smallest change worth acting on, 0.03 for 3%."));
        if (plan.PlannedDays is <= 0 or > 3_650) faults.Add(Fault("plannedDays", $"{plan.PlannedDays} is not a number of days from 1 to 3,650."));
        if (plan is { Reading: ReadingKind.Fixed, PlannedDays: null })
            faults.Add(Fault("plannedDays", "a fixed reading holds once, at an end that was planned before the start, and none is planned. Give the days, or choose the sequential reading, which may be looked at any time."));
        if (plan.PlannedUnits is not null and not (>= 1 and <= 1e12)) faults.Add(Fault("plannedUnits", "give a number of units from 1 up, or leave it out."));
        if (!(plan.CapPercentile > 0.5 && plan.CapPercentile <= 1)) faults.Add(Fault("capPercentile", $"{Number(plan.CapPercentile)} is not between 0.5 and 1. 0.999 is usual; 1 cuts nothing."));
        var outcomes = blueprint.Outcomes.Select(o => o.Name).ToList();
        if (plan.PrimaryOutcome is { } primary && !outcomes.Contains(primary) && (plan.Metrics.IsDefault || !plan.Metrics.Any(m => m.Key == primary)))
            faults.Add(Fault("primaryOutcome", $"outcome '{Shown(primary)}' is not in this blueprint. Choose one of {string.Join(", ", outcomes)}."));
        else if (PrimaryOutcome(plan, blueprint) is null)
            faults.Add(Fault("primaryOutcome", "the blueprint has no goal, so nothing decides. Name the outcome that does."));
        CheckCovariates(plan, blueprint, faults);
        GuardrailRules.Check(plan, blueprint, (field, what) => faults.Add(Fault(field, what)));
        MetricRules.Check(plan, blueprint, (field, what) => faults.Add(Fault(field, what)));
        if (plan.Strata is { } strata && !blueprint.Features.Any(f => f.Name == strata && !f.IsPersonal && Segmenter.MakesSegments(f.Kind)))
            faults.Add(Fault("strata", $"'{Shown(strata)}' is not a feature of this blueprint that makes segments, or a personal one. Choose another or none."));
    }

    private static void CheckCovariates(ExperimentPlan plan, BlueprintContent blueprint, ImmutableArray<Refusal>.Builder faults)
    {
        if (plan.Covariates.IsDefaultOrEmpty) return;
        if (plan.Covariates.Length > MaxCovariates) faults.Add(Fault("covariates", $"{plan.Covariates.Length} are more than {MaxCovariates}. Keep those that predict the outcome best."));
        for (var i = 0; i < plan.Covariates.Length; i++)
        {
            var feature = blueprint.Features.FirstOrDefault(f => f.Name == plan.Covariates[i]);
            if (feature is null) faults.Add(Fault($"covariates[{i}]", $"'{Shown(plan.Covariates[i])}' is not a feature of this blueprint."));
            else if (feature.Kind is not (FeatureKind.Number or FeatureKind.Boolean))
                faults.Add(Fault($"covariates[{i}]", $"'{feature.Name}' is {Decisions.Words.Being(feature.Kind)}; only numbers and yes/no features can be taken out. Read it as a segment instead."));
        }
    }

    private static Refusal Fault(string field, string what) => new("experiment.invalid", $"{Label(field)}: {what}", field);

    private static string Label(string field) => field switch
    {
        _ when field.StartsWith("guardrails[", StringComparison.Ordinal) => "Guardrails",
        "key" => "Key",
        "name" => "Name",
        "hypothesis" => "Hypothesis",
        "arms" => "Arms",
        "traffic" => "Traffic",
        "level" => "Level",
        "power" => "Power",
        "primaryOutcome" => "Deciding outcome",
        "smallestChange" => "Smallest change",
        "plannedDays" => "Planned days",
        "plannedUnits" => "Planned units",
        "capPercentile" => "Cap",
        "metrics" => "Metrics",
        "audience" => "Audience",
        "layer" => "Layer",
        "ramp" => "Ramp",
        "strata" => "Strata",
        "design" => "Design",
        "cluster" => "Cluster",
        "switchback.slotMinutes" => "Slot",
        "switchback.burnInMinutes" => "Burn-in",
        "switchback.region" => "Region",
        "bandit.floor" => "Floor",
        "bandit.renewHours" => "Renewal",
        _ => field,
    };

    internal static string Shown(string text) => text.Length <= 60 ? text : text[..60] + "…";
    private static string Percent(double share) => (100 * share).ToString("0.###", CultureInfo.InvariantCulture) + "%";
    private static string Number(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\A[a-z0-9](?:[a-z0-9-]{0,62})[a-z0-9]\z")]
    private static partial Regex KeyForm();

    [GeneratedRegex(@"\A[\p{L}\p{N}][\p{L}\p{N} ._-]{0,63}\z")]
    private static partial Regex ArmForm();
}
