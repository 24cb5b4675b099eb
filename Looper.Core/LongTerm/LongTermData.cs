using System.Collections.Immutable;
using Looper.Core.Learning;
using Looper.Core.Personalization;

namespace Looper.Core.LongTerm;

/// <summary>History and units of an experiment in the same columns: early outcomes, then features; the metric as label.</summary>
/// <param name="Early">How many of the columns are early outcomes.</param>
/// <param name="Arms">Arm of each unit of the experiment.</param>
/// <param name="Cap">Larger values of the metric were cut here; NaN where none were.</param>
/// <param name="LeftOut">Features that are no column, and why.</param>
internal sealed record LongTermData(DataSet History, DataSet Units, int Early, int[] Arms, double Cap, ImmutableArray<LeftOutFeature> LeftOut)
{
    public static LongTermData Of(LongTermReading reading, LongTermUnits history, LongTermUnits units)
    {
        ServedUnit[] all = [.. history.All, .. units.All];
        var (columns, left) = reading.Columns.Of(all);
        var early = reading.Early.Length;
        double[][] values = [.. Enumerable.Range(0, early).Select(j => Array.ConvertAll(all, u => u.Values[j])), .. reading.Columns.Encode(columns, all)];
        columns = [.. reading.Early.Select(e => new Column(e.Name, ColumnKind.Number, [])), .. columns];
        var (labels, cap) = reading.Metric.Sum([.. Enumerable.Range(early, reading.Metric.Terms.Length).Select(t => Array.ConvertAll(all, u => u.Values[t]))]);
        var past = history.All.Count;
        // what is the same for the whole history tells nothing apart in it
        int[] kept = [.. Enumerable.Range(0, columns.Length).Where(j => ServedColumns.Varies(values[j][..past]))];
        DataSet Part(Range rows) => new([.. kept.Select(j => columns[j])], [.. kept.Select(j => values[j][rows])], labels[rows]);
        return new(Part(..past), Part(past..), kept.Count(j => j < early), [.. units.All.Select(u => u.Arm)], cap,
            [.. left, .. Enumerable.Range(0, columns.Length).Except(kept).Select(j => new LeftOutFeature(columns[j].Name, "it was the same for all units before the experiment"))]);
    }
}
