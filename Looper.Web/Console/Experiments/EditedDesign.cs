using System.Globalization;
using Looper.Core.Experiments;

namespace Looper.Web.Console.Experiments;

/// <summary>What gets an arm as a whole.</summary>
public enum ArmsGoTo
{
    Units,
    Clusters,
    Slots,
    BetterArms,
}

/// <summary>Design, audience, layer and ramp while they are edited: shares in percent.</summary>
public sealed class EditedDesign
{
    public List<EditedCondition> Audience { get; } = [];

    public List<EditedStep> Ramp { get; } = [];

    public string Layer { get; set; } = "";

    public ArmsGoTo ArmsGoTo { get; set; }

    public string Cluster { get; set; } = "";

    public int SlotMinutes { get; set; } = 60;

    public int BurnInMinutes { get; set; } = 10;

    public string Region { get; set; } = "";

    public double FloorPercent { get; set; } = 10;

    public double RenewHours { get; set; } = 24;

    public static EditedDesign Of(ExperimentPlan plan)
    {
        var design = new EditedDesign
        {
            Layer = plan.Layer ?? "",
            ArmsGoTo = plan switch { { Cluster: not null } => ArmsGoTo.Clusters, { Switchback: not null } => ArmsGoTo.Slots, { Bandit: not null } => ArmsGoTo.BetterArms, _ => ArmsGoTo.Units },
            Cluster = plan.Cluster ?? "",
        };
        if (plan.Switchback is { } slots) (design.SlotMinutes, design.BurnInMinutes, design.Region) = (slots.SlotMinutes, slots.BurnInMinutes, slots.Region ?? "");
        if (plan.Bandit is { } bandit) (design.FloorPercent, design.RenewHours) = (Math.Round(100 * bandit.Floor, 9), bandit.RenewHours);
        design.Audience.AddRange(plan.Audience.Select(f => new EditedCondition { Feature = f.Feature, Rule = f.Rule, Value = f.Value }));
        design.Ramp.AddRange(plan.Ramp.Select(s => new EditedStep { Percent = Math.Round(100 * s.Share, 9), Hours = s.Hours }));
        return design;
    }

    public ExperimentPlan On(ExperimentPlan plan) => plan with
    {
        Audience = [.. Audience.Select(c => new ContextFilter(c.Feature, c.Rule, c.Value.Trim()))],
        Layer = string.IsNullOrWhiteSpace(Layer) ? null : Layer.Trim(),
        Cluster = ArmsGoTo == ArmsGoTo.Clusters ? Cluster : null,
        Switchback = ArmsGoTo == ArmsGoTo.Slots ? new(SlotMinutes) { BurnInMinutes = BurnInMinutes, Region = Region.Length == 0 ? null : Region } : null,
        Bandit = ArmsGoTo == ArmsGoTo.BetterArms ? new(FloorPercent / 100, RenewHours) : null,
        Ramp = [.. Ramp.Select(s => new RampStep(s.Percent / 100, s.Hours))],
    };

    public sealed class EditedCondition
    {
        public string Feature { get; set; } = "";
        public FilterRule Rule { get; set; }
        public string Value { get; set; } = "";
    }

    public sealed class EditedStep
    {
        public double Percent { get; set; }
        public double Hours { get; set; } = 24;
    }

    /// <summary>Words of a rule between a feature and a value.</summary>
    public static string Words(FilterRule rule) => rule switch
    {
        FilterRule.Is => "is",
        FilterRule.IsNot => "is not",
        FilterRule.AtLeast => "is at least",
        FilterRule.Contains => "contains",
        FilterRule.Lacks => "does not contain",
        _ => "is below",
    };

    public static string Hours(double hours) => hours >= 48 && hours % 24 == 0
        ? $"{(hours / 24).ToString("0", CultureInfo.InvariantCulture)} days"
        : $"{hours.ToString("0.##", CultureInfo.InvariantCulture)} h";
}
