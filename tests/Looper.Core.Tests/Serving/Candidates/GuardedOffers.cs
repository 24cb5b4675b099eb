using System.Collections.Immutable;
using System.Text;
using Looper.Core.Blueprints;
using Looper.Core.Learning;
using Looper.Core.Learning.Bandits;
using Looper.Core.Numerics;
using Looper.Core.Serving;
using Looper.Core.Serving.Candidates;
using Looper.Testing.Bandits;

namespace Looper.Core.Tests.Serving.Candidates;

/// <summary>Six offers a call, of which one is picked or three are ranked, and whose rates of purchase and complaint are known: the brand that sells most is complained about too often, a second only
/// in one country, a third no more than the one that the app sends first. The rates of each seed are others. A place further down is looked at less.</summary>
internal sealed class GuardedOffers
{
    public const int PerCall = 6;
    private const int Brands = 4;
    private const double Spread = 0.03;

    public static readonly ImmutableArray<double> Looked = [1, 0.6, 0.4];

    private static readonly ImmutableArray<string> s_brands = ["plain", "loud", "odd", "good"];
    private static readonly ImmutableArray<Column> s_columns = [new("country", ColumnKind.Category, ["NL", "DE"]), new("price", ColumnKind.Number, []), new("brand", ColumnKind.Category, s_brands)];

    private readonly bool _ranks;
    private readonly long _seed;
    private readonly Philox _random;
    private readonly List<(int Band, double[] Row, double Reward, double Harm)> _rows = [];
    private readonly List<double[][]> _calls = [];

    public GuardedOffers(bool ranks, long seed)
    {
        (_ranks, _seed, _random) = (ranks, seed, new(seed, "guarded-offers"));
        double Near(double rate) => rate + Spread * (2 * _random.Uniform() - 1);
        for (var country = 0; country < 2; country++)
        {
            Rewards[country] = [Near(0.2), Near(0.5), Near(0.45), Near(0.35)];
            Harms[country] = [Near(0.12), Near(0.34), Near(country == 0 ? 0.07 : 0.4), Near(0.11)];
        }
    }

    /// <summary>Rate of purchases by country and brand.</summary>
    public double[][] Rewards { get; } = new double[2][];

    /// <summary>Rate of complaints by country and brand.</summary>
    public double[][] Harms { get; } = new double[2][];

    private int Places => _ranks ? Looked.Length : 1;

    public static BlueprintContent Content(bool ranks, PolicySpec policy, double? margin) => new()
    {
        Shape = ranks ? DecisionShape.Ranking : DecisionShape.Pick, Positions = ranks ? Looked.Length : null, Default = DecisionShapes.AsSent, Policy = policy,
        Features = [new("country", FeatureKind.Category)], CandidateFeatures = [new("price", FeatureKind.Number), new("brand", FeatureKind.Category)],
        Outcomes = [new("purchase", OutcomeKind.Boolean) { Absent = 0 }, new("complaint", OutcomeKind.Boolean) { Better = Direction.Lower, Absent = 0 }],
        Goal = new() { Terms = [new("purchase")], Guardrails = margin is { } m ? [new("complaint", m)] : [] },
    };

    public static byte[] Sent(int[] brands, double[] prices) => Encoding.UTF8.GetBytes(
        "[" + string.Join(',', brands.Select((b, i) => FormattableString.Invariant($$$"""{"id":"c{{{i}}}","features":{"price":{{{prices[i]}}},"brand":"{{{s_brands[b]}}}"}}"""))) + "]");

    /// <summary>Serves, is rewarded, learns and publishes again, as a server does.</summary>
    /// <param name="isJudged">What was drawn is held against the stated chances.</param>
    public GuardedOffersRun Run(BanditPolicy policy, double? margin, int rounds, bool isJudged = false)
    {
        var content = Content(_ranks, policy, margin);
        var (source, workspace, state, next, whole) = (Offers.Point(content, withModel: false), new DecisionWorkspace(), (BanditState?)null, BanditKnowledge.FewestRewards, 0);
        var (snapshot, found, late) = (Serve.Snapshot(source), (FoundPenalty?)null, rounds - rounds / 3);
        PropensityFit[] fits = [.. Enumerable.Range(0, Places).Select(place => new PropensityFit(PerCall - place))];
        double reward = 0, harm = 0, baseReward = 0, baseHarm = 0, least = 1, first = 1;
        for (var t = 0; t < rounds; t++)
        {
            if (t == next)
            {
                if (state is null || t > 3 * whole) (state, whole) = (State(content), t);
                (state, found) = BanditGuarding.Guard(state, margin is null ? [] : Contexts(state.Design), content, policy);
                snapshot = Serve.Snapshot(source with { Bandit = BanditFile.Write(state) });
                next += Math.Max(25, t / 8);
            }
            var country = _random.Below(2);
            var (brands, prices) = Call(_random);
            DecisionEngine.Decide(snapshot, snapshot.Points[0], new("u"u8, Serve.Utf8($"d{_seed}-{t}"), country == 0 ? """{"country":"NL"}"""u8 : """{"country":"DE"}"""u8, Sent(brands, prices)), workspace);
            var set = workspace.Candidates;
            if (t < BanditKnowledge.FewestRewards && set.Order[0] == 0) first = Math.Min(first, set.Propensities[0]);
            if (isJudged) Judge(snapshot.Points[0].Current!.Candidates!, set, fits, ref least);
            if (t >= late)
            {
                for (var place = 0; place < Places; place++)
                {
                    var shown = brands[set.Order[place]];
                    (reward, harm) = (reward + Looked[place] * Rewards[country][shown], harm + Looked[place] * Harms[country][shown]);
                    (baseReward, baseHarm) = (baseReward + Looked[place] * Rewards[country][brands[place]], baseHarm + Looked[place] * Harms[country][brands[place]]);
                }
            }
            Learn(set, country, brands, prices, state);
        }
        Assert.Equal(0, snapshot.Points[0].Faults);
        double shownLate = (rounds - late) * Places;
        return new(reward / shownLate, harm / shownLate, baseReward / shownLate, baseHarm / shownLate, fits.Min(f => f.PValue), least, first, state!, found);
    }

    /// <summary>Brands and prices of a call's candidates; the first is plain most of the time.</summary>
    public static (int[] Brands, double[] Prices) Call(Philox random) =>
        ([.. Enumerable.Range(0, PerCall).Select(i => i == 0 && random.Uniform() < 0.7 ? 0 : random.Below(Brands))], [.. Enumerable.Range(0, PerCall).Select(_ => Math.Round(10 * random.Uniform(), 2))]);

    private void Learn(CandidateSet set, int country, int[] brands, double[] prices, BanditState? state)
    {
        _calls.Add([.. brands.Select((b, i) => (double[])[country, prices[i], b])]);
        for (var place = 0; place < Places; place++)
        {
            var (candidate, isLookedAt) = (set.Order[place], _random.Uniform() < Looked[place]);
            var (bought, complained) = (_random.Uniform() < Rewards[country][brands[candidate]], _random.Uniform() < Harms[country][brands[candidate]]);
            double[] row = [country, prices[candidate], brands[candidate]];
            _rows.Add((place, row, isLookedAt && bought ? 1 : 0, isLookedAt && complained ? 1 : 0));
            if (state is not null) Add(state, _rows.Count - 1);
        }
    }

    private void Add(BanditState state, int row)
    {
        var of = _rows[row];
        var x = Written(state.Design, of.Row);
        state.Statistics.Add(of.Band, x, of.Reward);
        state.Guards?.Add(0, of.Band, x, of.Harm, (ulong)(row / Places)); // each call is of a unit of its own
    }

    private BanditState State(BlueprintContent content)
    {
        double[][] values = [.. s_columns.Select((_, j) => _rows.Select(r => r.Row[j]).ToArray())];
        var plain = BanditDesign.Of(s_columns, values, BanditDesign.MostOfCandidates);
        var design = DesignProducts.Choose(plain, [false, true, true], [.. _rows.Select(r => Written(plain, r.Row))], [.. _rows.Select(r => r.Reward)]);
        var options = _ranks ? BanditState.OfPlaces(Places) : BanditState.OfCandidates;
        var state = new BanditState(options, design, new(options.Length, design.Width), null) { Guards = BanditGuarding.Beginning(content, AnswerSet.Of(content).Value!, options, design.Width) };
        for (var row = 0; row < _rows.Count; row++) Add(state, row);
        return state;
    }

    private List<double[]> Contexts(BanditDesign design) => [.. _calls.TakeLast(BanditGuarding.MostRows).Select(call => call.SelectMany(row => Written(design, row)).ToArray())];

    // what every candidate left had at each place, asked as an arm would be of another's order
    private void Judge(CandidateStrategy strategy, CandidateSet set, PropensityFit[] fits, ref double least)
    {
        int[] drawn = [.. set.Order];
        double[] stated = [.. set.Propensities], judged = new double[Places];
        for (var place = 0; place < Places; place++)
        {
            var chances = new double[PerCall - place];
            int[] left = [.. drawn[place..].Order()];
            for (var i = 0; i < chances.Length; i++)
            {
                (set.OrderBuffer[place], set.OrderBuffer[place + i]) = (drawn[place + i], drawn[place]);
                strategy.Judge(set, isPick: false, judged.AsSpan(0, place + 1));
                chances[Array.IndexOf(left, drawn[place + i])] = judged[place];
                drawn.CopyTo(set.OrderBuffer);
            }
            var at = Array.IndexOf(left, drawn[place]);
            Assert.Equal(1, chances.Sum(), 1e-12);
            Assert.Equal(stated[place], chances[at], 1e-12);
            least = Math.Min(least, chances.Min() * chances.Length);
            fits[place].Add(chances, at);
        }
    }

    private static double[] Written(BanditDesign design, double[] row)
    {
        var x = new double[design.Width];
        design.Write(row, x);
        return x;
    }
}

/// <param name="Reward">Expected purchases a candidate shown over the last third.</param>
/// <param name="Harm">Expected complaints likewise.</param>
/// <param name="BaseReward">Purchases to be expected of the same calls had they been shown as sent.</param>
/// <param name="BaseHarm">Complaints likewise.</param>
/// <param name="Propensities">Least p-value over the places of what was drawn against the stated chances.</param>
/// <param name="Least">Least chance of any candidate at any place, times the number that were left.</param>
/// <param name="First">Least chance of the first as sent where it was answered before anything was known.</param>
internal sealed record GuardedOffersRun(double Reward, double Harm, double BaseReward, double BaseHarm, double Propensities, double Least, double First, BanditState State, FoundPenalty? Found);
