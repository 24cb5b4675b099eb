namespace Looper.Core.Learning;

/// <summary>The rows that judge a search. Fold 0 judges while it looks; the others check what it found.</summary>
/// <remarks>By time: fold k is judged by 15 % of the rows and fitted on all before them; fold 0 holds the newest. Interleaved: every seventh row
/// judges and all others fit. Queries of a ranking are never parted. A given split says where the newest begin, and leaves a gap before each that judges.</remarks>
internal sealed class SearchFolds(DataSet data, bool interleaved, SearchSplit? split = null)
{
    private const double Share = 0.15;
    private const int Every = 7;

    private readonly int[]? _queries = interleaved && data.Groups is { } groups ? Numbered(groups) : null;

    public int Count => interleaved ? 5 : split is null ? 4 : Math.Clamp((split.From - 1) / Step + 1, 1, 4);

    private int Step => Math.Max(1, (int)(data.Rows * Share));

    public (DataSet Train, DataSet Judge) Of(int fold)
    {
        if (!interleaved)
        {
            var (from, until) = (From(fold), fold == 0 ? data.Rows : From(fold - 1));
            return (data.Take(BoostedFit.Rows(0, split?.Before(from) ?? from)), data.Take(BoostedFit.Rows(from, until)));
        }
        int[] Rows(bool judge) => [.. Enumerable.Range(0, data.Rows).Where(i => (_queries?[i] ?? i) % Every == (Every / 2 + 2 * fold) % Every == judge)];
        return (data.Take(Rows(false)), data.Take(Rows(true)));
    }

    private int From(int fold) => split is null ? BoostedFit.Cut(data, Share * (fold + 1)) : split.From - fold * Step;

    /// <summary>A part of the rows to fit on while looking: the newest of them, or those spread over all.</summary>
    public DataSet Part(DataSet train, int of)
    {
        if (of == 1) return train;
        if (!interleaved || train.Groups is not null) return train.Take(BoostedFit.Rows(BoostedFit.Cut(train, 1.0 / of), train.Rows));
        return train.Take([.. Enumerable.Range(0, train.Rows).Where(i => i % of == of / 2)]);
    }

    private static int[] Numbered(int[] groups)
    {
        var numbers = new int[groups.Length];
        for (var i = 1; i < groups.Length; i++) numbers[i] = numbers[i - 1] + (groups[i] == groups[i - 1] ? 0 : 1);
        return numbers;
    }
}
