using System.Collections.Immutable;

namespace Looper.Core.Learning;

/// <summary>What to do about a finding.</summary>
public enum FindingAdvice
{
    /// <summary>Most likely leave the column out.</summary>
    Drop,

    /// <summary>Find out why, then decide.</summary>
    Explain,

    /// <summary>Harmless; said so that nobody wonders.</summary>
    Ignore,
}

/// <summary>Something about the data that a person should know before trusting a model.</summary>
/// <param name="Code">Stable: <c>leak.predicts-alone</c>, <c>leak.missing-tells</c>, <c>leak.after-decision</c>, <c>column.identifier</c>, <c>column.constant</c>,
/// <c>column.missing</c>, <c>split.label-shift</c>, <c>split.distinguishable</c>.</param>
/// <param name="Column">The feature it is about; null for the whole data set.</param>
/// <param name="Value">The figure that crossed its limit.</param>
/// <param name="Advice">What to do.</param>
/// <param name="Sentence">The finding in words.</param>
public sealed record Finding(string Code, string? Column, double Value, FindingAdvice Advice, string Sentence);

/// <summary>A category as it came, before a model's columns kept the commonest of its values.</summary>
/// <param name="Distinct">Values that differ.</param>
/// <param name="Missing">One per row.</param>
public sealed record RawCategory(int Distinct, bool[] Missing);

/// <summary>Looks for leaks and useless columns before training.</summary>
public static class DataChecks
{
    private const double AloneAuc = 0.98, AloneShare = 0.9, MissingAuc = 0.75, IdentifierShare = 0.5, MostMissing = 0.99;
    private const int FewestRows = 50, Bins = 64;

    /// <summary>Findings about every column, in the order of the columns.</summary>
    /// <param name="data">Rows in time order.</param>
    /// <param name="objective">Decides how the label is compared with one column.</param>
    /// <param name="raw">Categories of which the columns may know only the commonest values, by column; null where the columns know all.</param>
    public static ImmutableArray<Finding> Of(DataSet data, Objective objective, IReadOnlyDictionary<string, RawCategory>? raw = null)
    {
        var found = ImmutableArray.CreateBuilder<Finding>();
        if (data.Rows < FewestRows) return [];
        for (var j = 0; j < data.Columns.Length; j++) found.AddRange(OfColumn(data, j, objective, raw?.GetValueOrDefault(data.Columns[j].Name)));
        found.AddRange(OfHalves(data));
        return [.. found.GroupBy(f => (f.Code, f.Column)).Select(f => f.MaxBy(one => Math.Abs(one.Value))!)]; // of a feature's columns the one that says most
    }

    /// <summary>The same, and columns that hold times later than the decision: what they describe was not known when it was made.</summary>
    /// <param name="data">Rows in time order.</param>
    /// <param name="objective">As above.</param>
    /// <param name="decidedAt">Time of every row's decision, in the unit in which the columns hold times.</param>
    /// <remarks>A number column holds times when 99 % of its values lie within ten times the decisions' span (at least a tenth of their
    /// greatest) of the decisions; a delivery clock set a little late does not count, 1 % of the values does.</remarks>
    public static ImmutableArray<Finding> Of(DataSet data, Objective objective, ReadOnlySpan<double> decidedAt)
    {
        var (found, at) = (Of(data, objective), decidedAt.ToArray());
        if (data.Rows < FewestRows) return found;
        var (first, last) = (at.Min(), at.Max());
        var reach = Math.Max(10 * (last - first), 0.1 * Math.Abs(last));
        return found.AddRange(data.Columns.Select((c, j) => (c, j)).Where(c => c.c.Kind == ColumnKind.Number).Select(c =>
        {
            var present = Enumerable.Range(0, data.Rows).Where(i => double.IsFinite(data.Values[c.j][i])).ToArray();
            var times = present.Count(i => data.Values[c.j][i] >= first - reach && data.Values[c.j][i] <= last + reach);
            if (present.Length < FewestRows / 2 || times < 0.99 * present.Length) return null;
            var later = present.Count(i => data.Values[c.j][i] > at[i]) / (double)present.Length;
            return later <= 0.01 ? null : new Finding("leak.after-decision", c.c.Name, later, FindingAdvice.Drop,
                $"'{c.c.Name}' lies after the decision in {later:0.0%} of the examples: it was not known when the decision was made.");
        }).OfType<Finding>());
    }

    private static IEnumerable<Finding> OfColumn(DataSet data, int index, Objective objective, RawCategory? raw)
    {
        var (name, values) = (Column.FeatureOf(data.Columns[index].Name), data.Values[index]);
        var isOneOfSeveral = name != data.Columns[index].Name; // of tags or a vector
        var isSaid = index > 0 && Column.FeatureOf(data.Columns[index - 1].Name) == name;
        var isMissing = raw?.Missing ?? Array.ConvertAll(values, v => !double.IsFinite(v));
        var (missing, distinct) = (isMissing.Count(m => m) / (double)data.Rows, raw?.Distinct ?? values.Where(double.IsFinite).Distinct().Count());
        if (missing > MostMissing)
        {
            if (isSaid) yield break;
            yield return new("column.missing", name, missing, FindingAdvice.Drop, $"'{name}' is missing in {missing:0.0%} of the examples.");
            yield break;
        }
        if (distinct < 2 && missing == 0)
        {
            if (isOneOfSeveral) yield break;
            yield return new("column.constant", name, distinct, FindingAdvice.Ignore, $"'{name}' always has the same value.");
            yield break;
        }
        if (data.Columns[index].Kind == ColumnKind.Category && distinct > IdentifierShare * data.Rows)
        {
            yield return new("column.identifier", name, (double)distinct / data.Rows, FindingAdvice.Drop,
                $"'{name}' has {distinct} values in {data.Rows} examples: it looks like an identifier, from which nothing carries over.");
            yield break;
        }
        var alone = Alone(data, index, objective);
        if (alone > (objective == Objective.Binary ? AloneAuc : AloneShare))
            yield return new("leak.predicts-alone", name, alone, FindingAdvice.Explain,
                $"'{name}'{(isOneOfSeveral ? " (one of its values)" : "")} alone predicts the outcome almost perfectly ({alone:0.000}): is it known before the decision?");
        if (objective == Objective.Multiclass || missing is 0 or 1 || isSaid) yield break;
        var least = objective == Objective.Binary ? 0.5 : data.Labels.Min();
        var isMore = Array.ConvertAll(data.Labels, y => y > least ? 1.0 : 0); // of a number: is there more than nothing?
        var auc = Metrics.Auc(isMore, Array.ConvertAll(isMissing, m => m ? 1.0 : 0)).Area;
        if (Math.Max(auc, 1 - auc) > MissingAuc)
            yield return new("leak.missing-tells", name, Math.Max(auc, 1 - auc), FindingAdvice.Explain,
                $"Whether '{name}' is missing predicts the outcome ({Math.Max(auc, 1 - auc):0.00}): it may be filled in only afterwards.");
    }

    // Ranking power of the mean label of the column's bins, fitted on the even rows and judged on the odd ones: AUC for 0/1, else R².
    private static double Alone(DataSet data, int index, Objective objective)
    {
        var bins = Trees.ColumnBins.Of(data.Columns[index], data.Values[index], Bins, 0);
        var overall = data.Labels.Average();
        double[] sums = new double[256], counts = new double[256];
        for (var i = 0; i < data.Rows; i += 2)
        {
            var bin = bins.BinOf(data.Values[index][i]);
            (sums[bin], counts[bin]) = (sums[bin] + data.Labels[i], counts[bin] + 1);
        }
        var odd = Enumerable.Range(0, data.Rows / 2).Select(i => 2 * i + 1).ToArray();
        var predictions = Array.ConvertAll(odd, i =>
        {
            var bin = bins.BinOf(data.Values[index][i]);
            return (sums[bin] + 2 * overall) / (counts[bin] + 2);
        });
        var labels = Array.ConvertAll(odd, i => data.Labels[i]);
        return objective == Objective.Binary ? Metrics.Auc(labels, predictions).Area : ValueMetrics.Of(labels, predictions).R2;
    }

    private static IEnumerable<Finding> OfHalves(DataSet data)
    {
        var cut = BoostedFit.Cut(data, 0.25);
        var (older, newer) = (Spread.Of(data.Labels.AsSpan(0, cut)), Spread.Of(data.Labels.AsSpan(cut)));
        var error = Math.Sqrt(Math.Pow((older.High - older.Low) / 3.92, 2) + Math.Pow((newer.High - newer.Low) / 3.92, 2));
        var jump = Math.Abs(newer.Mean - older.Mean);
        if (jump > 5 * error && jump > 0.1 * Math.Abs(older.Mean))
            yield return new("split.label-shift", null, newer.Mean - older.Mean, FindingAdvice.Explain,
                $"The outcome's mean went from {older.Mean:0.####} to {newer.Mean:0.####} in the newest quarter.");
        var labels = new double[data.Rows];
        labels.AsSpan(cut).Fill(1);
        for (var j = 0; j < data.Columns.Length; j++)
        {
            if (data.Columns[j].Kind != ColumnKind.Number) continue;
            var auc = Metrics.Auc(labels, Array.ConvertAll(data.Values[j], v => double.IsFinite(v) ? v : double.MinValue)).Area;
            if (Math.Max(auc, 1 - auc) > 0.8)
                yield return new("split.distinguishable", Column.FeatureOf(data.Columns[j].Name), Math.Max(auc, 1 - auc), FindingAdvice.Explain,
                    $"'{Column.FeatureOf(data.Columns[j].Name)}' alone tells the newest quarter from the rest: the model will be asked about values it has hardly seen.");
        }
    }
}
