using System.Text;
using Looper.Core.Blueprints;
using Looper.Core.Serving;
using Looper.Core.Serving.Candidates;
using Looper.Core.Statistics;
using Looper.Testing;

namespace Looper.Core.Tests.Serving.Candidates;

public sealed class RankingTests
{
    private static readonly byte[] Five = Offers.Priced(4.5, 9.5, 1.5, 9.2, 0.5);

    private static BlueprintContent Content(PolicySpec policy, int positions = 3) =>
        Offers.Pick(policy) with { Shape = DecisionShape.Ranking, Positions = positions };

    private static PointSource Point(PolicySpec policy, bool withModel = true, int positions = 3, params ExperimentSource[] experiments) =>
        Offers.Point(Content(policy, positions), withModel, experiments);

    public static TheoryData<string, PolicySpec, bool> Policies => new()
    {
        { "random", new RandomPolicy(), true },
        { "greedy", new EpsilonGreedyPolicy(0.4), true },
        { "softmax", new SoftmaxPolicy(0.3), true },
        { "softmax without a model", new SoftmaxPolicy(0.3), false },
    };

    // Every order of three of five, with its stated probability: the product over places of each one's, given those above it.
    [Theory, MemberData(nameof(Policies))]
    public void Every_order_is_answered_as_often_as_its_places_state(string name, PolicySpec policy, bool withModel)
    {
        var snapshot = Serve.Snapshot(Point(policy, withModel));
        AssertFits(Draw(snapshot, 60_000, i => ($"{name}-{i}", "u")));
    }

    [Fact] // at each place the mixture over arms given the places above, for whichever arm the unit is in
    public void In_an_experiment_the_places_state_the_chances_of_the_mixture()
    {
        var experiment = Serve.Experiment(new("sent", 0.3, DecisionShapes.AsSent, null, null), new("soft", 0.7, null, new SoftmaxPolicy(0.3), null));
        var snapshot = Serve.Snapshot(Point(new BestPolicy(), withModel: true, positions: 3, experiment));
        var drawn = Draw(snapshot, 60_000, i => ($"d-{i}", $"u-{i}"));
        Assert.True(drawn[(0, 1, 2)].Probability > 0.3);
        AssertFits(drawn);
        Assert.Equal(0, snapshot.Points[0].Faults);
    }

    [Fact]
    public void The_best_come_first_and_what_is_not_shown_follows_by_score()
    {
        var workspace = new DecisionWorkspace();
        var decision = Offers.Decide(Serve.Snapshot(Point(new BestPolicy())), "d", Five, workspace);
        Assert.Equal((Reason.Policy, 5, 1.0, 1), (decision.Reason, decision.ModelNumber, decision.Propensity, decision.Answer.Option));
        Assert.Equal(["c1", "c3", "c0", "c2", "c4"], Enumerable.Range(0, 5).Select(workspace.IdAt)); // c1 and c3 score alike: as sent
        Assert.Equal([1, 1, 1], workspace.Candidates.Propensities.ToArray()); // three are shown
    }

    [Fact]
    public void Fewer_candidates_than_places_are_all_drawn()
    {
        var workspace = new DecisionWorkspace();
        Offers.Decide(Serve.Snapshot(Point(new RandomPolicy(), positions: 50)), "d", Offers.Priced(1, 2), workspace);
        Assert.Equal([0.5, 1], workspace.Candidates.Propensities.ToArray());
    }

    [Fact]
    public void Paused_held_out_and_broken_points_answer_the_order_as_sent()
    {
        var workspace = new DecisionWorkspace();
        void Answers(PointSource source, Reason reason)
        {
            var decision = Offers.Decide(Serve.Snapshot(source), "d", Five, workspace);
            Assert.Equal((reason, 0, 1.0), (decision.Reason, decision.Answer.Option, decision.Propensity));
            Assert.Equal(["c0", "c1", "c2", "c3", "c4"], Enumerable.Range(0, 5).Select(workspace.IdAt));
            Assert.Equal([1, 1, 1], workspace.Candidates.Propensities.ToArray());
        }
        Answers(Point(new RandomPolicy()) with { IsPaused = true }, Reason.DefaultPaused);
        Answers(Offers.Point(Content(new RandomPolicy()) with { Rollout = new() { Share = 0 } }), Reason.Holdout);
        Answers(Point(new FixedPolicy("nothing")), Reason.DefaultError);
        Answers(Point(new BestPolicy(), withModel: false), Reason.DefaultNoModel);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0)]
    [InlineData(51)]
    public void A_version_that_shows_no_such_number_of_places_is_refused(int? positions) =>
        Assert.Equal("positions", AnswerSet.Of(Content(new RandomPolicy()) with { Positions = positions }).Refusal?.Field);

    [Fact]
    public void Arms_that_show_other_numbers_of_places_are_not_compared()
    {
        var experiment = Serve.Experiment(new("now", 0.5, null, null, null), new("longer", 0.5, null, null, 2));
        var point = Point(new RandomPolicy(), positions: 3, experiments: experiment);
        var snapshot = Serve.Snapshot(point with { Blueprints = [.. point.Blueprints, new(2, BlueprintJson.Write(Content(new RandomPolicy(), 4)))] });
        var decision = Offers.Decide(snapshot, "d", Five, new());
        Assert.Null(decision.Experiment);
    }

    [Fact]
    public void B2_ranking_five_hundred_allocates_nothing()
    {
        var snapshot = Serve.Snapshot(Point(new SoftmaxPolicy(0.1), positions: BlueprintContent.MostPositions));
        var candidates = Offers.Priced([.. Enumerable.Range(0, CandidateSet.Max).Select(i => i % 11 - 0.5)]);
        var workspace = new DecisionWorkspace();
        var (unit, context) = (Encoding.UTF8.GetBytes("u"), Encoding.UTF8.GetBytes("""{"country":"NL"}"""));
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var i = 0; i < 50; i++) DecisionEngine.Decide(snapshot, snapshot.Points[0], new(unit, unit, context, candidates), workspace);
        }));
        Assert.Equal((CandidateSet.Max, BlueprintContent.MostPositions), (workspace.Candidates.Count, workspace.Candidates.Propensities.Length));
        Assert.Equal(0, snapshot.Points[0].Faults);
    }

    [Fact]
    public void What_the_journal_keeps_tells_a_ranking_from_a_pick()
    {
        var workspace = new DecisionWorkspace();
        Offers.Decide(Serve.Snapshot(Point(new BestPolicy())), "d", Five, workspace);
        var ranked = ServedCandidates.Read(ServedCandidates.Write(workspace.Candidates))!;
        Assert.Equal((true, 3, double.NaN), (ranked.IsRanking, ranked.Drawn, ranked.Propensity(3)));
        Assert.Equal((true, true, false), (ranked.Answered("c1"), ranked.Answered("c4"), ranked.Answered("c5")));
        Assert.Equal([2, 0, 3, 1, 4], Enumerable.Range(0, 5).Select(ranked.PlaceOf));
        Offers.Decide(Serve.Snapshot(Offers.Point(new BestPolicy())), "d", Five, workspace);
        var picked = ServedCandidates.Read(ServedCandidates.Write(workspace.Candidates))!;
        Assert.Equal((false, true, false), (picked.IsRanking, picked.Answered("c1"), picked.Answered("c3")));
    }

    private static Dictionary<(int, int, int), (int Count, double Probability)> Draw(ServingSnapshot snapshot, int n, Func<int, (string Id, string Unit)> call)
    {
        var (workspace, drawn) = (new DecisionWorkspace(), new Dictionary<(int, int, int), (int Count, double Probability)>());
        for (var i = 0; i < n; i++)
        {
            var (id, unit) = call(i);
            var decision = Offers.Decide(snapshot, id, Five, workspace, unit);
            var set = workspace.Candidates;
            Assert.Equal((set.Order[0], set.Propensities[0]), (decision.Answer.Option, decision.Propensity));
            var order = (set.Order[0], set.Order[1], set.Order[2]);
            var probability = set.Propensities[0] * set.Propensities[1] * set.Propensities[2];
            var (count, before) = drawn.GetValueOrDefault(order, (0, probability));
            Assert.Equal(before, probability, 1e-12);
            drawn[order] = (count + 1, probability);
        }
        return drawn;
    }

    private static void AssertFits(Dictionary<(int, int, int), (int Count, double Probability)> drawn)
    {
        var n = drawn.Values.Sum(d => d.Count);
        var common = drawn.Values.Where(d => d.Probability * n >= 5).ToList();
        var (rest, restProbability) = (n - common.Sum(d => d.Count), 1 - common.Sum(d => d.Probability));
        Assert.True(drawn.Values.Sum(d => d.Probability) <= 1 + 1e-12);
        if (drawn.Count == 60) Assert.Equal(1, drawn.Values.Sum(d => d.Probability), 1e-12); // all orders of three of five were seen
        var statistic = common.Sum(d => Math.Pow(d.Count - n * d.Probability, 2) / (n * d.Probability));
        if (restProbability * n >= 5) statistic += Math.Pow(rest - n * restProbability, 2) / (n * restProbability);
        Assert.True(TailProbability.ChiSquared(statistic, common.Count - (restProbability * n >= 5 ? 0 : 1)) >= 0.001, $"{statistic:0.0} over {common.Count} orders");
    }
}
