using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Learning;
using Looper.Core.Learning.Bandits;
using Looper.Core.Numerics;
using Looper.Core.Serving;
using Looper.Testing;
using Looper.Testing.Bandits;

namespace Looper.Core.Tests.Serving.Candidates;

/// <summary>Bandits that pick one of the candidates of each call, in a world whose rates are known: in NL what is cheap sells, in DE what is dear, and one brand sells anywhere.</summary>
public sealed class BanditPickTests(ITestOutputHelper output)
{
    private const int PerCall = 10, Rounds = 3_000;

    public static TheoryData<string> Algorithms => [.. BanditAlgorithms.Words.Where(w => SharedBandit.Takes(BanditAlgorithms.Find(w)!.Value))];

    [Theory, MemberData(nameof(Algorithms))]
    public void It_learns_whom_which_candidate_suits_and_states_exact_chances(string algorithm)
    {
        var run = Run(algorithm, 7);
        output.WriteLine($"regret a decision {run.Regret:F4}, evenly drawn {run.Evenly:F4}, propensities {run.Propensities:G3}");
        Assert.True(run.Regret < 0.5 * run.Evenly, $"{run.Regret} against {run.Evenly}");
        Assert.InRange(run.Propensities, 0.001, 1);
        Assert.InRange(run.Least, 0.02 / PerCall - 1e-12, 1);
    }

    [Fact]
    public void The_default_regrets_less_than_epsilon_greedy()
    {
        var (first, seeds) = (100, Sizes.IsLong ? 20 : 2);
        double[] Of(string algorithm) => [.. Enumerable.Range(first, seeds).Select(seed => Run(algorithm, seed).Regret)];
        double[] standard = Of("linucb"), greedy = Of("epsilon-greedy");
        output.WriteLine($"linucb {standard.Average():F4}, epsilon-greedy {greedy.Average():F4}");
        Assert.True(standard.Average() < 0.9 * greedy.Average(), $"{standard.Average()} against {greedy.Average()}");
    }

    [Fact]
    public void Before_anything_is_known_candidates_are_drawn_alike_or_the_first_as_often_as_a_budget_asks()
    {
        var workspace = new DecisionWorkspace();
        var even = Offers.Decide(Serve.Snapshot(Offers.Point(new BanditPolicy(), withModel: false)), "d", Offers.Priced(1, 2, 3, 4), workspace);
        Assert.Equal((0.25, Reason.Explore), (even.Propensity, even.Reason));
        Offers.Decide(Serve.Snapshot(Offers.Point(new BanditPolicy { Budget = 0.3 }, withModel: false)), "d", Offers.Priced(1, 2, 3, 4), workspace);
        Assert.Equal([0.7, 0.1, 0.1, 0.1], Chances(workspace).Select(p => Math.Round(p, 12)));
    }

    [Theory, MemberData(nameof(Algorithms))]
    public void Five_hundred_candidates_are_judged_without_allocating(string algorithm)
    {
        var policy = new BanditPolicy { Algorithm = algorithm, Budget = 0.2 };
        var (snapshot, workspace) = (Serve.Snapshot(Offers.Point(policy, withModel: false) with { Bandit = BanditFile.Write(Learned(600)) }), new DecisionWorkspace());
        var sent = Offers.Priced([.. Enumerable.Range(0, 500).Select(i => i / 50.0)]);
        var (unit, context) = (Serve.Utf8("u"), Serve.Utf8("""{"country":"NL"}"""));
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var i = 0; i < 20; i++) DecisionEngine.Decide(snapshot, snapshot.Points[0], new(unit, unit, context, sent), workspace);
        }));
        Assert.Equal(0, snapshot.Points[0].Faults);
        var chances = Chances(workspace);
        Assert.Equal(1, chances.Sum(), 1e-12);
        Assert.InRange(chances.Max(), 0.8 - 1e-12, 1);
        Assert.InRange(chances.Min(), 0.02 / 500 - 1e-15, 1);
    }

    [Fact]
    public void As_an_arm_it_states_the_chance_of_each_candidate_over_all_arms()
    {
        var (policy, workspace, fit) = (new BanditPolicy(), new DecisionWorkspace(), new PropensityFit(3));
        var (learned, sent) = (BanditFile.Write(Learned(600)), Offers.Priced(8, 5, 2));
        Offers.Decide(Serve.Snapshot(Offers.Point(policy, withModel: false) with { Bandit = learned }), "d", sent, workspace);
        var alone = Chances(workspace);
        Assert.True(alone[2] > alone[0]); // what is cheap sells
        var experiment = Serve.Experiment(new ArmSource("sent", 0.3, DecisionShapes.AsSent, null, null), new ArmSource("learns", 0.7, null, policy, null) { Bandit = learned });
        var snapshot = Serve.Snapshot(Offers.Point(new AsSentPolicy(), withModel: false, experiment));
        double[] mixed = [0.3 + 0.7 * alone[0], 0.7 * alone[1], 0.7 * alone[2]];
        for (var i = 0; i < 3_000; i++)
        {
            var decision = Offers.Decide(snapshot, $"d{i}", sent, workspace, $"u{i}");
            Assert.Equal(mixed[workspace.Candidates.Order[0]], decision.Propensity, 1e-12);
            fit.Add(mixed, workspace.Candidates.Order[0]);
        }
        Assert.InRange(fit.PValue, 1e-4, 1);
    }

    [Fact]
    public void What_it_cannot_do_among_candidates_is_refused_with_what_to_do()
    {
        string? Fault(BlueprintContent content) => BlueprintRules.Check(content) is [{ } first, ..] ? first.Reason : null;
        var pick = Offers.Pick(new BanditPolicy());
        Assert.Null(Fault(pick));
        Assert.Contains("'thompson-beta' knows each option by itself", Fault(pick with { Policy = new BanditPolicy { Algorithm = "thompson-beta" } }), StringComparison.Ordinal);
        Assert.Contains("Use linucb", Fault(pick with { Policy = new BanditPolicy { Algorithm = "bootstrapped-trees" } }), StringComparison.Ordinal);
        Assert.Null(Fault(pick with { Outcomes = [.. pick.Outcomes, new("refund", OutcomeKind.Boolean)], Goal = pick.Goal with { Guardrails = [new("refund", 0.1)] } }));
        Assert.Contains("up to 31 features", Fault(pick with { Features = [.. Enumerable.Range(0, 32).Select(i => new Feature($"n{i}", FeatureKind.Number))] }), StringComparison.Ordinal);
    }

    [Fact] // 40 numbers of the context and two of the candidate: 80 products for 43 places; only one of them pays
    public void Where_not_all_products_fit_those_that_matter_are_taken()
    {
        var random = new Philox(4, "products");
        ImmutableArray<Column> columns = [.. Enumerable.Range(0, 42).Select(j => new Column($"n{j}", ColumnKind.Number, []))];
        var values = columns.Select(_ => Enumerable.Range(0, 2_000).Select(_ => random.Normal()).ToArray()).ToArray();
        var design = BanditDesign.Of(columns, values);
        var rows = Enumerable.Range(0, 2_000).Select(i =>
        {
            var x = new double[design.Width];
            design.Write([.. values.Select(v => v[i])], x);
            return x;
        }).ToArray();
        double[] rewards = [.. Enumerable.Range(0, 2_000).Select(i => values[39][i] * values[41][i] + random.Normal())];
        var chosen = DesignProducts.Choose(design, [.. columns.Select((_, j) => j >= 40)], rows, rewards);
        Assert.Equal(BanditDesign.MostWidth, chosen.Width);
        Assert.Contains((1 + 2 * 39, 1 + 2 * 41), chosen.Products);
        var wide = new double[chosen.Width];
        chosen.Write([.. values.Select(v => v[0])], wide);
        var at = chosen.Width - chosen.Products.Length + chosen.Products.IndexOf((1 + 2 * 39, 1 + 2 * 41));
        Assert.Equal(wide[1 + 2 * 39] * wide[1 + 2 * 41] * Math.Sqrt(columns.Length + chosen.Products.Length), wide[at], 1e-12); // scaled once, not twice
    }

    private static double Rate(bool dutch, double price, int brand) => Math.Clamp(0.35 + (dutch ? -0.25 : 0.25) * (price - 5) / 5 + (brand == 1 ? 0.1 : 0), 0.02, 0.98);

    private static PickRun Run(string algorithm, long seed)
    {
        var (policy, random, fit) = (new BanditPolicy { Algorithm = algorithm }, new Philox(seed, "pick-world"), new PropensityFit(PerCall));
        var (workspace, rows, state, next) = (new DecisionWorkspace(), new Rows(), (BanditState?)null, 50);
        var source = Offers.Point(policy, withModel: false);
        var snapshot = Serve.Snapshot(source);
        double regret = 0, evenly = 0, least = 1;
        for (var t = 0; t < Rounds; t++)
        {
            if (t == next)
            {
                if (state is null || t > 3 * rows.Whole) state = rows.State();
                snapshot = Serve.Snapshot(source with { Bandit = BanditFile.Write(state) });
                next += Math.Max(10, t / 20);
            }
            var dutch = random.Uniform() < 0.5;
            double[] prices = [.. Enumerable.Range(0, PerCall).Select(_ => Math.Round(10 * random.Uniform(), 2))];
            var decision = DecisionEngine.Decide(snapshot, snapshot.Points[0], new("u"u8, Serve.Utf8($"d{seed}-{t}"), dutch ? """{"country":"NL"}"""u8 : """{"country":"DE"}"""u8, Offers.Priced(prices)), workspace);
            var (chances, picked) = (Chances(workspace), workspace.Candidates.Order[0]);
            Assert.Equal(decision.Propensity, chances[picked]);
            fit.Add(chances, picked);
            least = Math.Min(least, chances.Min());
            double[] rates = [.. prices.Select((p, i) => Rate(dutch, p, i % 3))];
            regret += rates.Max() - rates[picked];
            evenly += rates.Max() - rates.Average();
            rows.Add(dutch ? 0 : 1, prices[picked], picked % 3, random.Uniform() < rates[picked] ? 1 : 0, state);
        }
        return new(regret / Rounds, evenly / Rounds, fit.PValue, least);
    }

    private static BanditState Learned(int count)
    {
        var (rows, random) = (new Rows(), new Philox(3, "pick-learned"));
        for (var i = 0; i < count; i++)
        {
            var (dutch, price, brand) = (random.Uniform() < 0.5, 10 * random.Uniform(), random.Below(3));
            rows.Add(dutch ? 0 : 1, price, brand, random.Uniform() < Rate(dutch, price, brand) ? 1 : 0, null);
        }
        return rows.State();
    }

    private static double[] Chances(DecisionWorkspace workspace)
    {
        var chances = new double[workspace.Candidates.Count];
        for (var place = 0; place < chances.Length; place++) chances[workspace.Candidates.Order[place]] = workspace.Candidates.Propensities[place];
        return chances;
    }

    private sealed record PickRun(double Regret, double Evenly, double Propensities, double Least);

    /// <summary>What was answered, and what follows from it.</summary>
    private sealed class Rows
    {
        private static readonly ImmutableArray<Column> s_columns = [new("country", ColumnKind.Category, ["NL", "DE"]), new("price", ColumnKind.Number, []), new("brand", ColumnKind.Category, ["b0", "b1", "b2"])];
        private readonly List<double>[] _values = [[], [], []];
        private readonly List<double> _rewards = [];

        public int Whole { get; private set; }

        public void Add(int country, double price, int brand, double reward, BanditState? state)
        {
            double[] row = [country, price, brand];
            for (var j = 0; j < row.Length; j++) _values[j].Add(row[j]);
            _rewards.Add(reward);
            if (state is null) return;
            var x = new double[state.Design.Width];
            state.Design.Write(row, x);
            state.Statistics.Add(0, x, reward);
        }

        public BanditState State()
        {
            Whole = _rewards.Count;
            double[][] values = [.. _values.Select(v => v.ToArray())];
            var plain = BanditDesign.Of(s_columns, values, BanditDesign.MostOfCandidates);
            var design = DesignProducts.Choose(plain, [false, true, true], [.. Enumerable.Range(0, Whole).Select(i => Written(plain, values, i))], _rewards);
            var statistics = new BanditStatistics(1, design.Width);
            for (var i = 0; i < Whole; i++) statistics.Add(0, Written(design, values, i), _rewards[i]);
            return new(BanditState.OfCandidates, design, statistics, null);
        }

        private static double[] Written(BanditDesign design, double[][] values, int i)
        {
            var x = new double[design.Width];
            design.Write([.. values.Select(v => v[i])], x);
            return x;
        }
    }
}
