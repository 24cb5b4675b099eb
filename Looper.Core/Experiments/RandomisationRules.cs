using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Serving;

namespace Looper.Core.Experiments;

/// <summary>What clusters, slots of time and shares that follow the outcomes must keep. Pure: all faults, each with field, reason and fix.</summary>
internal static class RandomisationRules
{
    public const int LeastSlotMinutes = 5;
    private const double LeastFloor = 0.01, MaxRenewHours = 168;

    public static void Check(ExperimentPlan plan, BlueprintContent blueprint, Action<string, string> fault)
    {
        if (plan.IsPlain) return;
        if ((plan.Cluster is null ? 0 : 1) + (plan.Switchback is null ? 0 : 1) + (plan.Bandit is null ? 0 : 1) > 1)
            fault("design", "clusters, slots of time and shares that follow the outcomes exclude each other. Keep one.");
        if (plan.Cluster is { } cluster)
        {
            CheckFeature(cluster, "cluster", blueprint, fault);
            if (plan.Layer is not null) fault("layer", "a layer shares out units, and this experiment takes whole clusters. Leave it out.");
        }
        if (plan.Switchback is { } switchback) CheckSlots(switchback, blueprint, fault);
        if (plan.Bandit is { } bandit) CheckBandit(bandit, plan, fault);
        CheckReading(plan, fault);
    }

    /// <summary>Null when an arm's version answers like the current one and keeps the feature that clusters or regions go by: the report reads it from what that
    /// version served.</summary>
    public static Refusal? CheckArm(ExperimentPlan plan, int version, BlueprintContent content, BlueprintContent current)
    {
        if (content.Shape != current.Shape)
            return Unlike($"version {version} answers {Words.Of(content.Shape)} and the current version {Words.Of(current.Shape)}, so the arms could not be compared. Name a version that answers alike.");
        if (content.Positions != current.Positions)
            return Unlike($"version {version} shows {content.Positions} places and the current version {current.Positions}, so no order could be compared. Name a version with as many places.");
        var (name, field) = plan.Cluster is { } cluster ? (cluster, "cluster") : (plan.Switchback?.Region, "switchback.region");
        return name is null || content.Features.Any(f => f.Name == name) ? null
            : new("experiment.invalid", $"{char.ToUpperInvariant(field[0])}{field[1..]}: blueprint version {version} of an arm has no feature '{name}', so its units could not be put together. Publish one that has it.", field);

        Refusal Unlike(string why)
        {
            var at = $"arms[{plan.Arms.IndexOf(plan.Arms.First(a => a.BlueprintVersion == version))}].blueprintVersion";
            return new("experiment.invalid", $"{at}: {why}", at);
        }
    }

    private static void CheckSlots(SwitchbackDesign design, BlueprintContent blueprint, Action<string, string> fault)
    {
        if (design.SlotMinutes < LeastSlotMinutes || design.SlotMinutes > TimeSlots.MinutesOfDay || TimeSlots.MinutesOfDay % design.SlotMinutes != 0)
            fault("switchback.slotMinutes", $"{design.SlotMinutes} is not a number of minutes from {LeastSlotMinutes} to {TimeSlots.MinutesOfDay} that divides a day. 30, 60 and 120 are usual.");
        else if (design.BurnInMinutes < 0 || design.BurnInMinutes >= design.SlotMinutes)
            fault("switchback.burnInMinutes", $"{design.BurnInMinutes} minutes do not leave any of a slot of {design.SlotMinutes}. Give 0 up to less than a slot.");
        if (design.Region is { } region) CheckFeature(region, "switchback.region", blueprint, fault);
    }

    private static void CheckBandit(BanditDesign design, ExperimentPlan plan, Action<string, string> fault)
    {
        var most = plan.Arms.IsDefaultOrEmpty ? 0.5 : 1.0 / plan.Arms.Length;
        if (!(design.Floor >= LeastFloor && design.Floor <= most))
            fault("bandit.floor", string.Create(CultureInfo.InvariantCulture, $"{100 * design.Floor:0.##}% is not between {100 * LeastFloor:0.##}% and {100 * most:0.##}%, an equal share. 10% is usual."));
        else if (!plan.Arms.IsDefault && plan.Arms.Any(a => a.Weight < design.Floor))
            fault("bandit.floor", "an arm begins with less than that. Begin with equal shares, or lower the floor.");
        if (!(design.RenewHours >= 1 && design.RenewHours <= MaxRenewHours)) fault("bandit.renewHours", "give the hours between two looks, from 1 to 168. 24 is usual.");
    }

    // What treats units as the sample, or lumps all times together, would be wrong here: it is refused rather than shown.
    private static void CheckReading(ExperimentPlan plan, Action<string, string> fault)
    {
        if (!plan.Covariates.IsDefaultOrEmpty) fault("covariates", "variance reduction goes by single units, which are not the sample of this design. Leave them out.");
        if (plan.UsesModelScore) fault("usesModelScore", "variance reduction goes by single units, which are not the sample of this design. Leave it out.");
        if (plan.Strata is not null) fault("strata", "segments are weighed by single units, which are not the sample of this design. Leave it out.");
        if (plan.Metrics.IsDefaultOrEmpty) return;
        for (var i = 0; i < plan.Metrics.Length; i++)
        {
            var metric = plan.Metrics[i];
            if (metric.PrePeriod is not null) fault($"metrics[{i}].prePeriod", "the time before is not adjusted for in this design. Leave it out.");
            if (metric.Kind == MetricKind.Quantile) fault($"metrics[{i}].kind", "a quantile is read by single units, which are not the sample of this design. Take a mean or a conversion.");
            else if (plan.Bandit is not null && metric.Kind is MetricKind.Ratio or MetricKind.Funnel)
                fault($"metrics[{i}].kind", "under shares that follow the outcomes only values per unit can be weighted. Take a mean, count, sum, conversion or retention.");
        }
    }

    private static void CheckFeature(string name, string field, BlueprintContent blueprint, Action<string, string> fault)
    {
        var feature = blueprint.Features.FirstOrDefault(f => f.Name == name);
        if (feature is null) fault(field, $"'{name}' is not a feature of this blueprint. Add it, and send it with every call.");
        else if (feature.Kind is not (FeatureKind.Category or FeatureKind.Number))
            fault(field, $"'{name}' is {Words.Being(feature.Kind)}; take a category or a number that names the group.");
    }
}
