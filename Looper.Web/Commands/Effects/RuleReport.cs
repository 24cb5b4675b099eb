using System.Text.Json;
using Looper.Core.Blueprints;
using Looper.Core.Causal;
using Looper.Core.Learning;
using Looper.Core.Personalization;
using Looper.Web.Commands.Files;

namespace Looper.Web.Commands.Effects;

/// <summary>A rule learned from effects as a report has it: the policy as a blueprint takes it, and what it is worth.</summary>
internal static class RuleReport
{
    private const double Level = 0.95;

    public static Dictionary<string, object?> Of(ChosenRule chosen, DataSet units, string control, string treatment)
    {
        if (chosen.Rule is not { } rule)
            return new() { ["rule"] = null, ["policy"] = null, ["why"] = chosen.Why, ["treatedShare"] = null, ["overNone"] = null, ["overAll"] = null, ["overBest"] = null };
        var policy = new TreePolicy(new FeatureTexts(units.Columns, [], bracketsAreTags: false).Rule(rule.Tree, [control, treatment]));
        return new()
        {
            ["rule"] = policy.Root.ToString(),
            ["policy"] = JsonSerializer.SerializeToElement<PolicySpec>(policy, BlueprintJson.Options),
            ["treatedShare"] = CommandFile.Figure(rule.TreatedShare),
            ["overNone"] = Gain(rule.Over[0]),
            ["overAll"] = Gain(rule.Over[1]),
            ["overBest"] = Gain(rule.OverBest),
        };
    }

    private static object Gain(AverageEffect gain)
    {
        var interval = gain.At(Level);
        return new { Value = CommandFile.Figure(gain.Value), Lower = CommandFile.Figure(interval.Low), Upper = CommandFile.Figure(interval.High) };
    }
}
