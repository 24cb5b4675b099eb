using System.Text.RegularExpressions;
using Looper.Core.Blueprints;

namespace Looper.Core.Decisions;

/// <summary>Rules about the parameters of a configuration.</summary>
internal static partial class ParameterRules
{
    public static void Check(BlueprintContent content, List<Refusal> faults)
    {
        if (content.Shape != DecisionShape.Configuration)
        {
            if (!content.Parameters.IsEmpty) faults.Add(RuleTexts.ParametersOnlyForConfiguration());
            return;
        }
        if (content.Parameters.Length is 0 or > BlueprintRules.MaxParameters) faults.Add(RuleTexts.ParameterCount(content.Parameters.Length));
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (var i = 0; i < content.Parameters.Length; i++)
        {
            var parameter = content.Parameters[i];
            if (parameter.Name is not { } name || !NameForm().IsMatch(name)) faults.Add(RuleTexts.ParameterName(i));
            else if (!seen.Add(name)) faults.Add(RuleTexts.ParameterTwice(i, name));
            if (!Enum.IsDefined(parameter.Kind)) faults.Add(RuleTexts.ParameterKind(i));
            else if (parameter.Kind == ConfigurationKind.Category) Words(parameter, i, faults);
            else Bounds(parameter, i, faults);
        }
    }

    private static void Words(ConfigurationParameter parameter, int i, List<Refusal> faults)
    {
        var words = parameter.Values;
        if (words.IsDefault || words.Length is < 2 or > BlueprintRules.MaxOptions || words.Any(w => w is not { Length: > 0 and <= 64 } || !BlueprintRules.IsPlain(w)) || words.Distinct(StringComparer.Ordinal).Count() != words.Length)
            faults.Add(RuleTexts.ParameterWords(i));
    }

    private static void Bounds(ConfigurationParameter parameter, int i, List<Refusal> faults)
    {
        if (!(double.IsFinite(parameter.Low) && double.IsFinite(parameter.High) && parameter.Low < parameter.High)) faults.Add(RuleTexts.ParameterBounds(i, parameter.Low, parameter.High));
        else if (parameter.Kind == ConfigurationKind.Whole && (parameter.Low != Math.Round(parameter.Low) || parameter.High != Math.Round(parameter.High))) faults.Add(RuleTexts.ParameterWhole(i));
        else if (parameter.Log && !(parameter.Low > 0)) faults.Add(RuleTexts.ParameterLog(i, parameter.Low));
    }

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9_.-]{0,63}\z")]
    private static partial Regex NameForm();
}
