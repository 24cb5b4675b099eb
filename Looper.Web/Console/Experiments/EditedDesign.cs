using System.Globalization;
using Looper.Core.Experiments;

namespace Looper.Web.Console.Experiments;

/// <summary>Audience, layer and ramp while they are edited: shares in percent.</summary>
public sealed class EditedDesign
{
    public List<EditedCondition> Audience { get; } = [];

    public List<EditedStep> Ramp { get; } = [];

    public string Layer { get; set; } = "";

    public static EditedDesign Of(ExperimentPlan plan)
    {
        var design = new EditedDesign { Layer = plan.Layer ?? "" };
        design.Audience.AddRange(plan.Audience.Select(f => new EditedCondition { Feature = f.Feature, Rule = f.Rule, Value = f.Value }));
        design.Ramp.AddRange(plan.Ramp.Select(s => new EditedStep { Percent = Math.Round(100 * s.Share, 9), Hours = s.Hours }));
        return design;
    }

    public ExperimentPlan On(ExperimentPlan plan) => plan with
    {
        Audience = [.. Audience.Select(c => new ContextFilter(c.Feature, c.Rule, c.Value.Trim()))],
        Layer = string.IsNullOrWhiteSpace(Layer) ? null : Layer.Trim(),
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
        _ => "is below",
    };

    public static string Hours(double hours) => hours >= 48 && hours % 24 == 0
        ? $"{(hours / 24).ToString("0", CultureInfo.InvariantCulture)} days"
        : $"{hours.ToString("0.##", CultureInfo.InvariantCulture)} h";
}
