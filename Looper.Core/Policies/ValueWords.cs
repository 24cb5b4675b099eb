using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.OffPolicy;
using Looper.Core.Serving;

namespace Looper.Core.Policies;

/// <summary>What a result says, in sentences.</summary>
internal static class ValueWords
{
    public const double LeastEffective = WeightFigures.LeastEffective, MostUnsupported = WeightFigures.MostUnsupported, MostLearnedFrom = 0.05, MostLacked = 0.05;
    public const int LeastDecisions = 50;

    /// <summary>What the value of a ranking is a mean over.</summary>
    public const string Place = "place shown";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>Why no value may be told; null when it may.</summary>
    public static (string Code, string Why)? Refusal(WeightFigures figures, NotUsed notUsed, double unsupported, ImmutableArray<string> never, long rewarded, bool isRanking = false)
    {
        if (figures.Rows == 0)
            return ("too-few-decisions", Text($"No decision of this period can be used{(notUsed.Total > 0 ? $" ({notUsed.Total:N0} were looked at)" : "")}. It must have been drawn with a known propensity, and its outcome must be known."));
        if (rewarded < LeastDecisions)
            return ("too-few-decisions", Text($"Only {rewarded:N0} decisions of this period have a known outcome; {LeastDecisions} are needed. Choose a longer period, or wait for more outcomes."));
        if (unsupported > MostUnsupported && never.Length > 0)
            return ("never-tried", Text($"{unsupported:0.0%} of what this would do is {string.Join(" or ", never.Select(o => $"`{o}`"))}, which was never tried in this period. Explore it first, or choose a period in which it was tried."));
        if (unsupported > MostUnsupported)
            return ("never-tried", Text($"{unsupported:0.0%} of what this would do was impossible when these decisions were made: the answer was certain. Explore first, or choose a period with some random choice."));
        if (!(figures.EffectiveRows >= LeastEffective))
            return ("no-overlap", Text($"The log says as much about this as {Math.Floor(figures.EffectiveRows):N0} {(isRanking ? "places of its own" : "decisions")} would; {LeastEffective:N0} are needed. Explore more, or choose a period in which it was tried."));
        if (!(figures.EffectiveUnits >= WeightFigures.LeastUnits))
            return ("too-few-units", Text($"The decisions that speak for this are worth those of {Math.Floor(figures.EffectiveUnits):N0} units that weigh alike; {WeightFigures.LeastUnits:N0} are needed, since many decisions of one unit say little of others. Wait for more units, or choose a longer period."));
        if (figures.IsFarOff)
        {
            return figures.MeanWeight < 1
                ? ("no-overlap", Text($"About {1 - figures.MeanWeight:0%} of what this would do lies where the log never went, though each option was tried somewhere. Explore everywhere, or choose a draft nearer to today’s."))
                : ("propensities-do-not-fit", Text($"The weights average {figures.MeanWeight:F2} instead of 1: the logged propensities are not those the answers were drawn with."));
        }
        return null;
    }

    /// <summary>Why a value without an interval is not told.</summary>
    public static (string Code, string Why) Boundless() =>
        ("no-interval", "No interval can be given around the value, so the value is not told either: the outcome has values too large to add up. Look for them among the observations.");

    private static string Learned(string knower) => knower == Known.Rule ? "rule was made" : "model has learned";

    /// <summary>Why a policy that learns on the way has learned nothing.</summary>
    /// <param name="window">From a decision until its outcome is certain.</param>
    /// <param name="span">From the first decision to the last.</param>
    public static (string Code, string Why) Unlearned(TimeSpan window, TimeSpan? span)
    {
        var within = span is { } whole && whole <= window ? "these decisions were all made within that time" : Text($"fewer than {BanditKnowledge.FewestRewards} of these decisions were that old when the last was made");
        return (PolicyEvaluationResult.LearnedNothing, $"It has learned nothing yet, so it has no value: it learns from outcomes once they are certain, {Duration(window)} after the decision, and {within}. It needs decisions that go on for longer.");
    }

    private static string Duration(TimeSpan time)
    {
        var (count, unit) = time.TotalDays >= 1 ? (time.TotalDays, "day") : time.TotalHours >= 1 ? (time.TotalHours, "hour") : time.TotalMinutes >= 1 ? (time.TotalMinutes, "minute") : (time.TotalSeconds, "second");
        return Text($"{count:0.#} {unit}{(count == 1 ? "" : "s")}");
    }

    public static ImmutableArray<string> Warnings(WeightFigures figures, double unsupported, EstimatorRow? direct, EstimatorRow? robust, double learnedFrom, Known? known, ImmutableArray<string> neverSeen, bool isRanking = false)
    {
        var warnings = ImmutableArray.CreateBuilder<string>();
        if (figures.IsMisfit) warnings.Add(Text($"The weights average {figures.MeanWeight:F3} instead of 1, more than chance explains: propensities may not fit, or some of what this does was not tried."));
        if (figures.IsThin)
            warnings.Add(Text($"The log says little about this: it is worth {Math.Floor(figures.EffectiveRows):N0} of its {figures.Rows:N0} {(isRanking ? "places shown" : "decisions")}, and the heaviest 1% carry {figures.TopShare:0%} of the weight."));
        if (unsupported > 0 && unsupported <= MostUnsupported) warnings.Add(Text($"{unsupported:0.00%} of what this would do was never tried, and counts as if it did as well as the rest."));
        if (direct is not null && robust is not null && Math.Abs(direct.Value - robust.Value) > 3 * Math.Sqrt(direct.StandardError * direct.StandardError + robust.StandardError * robust.StandardError))
            warnings.Add("The reward model alone says something else than the decisions do: it is off, so its value (dm) must not be believed.");
        if (!neverSeen.IsEmpty)
            warnings.Add(Text($"{Words.List([.. neverSeen.Select(n => $"`{n}`")])} had no value in any of these decisions, so it was judged as if {(neverSeen.Length == 1 ? "it" : "they")} were missing."));
        if (known is not null && learnedFrom > MostLearnedFrom)
            warnings.Add(Text($"{known.Name} from {learnedFrom:0%} of these decisions, which flatters a policy that follows it. Judge it on decisions after {known.Until.UtcDateTime:d MMM yyyy HH:mm} UTC, once there are enough."));
        return warnings.ToImmutable();
    }

    /// <summary>Warnings of features that the policy decides by and many of the decisions were made without.</summary>
    public static IEnumerable<string> Lacked(PolicySpec policy, ImmutableArray<(string Name, double Share)> lacked) =>
        lacked.Where(f => f.Share > MostLacked && policy switch { FixedPolicy or RandomPolicy or AsSentPolicy => false, TreePolicy rule => Asks(rule.Root, f.Name), _ => true })
            .Select(f => Text($"{f.Share:0%} of these decisions are of versions that did not have `{f.Name}` yet, so they were judged as if it were missing. Judge on decisions of later versions to see what it brings."));

    private static bool Asks(RuleNode? rule, string feature) => rule is not null && (rule.Feature == feature || Asks(rule.Then, feature) || Asks(rule.Else, feature));

    /// <summary>Against what would be replaced, where that is not what was served.</summary>
    private static string FromCurrent(PolicyEvaluationResult result)
    {
        if (!result.IsAgainstCurrent || result.FromCurrent is not { } change) return "";
        var decimals = Words.Decimals(100 * change.Low, 100 * change.High);
        string Signed(double value) => Words.Number(100 * value, decimals, isDifference: true) + "%";
        return Text($", where others than version {result.Current} decided too; against version {result.Current} alone {Signed(change.Value)} ({Signed(change.Low)} to {Signed(change.High)})");
    }

    /// <summary>“Predicted +3.1% purchase a decision (0.5% to 5.8%), from 41,000 decisions.”</summary>
    public static string Sentence(PolicyEvaluationResult result)
    {
        if (result.Refused is { } why) return why;
        var from = Text($"from {result.Decisions:N0} decisions{(result.IsAfterLearning ? $" made after {(result.Knower == Known.Rule ? "its rule was made" : "those its model has learned from")}" : result.IsFlattered ? Text($", {result.LearnedFrom:0%} of which its {Learned(result.Knower)} from") : "")}");
        var isFraction = !double.IsNaN(result.Relative.Value) && !double.IsNaN(result.Relative.Low);
        var (change, scale, unit, of) = isFraction ? (result.Relative, 100, "%", "") : result.IsRate ? (result.Change, 100, "", " percentage points of") : (result.Change, 1, "", "");
        var decimals = Words.Decimals(scale * change.Low, scale * change.High);
        string Signed(double value) => Words.Number(scale * value, decimals, isDifference: true) + unit;
        return $"Predicted {Signed(change.Value)}{of} {result.Reward} a {result.Per} ({Signed(change.Low)} to {Signed(change.High)}), {from}{FromCurrent(result)}.";
    }
}
