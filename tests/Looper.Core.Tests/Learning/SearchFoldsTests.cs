using Looper.Core.Learning;

namespace Looper.Core.Tests.Learning;

public class SearchFoldsTests
{
    [Theory, InlineData(false), InlineData(true)]
    public void A_row_judges_once_at_most_and_never_what_has_seen_it(bool interleaved)
    {
        var data = Numbered(1_000);
        var folds = new SearchFolds(data, interleaved);
        var judges = new HashSet<double>();
        for (var fold = 0; fold < folds.Count; fold++)
        {
            var (train, judge) = folds.Of(fold);
            Assert.Empty(train.Labels.Intersect(judge.Labels));
            Assert.All(judge.Labels, row => Assert.True(judges.Add(row)));
            Assert.InRange(judge.Rows, 142, 150);
            if (!interleaved) Assert.True(train.Labels.Max() < judge.Labels.Min(), "It knows what comes later.");
        }
        Assert.Equal(interleaved ? 997 : 999, folds.Of(0).Judge.Labels.Max());
    }

    [Theory, InlineData(840, 4), InlineData(200, 2), InlineData(1, 1)]
    public void A_given_split_leaves_a_gap_before_every_row_that_judges(int from, int count)
    {
        var folds = new SearchFolds(Numbered(1_000), false, new(from, row => Math.Max(0, row - 30)));
        Assert.Equal(count, folds.Count);
        for (var fold = 0; fold < folds.Count; fold++)
        {
            var (train, judge) = folds.Of(fold);
            Assert.Equal(fold == 0 ? from : from - 150 * fold, judge.Labels[0]);
            Assert.Equal(fold == 0 ? 1_000 - from : 150, judge.Rows);
            Assert.Equal(Math.Max(0, judge.Labels[0] - 30), train.Rows);
        }
    }

    [Theory, InlineData(false), InlineData(true)]
    public void A_query_is_never_parted(bool interleaved)
    {
        var data = Numbered(700);
        var queries = new DataSet(data.Columns, data.Values, data.Labels) { Groups = [.. Simulated.Range(0, 700).Select(i => i / 3)] };
        var (train, judge) = new SearchFolds(queries, interleaved).Of(1);
        Assert.Empty(train.Groups!.Intersect(judge.Groups!));
    }

    [Fact]
    public void A_part_is_the_newest_rows_or_rows_of_all_times()
    {
        var data = Numbered(900);
        Assert.Equal([.. Simulated.Range(800, 900).Select(i => (double)i)], new SearchFolds(data, false).Part(data, 9).Labels);
        var spread = new SearchFolds(data, true).Part(data, 9).Labels;
        Assert.Equal((100, 4, 895), (spread.Length, (int)spread[0], (int)spread[^1]));
    }

    private static DataSet Numbered(int rows) => new([new("x", ColumnKind.Number, [])], [new double[rows]], [.. Simulated.Range(0, rows).Select(i => (double)i)]);
}
