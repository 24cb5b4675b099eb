using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Causal;
using Looper.Core.Experiments;
using Looper.Core.Learning;

namespace Looper.Core.Personalization;

/// <summary>Effects of every treatment of an experiment from its units: no clock and no database. The same units, settings and seed give the
/// same numbers.</summary>
internal static class EffectComputation
{
    private const int FewestUnits = 500, FewestEvents = 50;
    private const double Begin = 10, BeginOthers = 92, End = 97;

    /// <summary>Decisions are answered on the same machine, so half of it is left to them.</summary>
    internal static EffectPlan BesideServing => new() { Threads = Math.Max(1, Environment.ProcessorCount / 2) };

    public static Answered<(EffectContent Content, RuleUnits? Units)> Of(
        EffectSettings settings, ExperimentPlan plan, BlueprintContent blueprint, EffectUnits units, bool isImported, EffectPlan how, Action<string, double> report,
        CancellationToken cancel)
    {
        var (values, cap) = units.Values();
        // yes and no change places where no is better: learners know of answers what they do not know of numbers
        var none = settings is { LowerIsBetter: true, IsRate: true } ? 1.0 : 0;
        var (data, left) = units.Columns([.. values.Select(v => settings.LowerIsBetter ? none - v : v)]);
        if (units.Count == 0 && units.Open.Sum() == 0) return new Refusal("effects.no-features", NobodyOf(units, settings));
        if (data.Columns.Length == 0 && units.Count > 0)
            return new Refusal("effects.no-features", "No feature tells the units apart: none is sent, or all are personal, moments, or the same for everyone. Send features with the decisions.");
        var drawn = ArmChances.Read(plan, units, isImported);
        if (drawn.Refusal is { } unread) return unread;
        var chances = drawn.Value!;
        var arms = units.Arms;
        settings = settings with { Cap = cap, Features = [.. data.Columns.Select(c => c.Name)], LeftOut = units.Count == 0 ? [] : left, UnitsLeftOut = units.LeftOut, UnitsShare = units.Share, Propensities = chances.Words };
        var texts = new FeatureTexts(data.Columns, units.Booleans);
        var fit = how with { Learner = settings.Input.Learner, Seed = settings.Input.Seed, Cancel = cancel };
        List<ArmComparison> compared = [];
        var effects = ImmutableArray.CreateBuilder<ArmEffects>();
        for (var arm = 1; arm < plan.Arms.Length; arm++)
        {
            var key = plan.Arms[arm].Key;
            if (ShortageOf(plan, settings, units, arms, values, arm) is { } shortage)
            {
                effects.Add(new() { Arm = key, Shortage = shortage, Verdict = Verdict(shortage) });
                continue;
            }
            var (from, width) = (Begin + (BeginOthers - Begin) * (arm - 1) / (plan.Arms.Length - 1), (BeginOthers - Begin) / (plan.Arms.Length - 1));
            var one = ArmComparison.Of(data, arms, chances, arm, fit with { Progress = (what, share) => report($"{key}: {what}", from + width * share) });
            compared.Add(one);
            effects.Add(one.Figures(key, texts, settings.Level, settings.Input.Seed));
        }
        var (scores, others) = OthersOf(plan, units, data, arms, chances, compared, fit, report);
        for (var c = 0; c < compared.Count; c++)
            effects[compared[c].Arm - 1] = effects[compared[c].Arm - 1] with { Others = OtherUnits.Effects(others, c + 1, compared[c].Segments, settings.Level) };
        report("Writing down what was found", End);
        var content = new EffectContent
        {
            Settings = settings with { NoPolicy = settings.NoPolicy ?? (compared.Count == 0 ? "There are too few units to learn a rule from." : null) },
            Effects = effects.ToImmutable(),
            Arms = [.. plan.Arms.Select((arm, a) => new ArmUnits(arm.Key, arm.Does, ArmOptions.Of(arm, blueprint), chances.Of[a].Length > 0 ? chances.Of[a].Average() : double.NaN,
                arms.Count(w => w == a), units.Open[a], units.Unknown[a], arms.Contains(a) ? values.Where((_, i) => arms[i] == a).Average() : double.NaN)
                { Compared = a == 0 || compared.Any(c => c.Arm == a) })],
        };
        return (content, scores?.Units(none, units.Booleans, others).Thinned());
    }

    private static (RuleScores? Scores, List<OtherUnits> Others) OthersOf(
        ExperimentPlan plan, EffectUnits units, DataSet data, int[] arms, ArmChances chances, List<ArmComparison> compared, EffectPlan fit, Action<string, double> report)
    {
        if (compared.Count == 0) return (null, []);
        var scores = new RuleScores(data, arms, chances, compared);
        string[] keys = [plan.Arms[0].Key, .. compared.Select(c => plan.Arms[c.Arm].Key)];
        List<OtherUnits> others = [];
        foreach (var (metric, values) in units.Others())
        {
            report($"{metric.Key}: what becomes of it", BeginOthers + (End - BeginOthers) * others.Count / EffectEstimation.MostOthers);
            others.Add(scores.Other(metric, values, keys, fit));
        }
        return (scores, others);
    }

    private static string Verdict(Shortage shortage) => "Too few units to tell whether the effect differs"
        + (shortage.ReadyAt is { } at ? FormattableString.Invariant($"; enough of those that are in will have closed windows by {at.UtcDateTime:d MMM yyyy HH:mm} UTC.") : ".");

    // when both arms have enough of the units that are in already
    private static DateTimeOffset? ReadyAt(EffectUnits units, int[] arms, int arm) =>
        units.ClosedBy(0, FewestUnits - arms.Count(w => w == 0)) is { } first && units.ClosedBy(arm, FewestUnits - arms.Count(w => w == arm)) is { } other ? (first > other ? first : other) : null;

    private static Shortage? ShortageOf(ExperimentPlan plan, EffectSettings settings, EffectUnits units, int[] arms, double[] values, int arm)
    {
        foreach (var a in new[] { 0, arm })
        {
            var (key, count) = (plan.Arms[a].Key, arms.Count(w => w == a));
            if (count < FewestUnits) return new(count, FewestUnits, $"units in {key}", ReadyAt(units, arms, arm));
            var (value, most) = Commonest(values.Where((_, i) => arms[i] == a));
            if (count - most < FewestEvents) return new(count - most, FewestEvents, $"units with {EffectMetric.OtherThan(value, settings.Input.Metric, settings.IsRate)} in {key}");
        }
        return null;
    }

    // what hardly any unit does tells nothing apart, whatever it is worth where one does
    private static (double Value, int Units) Commonest(IEnumerable<double> values)
    {
        Dictionary<double, int> counts = [];
        foreach (var v in values) counts[v] = counts.GetValueOrDefault(v) + 1;
        return counts.MaxBy(c => c.Value) is var most ? (most.Key, most.Value) : default;
    }

    private static string NobodyOf(EffectUnits units, EffectSettings settings)
    {
        var (unknown, left) = (units.Unknown.Sum(), units.LeftOut);
        if (unknown + left == 0) return "No unit has met the experiment yet. Wait until decisions come.";
        string[] why =
        [
            .. unknown > 0 ? [FormattableString.Invariant($"of {unknown:N0} nothing was reported, or they are outside the metric’s filter")] : Array.Empty<string>(),
            .. left > 0 ? [FormattableString.Invariant($"the first answer of {left:N0} was forced or was no arm of the experiment")] : Array.Empty<string>(),
        ];
        return FormattableString.Invariant($"{unknown + left:N0} units have met the experiment and none has a value of {settings.Input.Metric}: ") + string.Join("; ", why) + ".";
    }
}
