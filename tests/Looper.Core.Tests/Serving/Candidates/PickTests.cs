using System.Text;
using Looper.Core.Blueprints;
using Looper.Core.Serving;
using Looper.Core.Serving.Candidates;
using Looper.Testing;

namespace Looper.Core.Tests.Serving.Candidates;

public sealed class PickTests
{
    private static readonly byte[] Five = Offers.Priced(4.5, 9.5, 1.5, 9.2, 0.5);

    public static TheoryData<string, PolicySpec, bool> Policies => new()
    {
        { "as sent", new AsSentPolicy(), true },
        { "random", new RandomPolicy(), true },
        { "best", new BestPolicy(), true },
        { "greedy", new EpsilonGreedyPolicy(0.2), true },
        { "softmax", new SoftmaxPolicy(0.3), true },
        { "softmax without a model", new SoftmaxPolicy(0.3), false },
    };

    [Theory, MemberData(nameof(Policies))]
    public void Every_candidate_is_picked_as_often_as_its_logged_propensity_says(string name, PolicySpec policy, bool withModel)
    {
        var snapshot = Serve.Snapshot(Offers.Point(policy, withModel));
        var workspace = new DecisionWorkspace();
        const int n = 100_000;
        var (counts, propensities) = (new int[5], new double[5]);
        for (var i = 0; i < n; i++)
        {
            var decision = Offers.Decide(snapshot, $"{name}-{i}", Five, workspace);
            var set = workspace.Candidates;
            Assert.Equal(set.Order[0], decision.Answer.Option);
            Assert.Equal(set.Propensities[0], decision.Propensity);
            counts[decision.Answer.Option]++;
            for (var place = 0; place < 5; place++) propensities[set.Order[place]] = set.Propensities[place];
            Assert.Equal(1, propensities.Sum(), 1e-12);
        }
        for (var c = 0; c < 5; c++) // within 4 standard errors; exact where p is 0 or 1
            Assert.Equal(propensities[c], counts[c] / (double)n, 1e-12 + 4 * Math.Sqrt(propensities[c] * (1 - propensities[c]) / n));
    }

    [Fact]
    public void The_best_is_preferred_and_the_others_follow_by_score()
    {
        var workspace = new DecisionWorkspace();
        var decision = Offers.Decide(Serve.Snapshot(Offers.Point(new BestPolicy())), "d", Five, workspace);
        Assert.Equal((Reason.Policy, 5, 1.0), (decision.Reason, decision.ModelNumber, decision.Propensity));
        Assert.Equal(["c1", "c3", "c0", "c2", "c4"], Enumerable.Range(0, 5).Select(workspace.IdAt)); // c1 and c3 score alike: as sent
        Assert.Equal([0.4, 0.9, 0.1, 0.9, 0], workspace.Candidates.Scores.ToArray());
    }

    [Fact]
    public void Without_a_model_best_answers_the_first_sent_and_says_why()
    {
        var workspace = new DecisionWorkspace();
        var decision = Offers.Decide(Serve.Snapshot(Offers.Point(new BestPolicy(), withModel: false)), "d", Five, workspace);
        Assert.Equal((Reason.DefaultNoModel, 0, 1.0), (decision.Reason, decision.Answer.Option, decision.Propensity));
        Assert.Equal(Reason.Explore, Offers.Decide(Serve.Snapshot(Offers.Point(new EpsilonGreedyPolicy(0.1), withModel: false)), "d", Five, workspace).Reason);
    }

    [Fact]
    public void Paused_held_out_and_broken_points_answer_the_first_sent()
    {
        var workspace = new DecisionWorkspace();
        void Answers(PointSource source, Reason reason)
        {
            var decision = Offers.Decide(Serve.Snapshot(source), "d", Five, workspace);
            Assert.Equal((reason, 0, 1.0, "c0", 5), (decision.Reason, decision.Answer.Option, decision.Propensity, workspace.IdAt(0), workspace.Candidates.Count));
        }
        Answers(Offers.Point(new RandomPolicy()) with { IsPaused = true }, Reason.DefaultPaused);
        Answers(Offers.Point(Offers.Pick(new RandomPolicy()) with { Rollout = new() { Share = 0 } }), Reason.Holdout);
        Answers(Offers.Point(new FixedPolicy("nothing")), Reason.DefaultError);
        Answers(Offers.Point(new BestPolicy()) with { Models = [new(5, "bought", new byte[] { 1, 2, 3 })] }, Reason.DefaultError);
    }

    [Fact]
    public void A_feature_that_does_not_fit_is_invalid_and_the_decision_is_made()
    {
        var workspace = new DecisionWorkspace();
        var decision = Offers.Decide(Serve.Snapshot(Offers.Point(new BestPolicy())), "d",
            """[{"id":"x","features":{"price":"cheap","colour":"red"}},{"features":{"price":7},"id":"y\u0041"},{"id":"z","features":[1]},{"id":"w"}]"""u8.ToArray(), workspace);
        Assert.Equal("yA", workspace.IdAt(0));
        Assert.Equal(Reason.Policy, decision.Reason);
        var served = ServedCandidates.Read(ServedCandidates.Write(workspace.Candidates))!;
        Assert.Equal([(byte)ServedKind.Invalid, (byte)ServedKind.Missing], served.Row(0).ToArray());
        Assert.Equal([(byte)ServedKind.Invalid, (byte)ServedKind.Invalid], served.Row(2).ToArray());
        Assert.Equal([(byte)ServedKind.Missing, (byte)ServedKind.Missing], served.Row(3).ToArray());
        Assert.Equal("yA", served.IdText(served.At(0)));
    }

    [Fact]
    public void An_arm_that_takes_the_best_scores_by_the_models_where_the_current_version_is_a_bandit()
    {
        var experiment = Serve.Experiment(new("bandit", 0.5, null, null, null), new("model", 0.5, null, new BestPolicy(), null));
        var snapshot = Serve.Snapshot(Offers.Point(new BanditPolicy(), withModel: true, experiment));
        var workspace = new DecisionWorkspace();
        var seen = new int[2];
        for (var i = 0; i < 200; i++)
        {
            var decision = Offers.Decide(snapshot, $"d-{i}", Offers.Priced(1, 8, 3), workspace, unit: $"u-{i}");
            seen[decision.Arm]++;
            if (decision.Arm == 1) Assert.Equal((Reason.Policy, 5, "c1"), (decision.Reason, decision.ModelNumber, workspace.IdAt(0)));
            else Assert.Equal(0, decision.ModelNumber);
        }
        Assert.All(seen, n => Assert.True(n > 50));
    }

    [Fact] // the shares of two arms mixed: ½·[policy of a] + ½·[policy of b], for whichever arm the unit is in
    public void In_an_experiment_the_propensity_is_that_of_the_mixture()
    {
        var experiment = Serve.Experiment(new("sent", 0.5, DecisionShapes.AsSent, null, null), new("soft", 0.5, null, new SoftmaxPolicy(0.3), null));
        var snapshot = Serve.Snapshot(Offers.Point(new BestPolicy(), withModel: true, experiment));
        var workspace = new DecisionWorkspace();
        const int n = 100_000;
        var (counts, propensities) = (new int[5], new double[5]);
        for (var i = 0; i < n; i++)
        {
            var decision = Offers.Decide(snapshot, $"d-{i}", Five, workspace, unit: $"u-{i}");
            if (decision.Arm == 0) Assert.Equal((Reason.Experiment, 0), (decision.Reason, decision.Answer.Option));
            counts[decision.Answer.Option]++;
            for (var place = 0; place < 5; place++) propensities[workspace.Candidates.Order[place]] = workspace.Candidates.Propensities[place];
            Assert.Equal(1, propensities.Sum(), 1e-12);
            Assert.Equal(propensities[decision.Answer.Option], decision.Propensity);
        }
        Assert.True(propensities[0] > 0.5);
        for (var c = 0; c < 5; c++) Assert.Equal(propensities[c], counts[c] / (double)n, 4 * Math.Sqrt(propensities[c] * (1 - propensities[c]) / n));
        Assert.Equal(0, snapshot.Points[0].Faults);
    }

    [Fact]
    public void B2_picking_among_five_hundred_allocates_nothing()
    {
        var snapshot = Serve.Snapshot(Offers.Point(new SoftmaxPolicy(0.1)));
        var candidates = Offers.Priced([.. Enumerable.Range(0, 500).Select(i => i % 11 - 0.5)]);
        var workspace = new DecisionWorkspace();
        var (unit, context) = (Encoding.UTF8.GetBytes("u"), Encoding.UTF8.GetBytes("""{"country":"NL"}"""));
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var i = 0; i < 100; i++) DecisionEngine.Decide(snapshot, snapshot.Points[0], new(unit, unit, context, candidates), workspace);
        }));
        Assert.Equal(500, workspace.Candidates.Count);
        Assert.Equal(0, snapshot.Points[0].Faults);
    }

    [Fact]
    public void What_the_journal_keeps_reads_back_as_it_was_served_and_nothing_else_does()
    {
        var workspace = new DecisionWorkspace();
        Offers.Decide(Serve.Snapshot(Offers.Point(new SoftmaxPolicy(0.3))), "d", Five, workspace);
        var bytes = ServedCandidates.Write(workspace.Candidates);
        var served = ServedCandidates.Read(bytes)!;
        Assert.Equal(workspace.Candidates.Order.ToArray(), Enumerable.Range(0, served.Count).Select(served.At));
        Assert.Equal(workspace.Candidates.Propensities.ToArray(), Enumerable.Range(0, served.Count).Select(served.Propensity));
        for (var c = 0; c < 5; c++) Assert.True(served.Row(c).SequenceEqual(workspace.Candidates.Served(c)) && served.Find(workspace.Candidates.Id(c)) == c);
        Assert.Null(ServedCandidates.Read(default));
        for (var length = 0; length < bytes.Length; length++) Assert.Null(ServedCandidates.Read(bytes.AsMemory(0, length)));
        bytes[0] = 3; // another format
        Assert.Null(ServedCandidates.Read(bytes));
    }
}
