using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Learning;
using Looper.Core.Learning.Bandits;
using Looper.Core.Numerics;
using Looper.Core.Serving;
using Looper.Core.Serving.Candidates;
using Looper.Testing.Bandits;

namespace Looper.Core.Tests.Serving.Candidates;

/// <summary>How users go through a ranking, when each candidate's rate of being wanted is known.</summary>
internal enum Clicks
{
    /// <summary>Each place is looked at with a probability of its own, whatever stands elsewhere: the position-based model.</summary>
    ByPosition,

    /// <summary>From the top until something is clicked: the cascade model (Craswell et al. 2008).</summary>
    Cascade,
}

/// <summary>A ranking of twelve offers, four of them shown, in a world whose rates are known: in NL what is cheap sells, in DE what is dear, and one brand sells anywhere.</summary>
internal sealed class RankedWorld(Clicks clicks, long seed)
{
    public const int PerCall = 12, Places = 4;

    /// <summary>How often each place is looked at in the position-based model.</summary>
    public static readonly ImmutableArray<double> Looked = [1, 0.55, 0.35, 0.2];

    private static readonly ImmutableArray<Column> s_columns = [new("country", ColumnKind.Category, ["NL", "DE"]), new("price", ColumnKind.Number, []), new("brand", ColumnKind.Category, ["b0", "b1", "b2"])];

    private readonly Philox _random = new(seed, "ranked-world");
    private readonly List<(int Band, double[] Row, double Reward)> _rows = [];

    public static double Rate(bool dutch, double price, int brand) => Math.Clamp(0.3 + (dutch ? -0.25 : 0.25) * (price - 5) / 5 + (brand == 1 ? 0.1 : 0), 0.02, 0.98);

    public static BlueprintContent Content(PolicySpec policy) => Offers.Pick(policy) with { Shape = DecisionShape.Ranking, Positions = Places };

    /// <summary>Serves, is rewarded, learns and publishes again, as a server does.</summary>
    /// <param name="ignoresPlaces">All places count as the first.</param>
    /// <param name="isJudged">What was drawn is held against the stated chances.</param>
    public RankedRun Run(PolicySpec policy, int rounds, bool ignoresPlaces = false, bool isJudged = false)
    {
        var (workspace, state, next, whole) = (new DecisionWorkspace(), (BanditState?)null, 50, 0);
        PropensityFit[] fits = [.. Enumerable.Range(0, Places).Select(place => new PropensityFit(PerCall - place))];
        var source = Offers.Point(Content(policy), withModel: false);
        var snapshot = Serve.Snapshot(source);
        double regret = 0, evenly = 0, last = 0, least = 1;
        for (var t = 0; t < rounds; t++)
        {
            if (t == next && policy is BanditPolicy)
            {
                if (state is null || t > 3 * whole) (state, whole) = (State(ignoresPlaces), t);
                snapshot = Serve.Snapshot(source with { Bandit = BanditFile.Write(state) });
                next += Math.Max(10, t / 20);
            }
            var dutch = _random.Uniform() < 0.5;
            double[] prices = [.. Enumerable.Range(0, PerCall).Select(_ => Math.Round(10 * _random.Uniform(), 2))];
            double[] rates = [.. prices.Select((p, i) => Rate(dutch, p, i % 3))];
            var decision = DecisionEngine.Decide(snapshot, snapshot.Points[0], new("u"u8, Serve.Utf8($"d{seed}-{t}"), dutch ? """{"country":"NL"}"""u8 : """{"country":"DE"}"""u8, Offers.Priced(prices)), workspace);
            Assert.Equal(workspace.Candidates.Propensities[0], decision.Propensity);
            if (isJudged) Judge(snapshot.Points[0].Current!.Candidates!, workspace.Candidates, fits, ref least);
            double[] shown = [.. Enumerable.Range(0, Places).Select(place => rates[workspace.Candidates.Order[place]])];
            var lost = Value([.. rates.OrderDescending().Take(Places)]) - Value(shown);
            regret += lost;
            if (t >= rounds / 2) last += lost;
            evenly += Value([.. rates.OrderDescending().Take(Places)]) - Value([.. rates.Take(Places)]);
            Learn(workspace, dutch, prices, shown, state, ignoresPlaces);
        }
        return new(regret / rounds, last / (rounds - rounds / 2), evenly / rounds, fits.Min(f => f.PValue), least, state);
    }

    // clicks that are to be expected, all places together
    private double Value(double[] shown)
    {
        var (sum, looks) = (0.0, 1.0);
        for (var place = 0; place < shown.Length; place++)
        {
            sum += (clicks == Clicks.ByPosition ? Looked[place] : looks) * shown[place];
            looks *= 1 - shown[place];
        }
        return sum;
    }

    // what every candidate left had at each place, asked as an arm would be of another's order
    private static void Judge(CandidateStrategy strategy, CandidateSet set, PropensityFit[] fits, ref double least)
    {
        int[] drawn = [.. set.Order];
        double[] stated = [.. set.Propensities], judged = new double[Places];
        for (var place = 0; place < Places; place++)
        {
            var chances = new double[PerCall - place];
            for (var i = 0; i < chances.Length; i++)
            {
                (set.OrderBuffer[place], set.OrderBuffer[place + i]) = (drawn[place + i], drawn[place]);
                strategy.Judge(set, isPick: false, judged.AsSpan(0, place + 1));
                chances[drawn[place..].Order().ToList().IndexOf(drawn[place + i])] = judged[place];
                drawn.CopyTo(set.OrderBuffer);
            }
            var at = drawn[place..].Order().ToList().IndexOf(drawn[place]);
            Assert.Equal(1, chances.Sum(), 1e-12);
            Assert.Equal(stated[place], chances[at], 1e-12);
            least = Math.Min(least, chances.Min() * chances.Length);
            fits[place].Add(chances, at);
        }
    }

    private void Learn(DecisionWorkspace workspace, bool dutch, double[] prices, double[] shown, BanditState? state, bool ignoresPlaces)
    {
        var looks = true;
        for (var place = 0; place < Places; place++)
        {
            var candidate = workspace.Candidates.Order[place];
            var clicked = (clicks == Clicks.ByPosition ? _random.Uniform() < Looked[place] : looks) & _random.Uniform() < shown[place];
            if (clicked) looks = false;
            double[] row = [dutch ? 0 : 1, prices[candidate], candidate % 3];
            _rows.Add((place, row, clicked ? 1 : 0));
            state?.Statistics.Add(ignoresPlaces ? 0 : place, Written(state.Design, row), clicked ? 1 : 0);
        }
    }

    private BanditState State(bool ignoresPlaces)
    {
        double[][] values = [.. s_columns.Select((_, j) => _rows.Select(r => r.Row[j]).ToArray())];
        var plain = BanditDesign.Of(s_columns, values, BanditDesign.MostOfCandidates);
        var design = DesignProducts.Choose(plain, [false, true, true], [.. _rows.Select(r => Written(plain, r.Row))], [.. _rows.Select(r => r.Reward)]);
        var options = BanditState.OfPlaces(ignoresPlaces ? 1 : Places);
        var statistics = new BanditStatistics(options.Length, design.Width);
        foreach (var (band, row, reward) in _rows) statistics.Add(ignoresPlaces ? 0 : band, Written(design, row), reward);
        return new(options, design, statistics, null);
    }

    private static double[] Written(BanditDesign design, double[] row)
    {
        var x = new double[design.Width];
        design.Write(row, x);
        return x;
    }
}

/// <param name="Regret">Mean over all rounds of the best order's clicks to be expected less those of what was shown.</param>
/// <param name="Last">The same of the second half.</param>
/// <param name="Evenly">The same of any order.</param>
/// <param name="Propensities">Least p-value over the places of what was drawn against the stated chances.</param>
/// <param name="Least">Least chance of any candidate at any place, times the number that were left.</param>
internal sealed record RankedRun(double Regret, double Last, double Evenly, double Propensities, double Least, BanditState? State);
