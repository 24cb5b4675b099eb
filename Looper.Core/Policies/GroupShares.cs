using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Learning;
using Looper.Core.Models;

namespace Looper.Core.Policies;

/// <summary>Who would be treated: shares of the options by group of a feature, for the features that the draft tells apart most. It needs no outcome
/// and no overlap.</summary>
internal static class GroupShares
{
    private const int MostRows = 100_000, MostFeatures = 3, MostGroups = 6;
    private const double LeastApart = 0.01;
    private static readonly double[] s_quarters = [0.25, 0.5, 0.75];

    /// <param name="contexts">Features without the option.</param>
    /// <param name="taken">Option of each row, −1 for one that is gone.</param>
    /// <param name="policy">π_e, row after row.</param>
    /// <param name="features">Of the draft; personal ones make no groups.</param>
    public static ImmutableArray<GroupShare> Of(DataSet contexts, int[] taken, double[] policy, ImmutableArray<string> options, ImmutableArray<Feature> features)
    {
        int[] rows = taken.Length <= MostRows ? [.. Enumerable.Range(0, taken.Length)] : [.. Enumerable.Range(0, MostRows).Select(k => (int)((long)k * taken.Length / MostRows))];
        var all = Shares("", "", rows, rows.Length, taken, policy, options);
        return
        [
            .. contexts.Columns.Select((column, j) => (Feature: FeatureOf(column, features), Column: column, Values: contexts.Values[j]))
                .Where(c => c.Feature is { IsPersonal: false })
                .Select(c => Groups(c.Feature!, c.Column, c.Values, rows).Select(g => Shares(c.Feature!.Name, g.Name, g.Rows, rows.Length, taken, policy, options)).ToList())
                .Select(groups => (Groups: groups, Apart: groups.Sum(g => g.Share * Apart(g, all))))
                .Where(c => c.Apart > LeastApart).OrderByDescending(c => c.Apart).Take(MostFeatures).SelectMany(c => c.Groups),
        ];
    }

    /// <summary>The feature whose groups a column makes; a tag is one that is there or not, and numbers of a vector tell nothing.</summary>
    private static Feature? FeatureOf(Column column, ImmutableArray<Feature> features) => features.FirstOrDefault(f => f.Name == Column.FeatureOf(column.Name)) switch
    {
        { Kind: FeatureKind.Vector } => null,
        { Kind: FeatureKind.Tags } tags => tags with { Name = column.Name, Kind = column.Name == tags.Name ? FeatureKind.Number : FeatureKind.Boolean },
        var feature => feature,
    };

    /// <summary>Half the summed difference of what the draft does in a group and over all.</summary>
    private static double Apart(GroupShare group, GroupShare all) => 0.5 * group.Options.Zip(all.Options, (a, b) => Math.Abs(a.Policy - b.Policy)).Sum();

    private static GroupShare Shares(string feature, string name, int[] rows, int of, int[] taken, double[] policy, ImmutableArray<string> options)
    {
        double[] served = new double[options.Length], wanted = new double[options.Length];
        foreach (var i in rows)
        {
            if (taken[i] >= 0) served[taken[i]] += 1.0 / rows.Length;
            for (var a = 0; a < wanted.Length; a++) wanted[a] += policy[i * wanted.Length + a] / rows.Length;
        }
        return new(feature, name, rows.Length / (double)of, [.. options.Select((o, a) => new OptionShare(o, served[a], wanted[a]))]);
    }

    private static List<(string Name, int[] Rows)> Groups(Feature feature, Column column, double[] values, int[] rows)
    {
        var cuts = feature.Kind == FeatureKind.Number ? Cuts(values, rows) : [];
        string Name(int group) => group < 0 ? column.Categories.Length >= DataSetBuilder.Categories ? "another or missing" : "missing" : feature.Kind switch
        {
            FeatureKind.Boolean => group == 1 ? "yes" : "no",
            FeatureKind.Number when cuts.Length == 0 => "any",
            FeatureKind.Number when group == 0 => $"up to {Text(cuts[0])}",
            FeatureKind.Number when group == cuts.Length => $"above {Text(cuts[^1])}",
            FeatureKind.Number => $"above {Text(cuts[group - 1])}, up to {Text(cuts[group])}",
            _ => Level(column.Categories[group]),
        };
        int Of(double value) => double.IsNaN(value) ? -1 : feature.Kind != FeatureKind.Number ? (int)value : cuts.TakeWhile(c => value > c).Count();
        var groups = rows.GroupBy(i => Of(values[i])).Select(g => (g.Key, Rows: g.ToArray())).OrderByDescending(g => g.Rows.Length).ToList();
        var kept = groups.Take(groups.Count > MostGroups ? MostGroups - 1 : MostGroups).OrderBy(g => g.Key).Select(g => (Name(g.Key), g.Rows)).ToList();
        if (groups.Count > MostGroups) kept.Add(("others", [.. groups.Skip(MostGroups - 1).SelectMany(g => g.Rows)]));
        return kept;
    }

    /// <summary>Quartiles of what is known, without repeats.</summary>
    private static double[] Cuts(double[] values, int[] rows)
    {
        double[] known = [.. rows.Select(i => values[i]).Where(double.IsFinite).Order()];
        return known.Length == 0 ? [] : [.. s_quarters.Select(p => known[(int)(p * (known.Length - 1))]).Distinct().Where(c => c < known[^1])];
    }

    private static string Text(double cut) => cut.ToString("G6", CultureInfo.InvariantCulture);

    /// <summary>A level, told apart from the groups of units that have none of the levels shown.</summary>
    private static string Level(string level) => level switch { "" => "(empty)", "missing" or "another or missing" or "others" => $"“{level}”", _ => level };
}
