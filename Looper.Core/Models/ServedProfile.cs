using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Looper.Core.Blueprints;
using Looper.Core.Serving;
using Looper.Core.Statistics;

namespace Looper.Core.Models;

/// <summary>How served features and an outcome were spread where a model learned: bins and how many fell into each, one decision of each unit and day. What is
/// served later is counted into the same bins, one decision of each unit of a day: counted once over all days, whoever comes back every day would weigh no more than who came once.</summary>
/// <param name="Features">One per feature of the blueprint but times, which only move on, and what is derived of them: a day has one weekday. Of a vector the length is counted; of tags one of each row's, drawn by
/// a hash of them all, so that every row counts once and rows stay independent.</param>
/// <param name="Outcome">Null where the model's outcome was not counted.</param>
/// <param name="Units">As many independent units say as much as these: (Σd)²/Σd² with d days of each (Kish 1965, "Survey Sampling", 11.7), as if a unit were the same on all of its days. Null of a
/// model that counted each unit once.</param>
public sealed record ServedProfile(ImmutableArray<BinnedFeature> Features, BinnedFeature? Outcome, double? Units = null)
{
    /// <summary>Decisions counted at most, the newest ones.</summary>
    public const int MostUnits = 20_000;

    /// <param name="rows">Rows of <paramref name="examples"/> of the time that a model learned from.</param>
    /// <param name="outcome">Whose labels are counted, where they are known.</param>
    internal static ServedProfile Of(BlueprintContent blueprint, VersionTable versions, ExampleSet examples, ReadOnlySpan<int> rows, int outcome)
    {
        var sample = OnePerUnitAndDay(examples, rows);
        var times = blueprint.AllFeatures.Where(f => f.Kind == FeatureKind.Time).Select(f => f.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var feature in blueprint.AllFeatures) // what is derived stands behind what it takes
            if (feature.Derived?.Takes.Any(times.Contains) == true) times.Add(feature.Name);
        var table = new FeatureTable([.. blueprint.AllFeatures.Where(f => !times.Contains(f.Name))], countsEachTag: false);
        foreach (var row in sample) table.Add(versions.Find(examples.Version(row))!.AllFeatures, examples.Served(row));
        double[] labels = [.. sample.Select(r => examples.Label(outcome, r)).Where(double.IsFinite)];
        return new([.. table.Features.Select(f => BinnedFeature.Of(f, table.Rows))], BinnedFeature.OfNumbers("", labels, labels.Length), Independent(examples, sample));
    }

    /// <summary>A decision of each unit and day, drawn by a hash, the newest first and at most <see cref="MostUnits"/>. Days are counted back from the newest row.</summary>
    internal static List<int> OnePerUnitAndDay(ExampleSet examples, ReadOnlySpan<int> rows)
    {
        var (drawn, places) = (new List<int>(), new Dictionary<(ulong Unit, long Day), int>());
        for (var i = rows.Length - 1; i >= 0; i--)
        {
            var day = (examples.Ticks(rows[^1]) - examples.Ticks(rows[i])) / TimeSpan.TicksPerDay;
            if (places.TryGetValue((examples.Unit(rows[i]), day), out var place))
            {
                if (Draw(examples, rows[i]) < Draw(examples, rows[drawn[place]])) drawn[place] = i;
            }
            else if (drawn.Count < MostUnits)
            {
                places.Add((examples.Unit(rows[i]), day), drawn.Count);
                drawn.Add(i);
            }
        }
        var sample = new List<int>(drawn.Count);
        foreach (var i in drawn) sample.Add(rows[OneOf(examples, rows, i)]);
        return sample;
    }

    private static ulong Draw(ExampleSet examples, int row) => Assignment.Hash(MemoryMarshal.AsBytes([(long)examples.Unit(row), examples.Ticks(row)]), 0);

    private static double Independent(ExampleSet examples, List<int> sample)
    {
        var squares = sample.CountBy(examples.Unit).Sum(unit => (double)unit.Value * unit.Value);
        return squares == 0 ? 0 : (double)sample.Count * sample.Count / squares;
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
