using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Statistics;

namespace Looper.Core.Models;

/// <summary>How served features and an outcome were spread where a model learned: bins and how many units fell into each. What is served
/// later is counted into the same bins.</summary>
/// <param name="Features">One per feature of the blueprint but times, which only move on, and what is derived of them: a day has one weekday. Of a vector the length is counted; of tags one of each row's, drawn by
/// a hash of them all, so that every row counts once and rows stay independent.</param>
/// <param name="Outcome">Null where the model's outcome was not counted.</param>
public sealed record ServedProfile(ImmutableArray<BinnedFeature> Features, BinnedFeature? Outcome)
{
    /// <summary>Decisions counted at most, the newest ones, one per unit so that counts are independent.</summary>
    public const int MostUnits = 20_000;

    /// <param name="rows">Rows of <paramref name="examples"/> of the time that a model learned from.</param>
    /// <param name="outcome">Whose labels are counted, where they are known.</param>
    internal static ServedProfile Of(BlueprintContent blueprint, VersionTable versions, ExampleSet examples, ReadOnlySpan<int> rows, int outcome)
    {
        var sample = OnePerUnit(examples, rows);
        var times = blueprint.AllFeatures.Where(f => f.Kind == FeatureKind.Time).Select(f => f.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var feature in blueprint.AllFeatures) // what is derived stands behind what it takes
            if (feature.Derived?.Takes.Any(times.Contains) == true) times.Add(feature.Name);
        var table = new FeatureTable([.. blueprint.AllFeatures.Where(f => !times.Contains(f.Name))], countsEachTag: false);
        foreach (var row in sample) table.Add(versions.Find(examples.Version(row))!.AllFeatures, examples.Served(row));
        double[] labels = [.. sample.Select(r => examples.Label(outcome, r)).Where(double.IsFinite)];
        return new([.. table.Features.Select(f => BinnedFeature.Of(f, table.Rows))], BinnedFeature.OfNumbers("", labels, labels.Length));
    }

    /// <summary>Each unit's newest decision, the newest units first and at most <see cref="MostUnits"/>.</summary>
    internal static List<int> OnePerUnit(ExampleSet examples, ReadOnlySpan<int> rows)
    {
        var (sample, seen) = (new List<int>(), new HashSet<ulong>());
        for (var i = rows.Length - 1; i >= 0 && sample.Count < MostUnits; i--)
        {
            if (seen.Add(examples.Unit(rows[i]))) sample.Add(rows[OneOf(examples, rows, i)]);
        }
        return sample;
    }

    // A ranking gives a row per place: one of the decision's, so that each place is met as often as the others.
    private static int OneOf(ExampleSet examples, ReadOnlySpan<int> rows, int last)
    {
        var (unit, ticks, first) = (examples.Unit(rows[last]), examples.Ticks(rows[last]), last);
        while (first > 0 && examples.Unit(rows[first - 1]) == unit && examples.Ticks(rows[first - 1]) == ticks) first--;
        return first + (int)(unit % (uint)(last - first + 1));
    }

    /// <summary>Counts of other rows in the bins of this profile.</summary>
    public ProfileCounter Counter() => new(Features);
}

/// <summary>A feature in bins. The last count is of missing values; of categories, the one before it is of all levels not named.</summary>
/// <param name="Edges">Upper ends of the bins of a number, ascending; above the last is one more bin. Empty for categories.</param>
/// <param name="Levels">The commonest categories. Empty for numbers.</param>
public sealed record BinnedFeature(string Name, ImmutableArray<double> Edges, ImmutableArray<string> Levels, ImmutableArray<long> Counts)
{
    private const int Bins = 10, MostLevels = 20;

    public long Rows => Counts.Sum();

    public double MissingShare => Rows == 0 ? double.NaN : (double)Counts[^1] / Rows;

    internal bool IsNumber => Levels.IsEmpty;

    /// <param name="rows">All of them: those of versions without the feature are missing, as they are to the model.</param>
    internal static BinnedFeature Of(FeatureValues values, long rows) => values.Feature.Kind is FeatureKind.Number or FeatureKind.Vector
        ? OfNumbers(values.Feature.Name, values.Numbers, rows)
        : OfLevels(values.Feature.Name, values.Levels, rows);

    internal static BinnedFeature OfNumbers(string name, IReadOnlyCollection<double> values, long rows)
    {
        double[] sorted = [.. values.Where(double.IsFinite).Order()];
        // The greatest value is no edge: the bin above the last edge would hold nothing. A yes/no outcome has one edge, at 0.
        ImmutableArray<double> edges = sorted.Length == 0 ? []
            : [.. Enumerable.Range(1, Bins - 1).Select(i => sorted[(int)((long)i * sorted.Length / Bins)]).Append(sorted[0]).Distinct().Order().Where(e => e < sorted[^1])];
        var counts = new long[edges.Length + 2];
        foreach (var value in sorted) counts[Of(edges, value)]++;
        counts[^1] = rows - sorted.Length;
        return new(name, edges, [], [.. counts]);
    }

    private static BinnedFeature OfLevels(string name, FrequentItems levels, long rows)
    {
        var named = levels.Commonest(MostLevels).ToArray();
        ImmutableArray<long> counts = named.Length == 0 ? [0] : [.. named.Select(l => l.Value)];
        return new(name, [], named.Length == 0 ? [""] : [.. named.Select(l => l.Key)], [.. counts, levels.Total - counts.Sum(), rows - levels.Total]);
    }

    /// <param name="number">NaN where missing.</param>
    /// <param name="level">Null where missing.</param>
    internal int BinOf(double number, string? level)
    {
        if (IsNumber) return double.IsFinite(number) ? Of(Edges, number) : Counts.Length - 1;
        if (level is null) return Counts.Length - 1;
        var at = Levels.IndexOf(level);
        return at >= 0 ? at : Levels.Length;
    }

    private static int Of(ImmutableArray<double> edges, double value)
    {
        var at = edges.BinarySearch(value);
        return at >= 0 ? at : ~at;
    }
}
