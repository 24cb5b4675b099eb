using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Monitoring;
using Looper.Web.Console.Charts;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Decisions;

/// <summary>The pictures of a feature's values (K13).</summary>
internal static class FeatureCharts
{
    /// <summary>Null where there is nothing to draw: no number varies.</summary>
    public static Chart? Spread(FeatureProfile profile, string basis) => profile switch
    {
        { Levels.IsEmpty: false } => Levels(profile, basis),
        { Kind: not FeatureKind.Tags, Numbers: { } numbers } when numbers.Edges.Length > 2 && numbers.Edges[^1] > numbers.Edges[0] => Histogram(profile, numbers, basis),
        _ => null,
    };

    /// <summary>Training and now; null with too few units, and where nothing is compared.</summary>
    public static Chart? Moved(FeatureProfile profile, FeatureBeside beside, ProfiledModel model)
    {
        if (beside.Bins.IsEmpty) return null;
        var bins = beside.Bins.Where(b => b.Kind is not (ProfileBinKind.Others or ProfileBinKind.Missing) || b.Then > 0 || b.Now > 0).ToImmutableArray();
        return new BarChart(
            "Has it moved since training?", new Axis(Measure(profile), AxisKind.Category), new Axis("Share of units", AxisKind.Percent), Apart(bins.Select(b => Bin(b, profile.Kind))),
            [new Series("Training", [.. bins.Select(b => b.Then)]) { IsBaseline = true }, new Series("Now", [.. bins.Select(b => b.Now)])])
        {
            Lying = true,
            Basis = $"Drift index {FeatureTexts.Index(beside.Drift!.Index)}; {Shown.Plural(model.Units, "unit")} of the last day, newer than what model {model.Number} learned from",
            HowComputed = $"One decision of each unit, in {(profile.Kind is FeatureKind.Number or FeatureKind.Vector ? "tenths of what the model learned from" : "the 20 commonest values there")}. "
                + "The index is the population stability index, Σ(p − q)·ln(p/q); 0.10 is worth a look, 0.25 is large."
                + (profile.Kind == FeatureKind.Tags ? " Of a unit’s tags one counts, drawn by a hash of them all." : ""),
        };
    }

    private static BarChart Levels(FeatureProfile profile, string basis) => new(
        profile.Kind == FeatureKind.Tags ? "Which tags are most frequent?" : "Which values are most frequent?", new Axis(profile.Kind == FeatureKind.Tags ? "Tag" : "Value", AxisKind.Category),
        new Axis("Share of known values", AxisKind.Percent), Apart(profile.Levels.Select(l => FeatureTexts.Level(l.Value))), [new Series("Share", [.. profile.Levels.Select(l => l.Share)])])
    {
        Lying = true,
        Basis = profile.Distinct > profile.Levels.Length ? $"The {profile.Levels.Length} commonest of {FeatureTexts.Distinct(profile, profile.Distinct.Value)}. {basis}" : basis,
        HowComputed = profile.Kind == FeatureKind.Tags
            ? $"For each tag the share of {FeatureTexts.Many(profile)} with usable tags that carry it; one has several, so shares may add up to more than 100%."
            : $"Share of {FeatureTexts.Many(profile)} with a usable value.",
    };

    private static HistogramChart Histogram(FeatureProfile profile, NumberSpread numbers, string basis) => new(
        "How is it spread?", new Axis(Measure(profile)), numbers.Edges, [.. numbers.Counts.Select(c => (double)c / profile.Known)])
    {
        YAxis = new("Share of known values", AxisKind.Percent),
        At = numbers.Median,
        AtLabel = "median",
        Basis = $"{basis} The first and the last bar also hold what lies beyond them.",
        HowComputed = "Bars of equal width between the lowest and the highest hundredth; what lies outside is in the first and the last. Quartiles by linear interpolation between order "
            + "statistics (type 7 of Hyndman and Fan 1996), standard deviation with divisor n − 1.",
    };

    private static string Measure(FeatureProfile profile) => profile.Kind switch
    {
        FeatureKind.Vector => $"length of {profile.Name}",
        FeatureKind.Tags => $"one tag of {profile.Name}",
        _ => profile.Name,
    };

    private static string Bin(ProfileBin bin, FeatureKind kind) => bin.Kind switch
    {
        ProfileBinKind.Missing => "missing or not usable",
        ProfileBinKind.Others => "all others",
        ProfileBinKind.Level => kind switch
        {
            FeatureKind.Boolean => bin.Level == "true" ? "yes" : "no",
            FeatureKind.Tags when bin.Level!.Length == 0 => "(no tags)",
            _ => FeatureTexts.Level(bin.Level!),
        },
        _ when double.IsNaN(bin.Above) && double.IsNaN(bin.UpTo) => "any value",
        _ when double.IsNaN(bin.Above) => $"up to {Shown.Number(bin.UpTo)}",
        _ when double.IsNaN(bin.UpTo) => $"above {Shown.Number(bin.Above)}",
        _ => $"{Shown.Number(bin.Above)} to {Shown.Number(bin.UpTo)}",
    };

    /// <summary>Two places of an axis must not have one name.</summary>
    private static ImmutableArray<string> Apart(IEnumerable<string> names)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        return [.. names.Select(name => (seen[name] = seen.GetValueOrDefault(name) + 1) is > 1 and var again ? $"{name} ({again})" : name)];
    }
}
