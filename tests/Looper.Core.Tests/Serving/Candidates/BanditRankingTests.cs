using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Learning.Bandits;
using Looper.Core.Serving;
using Looper.Core.Serving.Candidates;
using Looper.Core.Statistics;
using Looper.Testing;

namespace Looper.Core.Tests.Serving.Candidates;

/// <summary>Bandits that rank the candidates of each call, in worlds whose rates and clicks are known.</summary>
public sealed class BanditRankingTests(ITestOutputHelper output)
{
    public static TheoryData<string> Algorithms => [.. BanditAlgorithms.Words.Where(w => SharedBandit.Takes(BanditAlgorithms.Find(w)!.Value))];

    [Theory, MemberData(nameof(Algorithms))]
    public void It_learns_which_order_suits_whom_and_states_exact_chances_at_each_place(string algorithm)
    {
        var run = new RankedWorld(Clicks.ByPosition, 7).Run(new BanditPolicy { Algorithm = algorithm }, Sizes.IsLong ? 3_000 : 800, isJudged: true);
        output.WriteLine($"regret a decision {run.Regret:F4}, evenly drawn {run.Evenly:F4}, propensities {run.Propensities:G3}");
        Assert.True(run.Regret < 0.5 * run.Evenly, $"{run.Regret} against {run.Evenly}");
        Assert.InRange(run.Propensities, 0.001, 1);
        Assert.InRange(run.Least, 0.02 - 1e-12, 1);
    }

    [Theory, InlineData(Clicks.ByPosition), InlineData(Clicks.Cascade)]
    internal void The_default_regrets_less_than_epsilon_greedy_and_than_one_that_ignores_places(Clicks clicks)
    {
        var (seeds, rounds) = Sizes.IsLong ? (20, 2_000) : (2, 1_000);
        RankedRun[] Of(string algorithm, bool ignores = false) => [.. Enumerable.Range(100, seeds).Select(seed => new RankedWorld(clicks, seed).Run(new BanditPolicy { Algorithm = algorithm }, rounds, ignores))];
        RankedRun[] standard = Of("linucb"), greedy = Of("epsilon-greedy"), ignoring = Of("linucb", ignores: true);
        foreach (var (name, runs) in new[] { ("linucb", standard), ("epsilon-greedy", greedy), ("linucb, all places alike", ignoring) })
            output.WriteLine($"{clicks}, {name}: regret {runs.Average(r => r.Regret):F4}, second half {runs.Average(r => r.Last):F4}");
        output.WriteLine($"evenly drawn {standard.Average(r => r.Evenly):F4}; less than epsilon-greedy with {standard.Zip(greedy).Count(p => p.First.Regret < p.Second.Regret)} of {seeds} seeds, than ignoring places with {standard.Zip(ignoring).Count(p => p.First.Last < p.Second.Last)}");
        Assert.True(standard.Average(r => r.Regret) < 0.9 * greedy.Average(r => r.Regret));
        Assert.True(standard.Average(r => r.Regret) < 0.2 * standard.Average(r => r.Evenly));
        if (Sizes.IsLong) Assert.True(standard.Average(r => r.Last) < 0.8 * ignoring.Average(r => r.Last));
    }

    [Fact]
    public void Learning_again_gives_the_same_bytes_and_deciding_again_the_same_order()
    {
        BanditState Learned() => new RankedWorld(Clicks.ByPosition, 11).Run(new BanditPolicy { Algorithm = "thompson" }, 200).State!;
        var bytes = BanditFile.Write(Learned());
        Assert.Equal(bytes, BanditFile.Write(Learned()));
        var (snapshot, sent) = (Serve.Snapshot(Point(new BanditPolicy { Algorithm = "thompson" }, bytes)), Offers.Priced(8, 5, 2, 9, 4, 1));
        DecisionWorkspace one = new(), other = new();
        for (var i = 0; i < 100; i++)
        {
            Offers.Decide(snapshot, $"d{i}", sent, one);
            Offers.Decide(snapshot, $"d{i}", sent, other);
            Assert.Equal(one.Candidates.Order.ToArray(), other.Candidates.Order.ToArray());
            Assert.Equal(one.Candidates.Propensities.ToArray(), other.Candidates.Propensities.ToArray());
        }
    }

    [Fact]
    public void Before_anything_is_known_orders_are_drawn_alike_or_the_one_sent_as_often_as_a_budget_asks()
    {
        var workspace = new DecisionWorkspace();
        var even = Offers.Decide(Serve.Snapshot(Point(new BanditPolicy(), [])), "d", Offers.Priced(1, 2, 3, 4, 5), workspace);
        Assert.Equal((0.2, Reason.Explore), (even.Propensity, even.Reason));
        Assert.Equal([1 / 5.0, 1 / 4.0, 1 / 3.0, 1 / 2.0], workspace.Candidates.Propensities.ToArray());
        var snapshot = Serve.Snapshot(Point(new BanditPolicy { Budget = 0.3 }, []));
        for (var i = 0; i < 20; i++)
        {
            Offers.Decide(snapshot, $"d{i}", Offers.Priced(1, 2, 3, 4, 5), workspace);
            var left = Enumerable.Range(0, 5).ToList();
            for (var place = 0; place < 4; place++)
            {
                var candidate = workspace.Candidates.Order[place];
                Assert.Equal(left[0] == candidate ? 0.7 : 0.3 / (left.Count - 1), workspace.Candidates.Propensities[place], 1e-12);
                left.Remove(candidate);
            }
        }
    }

    [Theory, MemberData(nameof(Algorithms))]
    public void Five_hundred_candidates_are_ranked_without_allocating(string algorithm)
    {
        var policy = new BanditPolicy { Algorithm = algorithm, Budget = 0.2 };
        var source = Offers.Point(RankedWorld.Content(policy) with { Positions = BlueprintContent.MostPositions }, withModel: false) with { Bandit = s_learned.Value };
        var (snapshot, workspace) = (Serve.Snapshot(source), new DecisionWorkspace());
        var sent = Offers.Priced([.. Enumerable.Range(0, CandidateSet.Max).Select(i => i / 50.0)]);
        var (unit, context) = (Serve.Utf8("u"), Serve.Utf8("""{"country":"NL"}"""));
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var i = 0; i < 5; i++) DecisionEngine.Decide(snapshot, snapshot.Points[0], new(unit, unit, context, sent), workspace);
        }));
        Assert.Equal(0, snapshot.Points[0].Faults);
        Assert.Equal(BlueprintContent.MostPositions, workspace.Candidates.Propensities.Length);
        Assert.True(workspace.Candidates.Propensities.ToArray().All(p => p >= 0.02 / CandidateSet.Max - 1e-15 && p <= 1));
    }

    [Fact] // 120 orders of four of five; as an arm of 70 % beside the order as sent
    public void As_an_arm_it_states_the_chance_of_each_place_over_all_arms()
    {
        var policy = new BanditPolicy { Algorithm = "softmax" };
        var experiment = Serve.Experiment(new ArmSource("sent", 0.3, DecisionShapes.AsSent, null, null), new ArmSource("learns", 0.7, null, policy, null) { Bandit = s_learned.Value });
        var snapshot = Serve.Snapshot(Offers.Point(RankedWorld.Content(new AsSentPolicy()), withModel: false, experiment));
        var (workspace, sent, drawn) = (new DecisionWorkspace(), Offers.Priced(4, 3.5, 4.5, 4.2, 3.8), new Dictionary<string, (int Count, double Chance)>());
        const int Calls = 8_000;
        for (var i = 0; i < Calls; i++)
        {
            Offers.Decide(snapshot, $"d{i}", sent, workspace, $"u{i}");
            var order = string.Join(' ', workspace.Candidates.Order[..RankedWorld.Places].ToArray());
            drawn[order] = (drawn.GetValueOrDefault(order).Count + 1, workspace.Candidates.Propensities.ToArray().Aggregate((p, q) => p * q));
        }
        Assert.InRange(drawn["0 1 2 3"].Chance, 0.3, 0.5);
        var common = drawn.Values.Where(d => d.Chance * Calls >= 5).ToList();
        var (rest, chance) = (Calls - common.Sum(d => d.Count), 1 - common.Sum(d => d.Chance));
        Assert.InRange(chance, 0, 1);
        var statistic = common.Sum(d => Math.Pow(d.Count - Calls * d.Chance, 2) / (Calls * d.Chance)) + (chance * Calls >= 5 ? Math.Pow(rest - Calls * chance, 2) / (Calls * chance) : 0);
        Assert.InRange(TailProbability.ChiSquared(statistic, common.Count - (chance * Calls >= 5 ? 0 : 1)), 0.001, 1);
        Assert.Equal(0, snapshot.Points[0].Faults);
    }

    [Fact]
    public void What_was_learned_of_picks_says_nothing_of_rankings()
    {
        var learned = BanditFile.Read(s_learned.Value)!;
        var ofPicks = new BanditStatistics(1, learned.Design.Width);
        ofPicks.Options[0].Add(learned.Statistics.Options[0]);
        var decision = Offers.Decide(Serve.Snapshot(Point(new BanditPolicy(), BanditFile.Write(new(BanditState.OfCandidates, learned.Design, ofPicks, null)))), "d", Offers.Priced(1, 9, 9, 9), new());
        Assert.Equal(0.25, decision.Propensity);
        Assert.InRange(Offers.Decide(Serve.Snapshot(Point(new BanditPolicy(), s_learned.Value)), "d", Offers.Priced(1, 9, 9, 9), new()).Propensity, 0.9, 1);
    }

    [Fact]
    public void What_it_cannot_do_for_rankings_is_refused_with_what_to_do()
    {
        string? Fault(BlueprintContent content) => BlueprintRules.Check(content) is [{ } first, ..] ? first.Reason : null;
        var ranking = RankedWorld.Content(new BanditPolicy());
        Assert.Null(Fault(ranking));
        Assert.Contains("'thompson-beta' knows each option by itself", Fault(ranking with { Policy = new BanditPolicy { Algorithm = "thompson-beta" } }), StringComparison.Ordinal);
        Assert.Contains("Use linucb", Fault(ranking with { Policy = new BanditPolicy { Algorithm = "bootstrapped-trees" } }), StringComparison.Ordinal);
        Assert.Null(Fault(ranking with { Outcomes = [.. ranking.Outcomes, new("refund", OutcomeKind.Boolean)], Goal = ranking.Goal with { Guardrails = [new("refund", 0.1)] } }));
    }

    private static readonly Lazy<byte[]> s_learned = new(() => BanditFile.Write(new RankedWorld(Clicks.ByPosition, 3).Run(new BanditPolicy { Algorithm = "squarecb" }, 600).State!));

    private static PointSource Point(BanditPolicy policy, byte[] learned) => Offers.Point(RankedWorld.Content(policy), withModel: false) with { Bandit = learned };
}
