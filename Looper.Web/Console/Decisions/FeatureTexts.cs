using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Monitoring;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Decisions;

/// <summary>What is said of a feature's values.</summary>
internal static class FeatureTexts
{
    /// <summary>What the figures rest on.</summary>
    public static string Basis(FeatureProfiles profiles, TimeSpan range)
    {
        var all = profiles.Counted == profiles.Decisions;
        var text = $"From {(all ? "all" : "the newest")} {Shown.Plural(profiles.Counted, "decision")}{(all ? "" : $" of {Shown.Count(profiles.Decisions)}")} of the last {Range(range)}.";
        if (profiles.CandidatesCounted > 0)
            text += profiles.CandidatesCounted == profiles.Candidates ? $" They came with {Shown.Plural(profiles.Candidates, "candidate")}."
                : $" Of their {Shown.Count(profiles.Candidates)} candidates {Shown.Count(profiles.CandidatesCounted)} were read: at most {profiles.CandidatesEach} of each decision, spread over its list.";
        if (profiles.LeftOut > 0) text += $" {Shown.Plural(profiles.LeftOut, "decision")} of versions that cannot be compared with version {profiles.BlueprintVersion} {(profiles.LeftOut == 1 ? "is" : "are")} left out.";
        return text;
    }

    public static string Against(ProfiledModel model) => model.DriftFrom is null
        ? $"Beside live model {model.Number} ({model.Outcome}). It kept no profile, so its drift cannot be told."
        : $"Beside live model {model.Number} ({model.Outcome}). Drift compares what it learned from with {Shown.Plural(model.Units, "unit")} of the last day, newer than that; each counts once.";

    public static string Range(TimeSpan range) => range == TimeSpan.FromDays(1) ? "24 hours" : Words.Of(range);

    /// <summary>As it fits a cell; where a derived one comes from stands in its panel.</summary>
    public static string Type(FeatureProfile profile) =>
        $"{Words.Of(profile.Kind)}{(profile.IsDerived ? ", derived" : "")}{(profile.IsOfCandidates ? ", of candidates" : "")}";

    public static string Many(FeatureProfile profile) => profile.IsOfCandidates ? "candidates" : "decisions";

    /// <summary>A share; what happened is never written as 0.0%.</summary>
    public static string Share(double share, long rows) => rows > 0 && share < 0.0005 ? "<0.1%" : Shown.Percent(share);

    /// <summary>The one thing about the values that fits a cell.</summary>
    public static string Short(FeatureProfile profile) => profile switch
    {
        { HasEnoughValues: false } => Shown.Nothing,
        { Kind: FeatureKind.Category, Distinct: { } distinct } => $"{Distinct(profile, distinct)} distinct",
        { Kind: FeatureKind.Tags, Distinct: { } distinct } => $"{Distinct(profile, distinct)} distinct{(profile.Numbers is { } tags ? $", mean {Shown.Number(tags.Mean)} each" : "")}",
        { IsPersonal: true } => "personal: not shown",
        { Kind: FeatureKind.Boolean } => $"{Shown.Percent(profile.YesShare)} yes",
        { Kind: FeatureKind.Vector, Numbers: { } length } => $"mean length {Shown.Number(length.Mean)}",
        { Numbers: { } numbers } => $"mean {Shown.Number(numbers.Mean)}",
        { Times: { } times } => $"{Day(times.Earliest)} to {Day(times.Latest)}",
        _ => Shown.Nothing,
    };

    public static string Distinct(FeatureProfile profile, long distinct) => (profile.IsDistinctExact ? "" : "at least ") + Shown.Count(distinct);

    /// <summary>A drift index has three decimals where it is small.</summary>
    public static string Index(double index) => index.ToString(index < 0.1 ? "0.000" : "0.00", CultureInfo.InvariantCulture);

    /// <summary>The number alone; its interval has a line of its own.</summary>
    public static (string Value, string? Interval) Importance(FeatureBeside beside, ProfiledModel model)
    {
        if (!beside.IsUsed) return ("not used", null);
        if (beside.Importance is not { } importance) return (model.IsJudged ? Shown.Nothing : "not enough data", null);
        if ((importance.Low, importance.High) == (0, 0)) return ("0", null); // it is shuffled in vain: no split, no coefficient
        var text = Shown.Difference(importance.LossAdded, importance.Low, importance.High);
        var bracket = text.IndexOf(" [", StringComparison.Ordinal);
        return bracket < 0 ? (text, null) : (text[..bracket], text[(bracket + 1)..]);
    }

    /// <summary>A category as it stands in a chart or a list.</summary>
    public static string Level(string level) => level.Length == 0 ? "(empty)" : level;

    private static string Day(DateTimeOffset at) => at.UtcDateTime.ToString("d MMM yyyy", CultureInfo.InvariantCulture);
}
