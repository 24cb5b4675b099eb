using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Models;
using Looper.Core.Serving;
using Looper.Core.Statistics;

namespace Looper.Core.Monitoring;

/// <summary>Values that were read → how they are spread. Pure.</summary>
internal static class FeatureFigures
{
    private const int MostLevels = 20;

    /// <param name="rows">All rows read, those of versions without the feature among them.</param>
    public static FeatureProfile Of(FeatureValues values, long rows, bool isOfCandidates)
    {
        var feature = values.Feature;
        var profile = new FeatureProfile(
            feature.Name, feature.Kind, Words.Of(feature), isOfCandidates, feature.Derived is not null, feature.IsPersonal, feature.CostPerThousand,
            values.Rows, rows - values.Rows, values.Missing, values.Unusable) { Wanted = feature.Derived is null ? Words.Wanted(feature) : null };
        if (!profile.HasEnoughValues) return profile;
        var isNamed = feature.Kind is FeatureKind.Category or FeatureKind.Tags;
        profile = profile with { Distinct = isNamed ? values.Levels.Distinct : null, IsDistinctExact = values.Levels.Shortfall == 0 };
        if (feature.IsPersonal) return profile;
        return profile with
        {
            YesShare = feature.Kind == FeatureKind.Boolean ? (double)values.Levels.Count("true") / values.Known : double.NaN,
            Levels = isNamed ? [.. values.Levels.Commonest(MostLevels).Select(l => new LevelShare(l.Key, l.Value, (double)l.Value / values.Known))] : [],
            Numbers = feature.Kind is FeatureKind.Number or FeatureKind.Vector or FeatureKind.Tags ? Spread([.. values.Numbers]) : null,
            Times = feature.Kind == FeatureKind.Time ? Times([.. values.Numbers]) : null,
        };
    }

    /// <summary>Share of the categories, or of all tags, that a model has no name for.</summary>
    /// <param name="known">Those it has.</param>
    public static double UnknownShare(FeatureValues values, IEnumerable<string> known) => values.Known < FeatureProfile.Fewest || values.Levels.Total == 0
        ? double.NaN
        : (double)(values.Levels.Total - known.Sum(values.Levels.Count)) / values.Levels.Total;

    /// <summary>The bins of a profile with the shares of both sides.</summary>
    public static ImmutableArray<ProfileBin> Bins(BinnedFeature then, ReadOnlySpan<long> now)
    {
        double all = then.Rows, seen = 0;
        foreach (var count in now) seen += count;
        var bins = ImmutableArray.CreateBuilder<ProfileBin>(now.Length);
        for (var b = 0; b < now.Length; b++)
        {
            var (share, shareNow) = (then.Counts[b] / all, now[b] / seen);
            bins.Add(b == now.Length - 1 ? new(ProfileBinKind.Missing, null, double.NaN, double.NaN, share, shareNow)
                : then.IsNumber ? new(ProfileBinKind.Range, null, b == 0 ? double.NaN : then.Edges[b - 1], b < then.Edges.Length ? then.Edges[b] : double.NaN, share, shareNow)
                : b < then.Levels.Length ? new(ProfileBinKind.Level, then.Levels[b], double.NaN, double.NaN, share, shareNow)
                : new(ProfileBinKind.Others, null, double.NaN, double.NaN, share, shareNow));
        }
        return bins.MoveToImmutable();
    }

    private static NumberSpread Spread(double[] values)
    {
        Array.Sort(values);
        var moments = Moments.Of(values);
        var (edges, counts) = FeatureDependence.Histogram(values);
        double At(double level) => Quantile.OfSorted(values, level);
        return new(values[0], At(0.25), At(0.5), At(0.75), values[^1], moments.Mean, Math.Sqrt(moments.Variance), values.Count(v => v == 0), edges, counts);
    }

    private static TimeSpread Times(double[] seconds)
    {
        Array.Sort(seconds);
        return new(TimeText.Moment(seconds[0]), TimeText.Moment(Quantile.OfSorted(seconds, 0.5)), TimeText.Moment(seconds[^1]));
    }
}
