using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Models;
using Looper.Core.Policies;
using Looper.Core.Statistics;

namespace Looper.Core.Ledger;

/// <summary>A gain, or why there is none, in sentences.</summary>
public static class GainWords
{
    internal const string NotYet = "It has not been measured yet: that is done once a day.";
    internal const string NobodyKept = "Nobody was held out, so there is nothing to compare with. A version with a holdout measures from then on.";
    internal const string NothingClosed = "No decision has a known outcome yet: their windows are open.";

    /// <summary>Everything in one sentence.</summary>
    public static string Sentence(Gain? gain, string? whyNot)
    {
        if (gain is not { IsMeasured: true }) return whyNot ?? NotYet;
        var (total, what) = (gain.Total, What(gain.Goal, gain.UnitOfMeasure));
        var of = string.Create(CultureInfo.InvariantCulture, $"in {gain.Decisions:N0} decisions since {gain.Since:yyyy-MM-dd}");
        var range = $"between {Number(total.Low, hasSign: true)} and {Number(total.High, hasSign: true)}";
        if (total.Low <= 0 && total.High >= 0) return $"No sign of a gain or a loss yet: {Number(total.Value, hasSign: true)} {what}, {range}, {of}.";
        var more = total.Value > 0 != gain.LowerIsBetter ? "more" : "fewer";
        return $"{Number(Math.Abs(total.Value), hasSign: false)} {what} {more} than the baseline would have brought ({(gain.LowerIsBetter ? "a gain" : "the gain is")} {range}), {of}.";
    }

    /// <summary>What is counted: the outcome with its unit of measure.</summary>
    public static string What(string goal, string? unitOfMeasure) => unitOfMeasure is null ? goal : $"{unitOfMeasure} of {goal}";

    /// <summary>At most three digits that tell something; whole from a thousand on.</summary>
    public static string Number(double value, bool hasSign)
    {
        var size = Math.Abs(value);
        var digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : size > 0 ? Math.Min(12, 2 - (int)Math.Floor(Math.Log10(size))) : 0;
        var text = size.ToString("N" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return value < 0 ? "−" + text : hasSign && value > 0 ? "+" + text : text;
    }

    internal static string TooFew(long units) => string.Create(
        CultureInfo.InvariantCulture, $"{units:N0} of {Gain.LeastKept} units that kept the baseline have a known outcome.");

    internal static string TakesAll(string experiment) => $"The experiment `{experiment}` began before anybody was held out, and takes those units too.";

    internal static string TakesOutside(string experiment) => $"Nobody was held out, and the experiment `{experiment}` takes units from outside the rollout.";

    internal static string PlanUnread(string experiment) => $"The plan of the experiment `{experiment}` cannot be read, so nobody can tell which units it took.";

    internal const string NobodyDecided = "Nobody has been decided for yet: all units keep the baseline.";

    /// <summary>Why decisions are in no stretch; null where all are.</summary>
    internal static string? TooMany(long beyond) => beyond == 0 ? null : string.Create(
        CultureInfo.InvariantCulture, $"What is held out changed more than {GainCount.MostStretches} times: {beyond:N0} later decisions are in no stretch.");

    internal static string Undefined(Cause why) => why.Sentence() ?? "";

    /// <summary>Why decisions of a version cannot be counted in today's goal; null where they can.</summary>
    internal static string? Unlike(BlueprintContent version, GoalReward reward)
    {
        foreach (var outcome in reward.Outcomes[..reward.Needed])
        {
            if (VersionTable.Shares(version, outcome)) continue;
            return version.Outcomes.Any(o => o.Name == outcome.Name) ? $"`{outcome.Name}` was defined otherwise." : $"`{outcome.Name}` was no outcome then.";
        }
        return null;
    }

    /// <param name="points">How many decision points are added up.</param>
    internal static ImmutableArray<string> Assumed(int points) => points == 1
        ? []
        : ["The intervals are added as independent: every decision point holds out units by a lot of its own.", "A unit for which several of them decide is counted at each: where one outcome follows from two decisions, it is counted twice."];
}
