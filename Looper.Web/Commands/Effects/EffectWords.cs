using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Causal;
using Looper.Web.Commands.Files;

namespace Looper.Web.Commands.Effects;

/// <summary>A comparison in a few sentences: what the treatment does, for whom, and what to do.</summary>
internal static class EffectWords
{
    private const double Level = 0.95;

    public static ImmutableArray<string> Of(string treatment, string control, EffectAnalysis analysis, string verdict, ChosenRule chosen, EffectsPlan asked, string? rule, IEnumerable<string> warnings)
    {
        var interval = analysis.Average.At(Level);
        var better = asked.LowerIsBetter ? $"Less {asked.Outcome} counts as better." : $"More {asked.Outcome} counts as better; --better lower turns that round.";
        var todo = (chosen.Rule, rule) switch
        {
            ({ Tree: { IsLeaf: true, Arm: var arm } }, _) => $"What to do: give everybody '{(arm == 0 ? control : treatment)}'. {better}",
            ({ } learned, { } text) => string.Create(CultureInfo.InvariantCulture,
                $"What to do: {text}. Worth {CommandFile.Short(learned.OverBest.Value)} ({Between(learned.OverBest.At(Level))}) a unit more than the best arm for all, on units that did not choose the rule. {better}"),
            _ => $"What to do: no rule follows from these data: {chosen.Why}.",
        };
        return
        [
            string.Create(CultureInfo.InvariantCulture, $"'{treatment}' against '{control}': {CommandFile.Short(analysis.Average.Value)} on average ({Between(interval)}), from {analysis.Scores.Length:N0} units."),
            verdict, todo, .. warnings.Select(w => $"Warning: {w}"),
        ];
    }

    private static string Between(Core.Statistics.Interval interval) => $"{CommandFile.Short(interval.Low)} to {CommandFile.Short(interval.High)}";
}
