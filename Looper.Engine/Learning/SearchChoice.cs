namespace Looper.Core.Learning;

/// <summary>A model that a search tried on all rows of fold 0.</summary>
/// <param name="Losses">Per row that judged it in fold 0.</param>
internal sealed record Contender(Trial Trial, IPredictor Predictor, double[] Losses)
{
    /// <summary>Per fold that checked it, the loss of every row.</summary>
    public List<double[]> Checked { get; } = [];
}

/// <summary>Which of the models that a search tried is taken.</summary>
/// <remarks>The least of many losses on the same rows is partly luck (the winner's curse), so these rows only nominate. Rows that took no part in
/// looking decide, by the paired difference of the losses. Rows that lie side by side are not independent: the standard error is that of the means of ten
/// stretches a fold.</remarks>
internal static class SearchChoice
{
    private const int Challengers = 3, Stretches = 10;
    private const double SmallShareOfError = 0.25;

    /// <summary>What is to be checked: the first (the default), the best that did better, and what is cheaper and hardly worse.</summary>
    public static List<Contender> Finalists(List<Contender> tried, SearchSpace space)
    {
        var (incumbent, best) = (tried[0], tried.MinBy(t => t.Trial.Loss)!);
        var finalists = new List<Contender> { incumbent };
        finalists.AddRange(tried.Where(t => t.Trial.Loss < incumbent.Trial.Loss).OrderBy(t => t.Trial.Loss).Take(Challengers));
        if (tried.OrderBy(t => t.Trial.Cost).FirstOrDefault(t => IsBargain(t, best, incumbent, space, 1)) is { } bargain && !finalists.Contains(bargain)) finalists.Add(bargain);
        return finalists;
    }

    /// <summary>The default stays unless another is better by more than one standard error. Of what is cheaper to serve, the cheapest is taken
    /// that loses against the best found less than a quarter of one, or less than the tolerance.</summary>
    public static Contender Of(List<Contender> finalists, SearchSpace space)
    {
        var (incumbent, best) = (finalists[0], finalists[0]);
        foreach (var other in finalists)
            if (Worse(other, best).Mean < 0) best = other;
        var stays = best.Checked.Count > 0 && Worse(incumbent, best) is var gain && gain.Mean > gain.Error ? best : incumbent;
        return finalists.OrderBy(t => t.Trial.Cost).FirstOrDefault(t => IsBargain(t, best, stays, space, SmallShareOfError)) ?? stays;
    }

    private static bool IsBargain(Contender one, Contender best, Contender stays, SearchSpace space, double shareOfError)
    {
        if (one.Trial.Cost >= stays.Trial.Cost) return false;
        var (mean, error) = Worse(one, best);
        return mean <= space.Tolerance * Math.Abs(best.Trial.Loss) || (mean <= shareOfError * error && one.Trial.Cost * space.Cheaper <= stays.Trial.Cost);
    }

    /// <summary>Mean of the paired difference over the rows that checked both, of fold 0 where none did; positive where the first is worse.</summary>
    internal static (double Mean, double Error) Worse(Contender one, Contender than)
    {
        if (ReferenceEquals(one, than)) return (0, 0);
        var folds = Math.Min(one.Checked.Count, than.Checked.Count);
        var (sum, rows, means) = (0.0, 0, new List<double>());
        for (var fold = 0; fold < Math.Max(1, folds); fold++)
        {
            var (a, b) = folds == 0 ? (one.Losses, than.Losses) : (one.Checked[fold], than.Checked[fold]);
            var stretches = Math.Min(Stretches, a.Length);
            for (var k = 0; k < stretches; k++)
            {
                var (from, to, part) = ((long)k * a.Length / stretches, (long)(k + 1) * a.Length / stretches, 0.0);
                for (var i = from; i < to; i++) part += a[i] - b[i];
                means.Add(part / (to - from));
                (sum, rows) = (sum + part, rows + (int)(to - from));
            }
        }
        var spread = Spread.Of([.. means]);
        return (sum / rows, (spread.High - spread.Mean) / 1.959963984540054);
    }
}
