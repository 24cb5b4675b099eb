using Looper.Core.Bandits;
using Looper.Core.Blueprints;
using Looper.Core.Learning.Bandits;
using Looper.Core.Serving;
using Looper.Core.Serving.Candidates;
using Looper.Core.Statistics;
using Looper.Testing;

namespace Looper.Core.Tests.Serving.Candidates;

/// <summary>Bandits among candidates that keep within guardrails, in a world whose truth is known.</summary>
public sealed class GuardedCandidatesTests(ITestOutputHelper output)
{
    private const double Margin = 0.25;
    private const int FirstSeed = 100;

    public static TheoryData<string> Algorithms => [.. BanditAlgorithms.Words.Where(w => SharedBandit.Takes(BanditAlgorithms.Find(w)!.Value))];

    [Theory, InlineData(false), InlineData(true)] // seeds from 1000 on chose the world, its size and the bars
    public void It_earns_more_than_what_was_sent_and_does_no_more_harm_than_the_margin_allows(bool ranks)
    {
        var (seeds, rounds, within, gained) = (Sizes.IsLong ? 20 : 2, Sizes.IsLong ? 12_000 : 4_000, 0, 0.0);
        var policy = new BanditPolicy { Explore = 0.04 };
        for (var seed = FirstSeed; seed < FirstSeed + seeds; seed++)
        {
            var run = new GuardedOffers(ranks, seed).Run(policy, Margin, rounds);
            var limit = (1 + Margin) * run.BaseHarm;
            output.WriteLine($"{seed}: harm {run.Harm:F4} of {limit:F4}; reward {run.Reward:F4}, as sent {run.BaseReward:F4}; left as sent {1 - run.State.Guards!.Share:F3}, multiplier {run.State.Guards.Multipliers[0]:F2}");
            if (run.Harm <= limit) within++;
            gained += (run.Reward / run.BaseReward - 1) / seeds;
        }
        var free = new GuardedOffers(ranks, 0).Run(policy, null, 2_000);
        output.WriteLine($"within {within} of {seeds}, gained {gained:P1}; without a guardrail harm {free.Harm:F4}, as sent {free.BaseHarm:F4}");
        Assert.True(within >= 0.95 * seeds, $"{within} of {seeds} within the margin");
        Assert.True(gained > 0.1, $"gained {gained:P1}");
        Assert.True(free.Harm > (1 + Margin) * free.BaseHarm, $"{free.Harm}"); // what it would do without
    }

    [Theory, MemberData(nameof(Algorithms))]
    public void Every_algorithm_states_exact_chances_and_keeps_within_the_margin(string algorithm)
    {
        foreach (var ranks in new[] { false, true })
        {
            var policy = new BanditPolicy { Algorithm = algorithm, Explore = 0.04, Budget = algorithm == "softmax" ? 0.2 : null };
            GuardedOffersRun[] runs = [.. new[] { 50, 51, 52 }.Select(seed => new GuardedOffers(ranks, seed).Run(policy, Margin, Sizes.IsLong ? 6_000 : 700, isJudged: seed == 50))];
            output.WriteLine($"ranks {ranks}: harm over limit {runs.Average(r => r.Harm / r.BaseHarm) / (1 + Margin):F3}, left as sent {1 - runs[0].State.Guards!.Share:F3}, propensities {runs[0].Propensities:G3}, least {runs[0].Least}");
            Assert.InRange(runs[0].Propensities, 0.001, 1);
            Assert.InRange(runs[0].Least, 0.04 - 1e-12, 1);
            Assert.All(runs, run => Assert.Equal(0.96 + 0.04 / GuardedOffers.PerCall, run.First, 1e-12)); // nothing is known: as sent
            Assert.True(runs.Average(r => r.Harm / r.BaseHarm) <= 1 + Margin);
        }
    }

    [Theory, MemberData(nameof(Algorithms))]
    public void Five_hundred_candidates_are_judged_and_their_harm_too_without_allocating(string algorithm)
    {
        foreach (var ranks in new[] { false, true })
        {
            var policy = new BanditPolicy { Algorithm = algorithm, Budget = 0.2 };
            var (snapshot, workspace) = (Serve.Snapshot(Guarded(ranks, policy, share: 0.6)), new DecisionWorkspace());
            var sent = GuardedOffers.Sent([.. Enumerable.Range(0, CandidateSet.Max).Select(i => i % 4)], [.. Enumerable.Range(0, CandidateSet.Max).Select(i => i / 50.0)]);
            var (unit, context) = (Serve.Utf8("u"), Serve.Utf8("""{"country":"NL"}"""));
            Assert.Equal(0, Allocations.Least(() =>
            {
                for (var i = 0; i < 10; i++) DecisionEngine.Decide(snapshot, snapshot.Points[0], new(unit, unit, context, sent), workspace);
            }));
            Assert.Equal(0, snapshot.Points[0].Faults);
            if (ranks) continue;
            var chances = new double[CandidateSet.Max];
            for (var place = 0; place < chances.Length; place++) chances[workspace.Candidates.Order[place]] = workspace.Candidates.Propensities[place];
            Assert.Equal(1, chances.Sum(), 1e-12);
            Assert.InRange(chances[0], 0.4 * 0.98, 1); // left as sent
            Assert.InRange(chances.Min(), 0.02 / CandidateSet.Max - 1e-15, 1);
        }
    }

    [Theory, InlineData(false), InlineData(true)] // 24 orders of three of four, or four picks; as an arm of 70 % beside the order as sent
    public void As_an_arm_it_states_the_chance_of_each_place_over_all_arms(bool ranks)
    {
        var policy = new BanditPolicy { Algorithm = "softmax", Explore = 0.1 };
        var learned = Guarded(ranks, policy, share: 0.5).Bandit;
        var experiment = Serve.Experiment(new ArmSource("sent", 0.3, DecisionShapes.AsSent, null, null), new ArmSource("learns", 0.7, null, policy, null) { Bandit = learned });
        var snapshot = Serve.Snapshot(Offers.Point(GuardedOffers.Content(ranks, new AsSentPolicy(), Margin), withModel: false, experiment));
        var (workspace, sent, drawn) = (new DecisionWorkspace(), GuardedOffers.Sent([3, 2, 0, 1], [4, 3.5, 4.5, 4.2]), new Dictionary<string, (int Count, double Chance)>());
        const int Calls = 6_000;
        for (var i = 0; i < Calls; i++)
        {
            Offers.Decide(snapshot, $"d{i}", sent, workspace, $"u{i}");
            var places = ranks ? GuardedOffers.Looked.Length : 1;
            var order = string.Join(' ', workspace.Candidates.Order[..places].ToArray());
            drawn[order] = (drawn.GetValueOrDefault(order).Count + 1, workspace.Candidates.Propensities[..places].ToArray().Aggregate((p, q) => p * q));
        }
        var common = drawn.Values.Where(d => d.Chance * Calls >= 5).ToList();
        var (rest, chance) = (Calls - common.Sum(d => d.Count), 1 - common.Sum(d => d.Chance));
        Assert.InRange(chance, -1e-9, 0.2);
        Assert.InRange(drawn[ranks ? "0 1 2" : "0"].Chance, 0.3 + 0.7 * 0.5 * 0.7, 1);
        var counts = chance * Calls >= 5;
        var statistic = common.Sum(d => Math.Pow(d.Count - Calls * d.Chance, 2) / (Calls * d.Chance)) + (counts ? Math.Pow(rest - Calls * chance, 2) / (Calls * chance) : 0);
        Assert.InRange(TailProbability.ChiSquared(statistic, common.Count - (counts ? 0 : 1)), 0.001, 1);
        Assert.Equal(0, snapshot.Points[0].Faults);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void What_was_learned_is_kept_and_what_was_learned_for_other_guardrails_is_not_used(bool ranks)
    {
        var point = Guarded(ranks, new BanditPolicy { Algorithm = "linucb" }, share: 0.75);
        var read = BanditFile.Read(point.Bandit.Span)!;
        Assert.Equal((0.75, DecisionShapes.AsSent), (read.Guards!.Share, read.Guards.Baseline));
        Assert.Equal(point.Bandit.ToArray(), BanditFile.Write(read));
        double First(PointSource of)
        {
            var (snapshot, workspace) = (Serve.Snapshot(of), new DecisionWorkspace());
            Offers.Decide(snapshot, "d", GuardedOffers.Sent([0, 1, 1, 1], [5, 5, 5, 5]), workspace);
            var chances = new double[1];
            workspace.Candidates.OrderBuffer.Sort();
            snapshot.Points[0].Current!.Candidates!.Judge(workspace.Candidates, isPick: false, chances);
            return chances[0];
        }
        Assert.Equal(0.25 * 0.98 + 0.02 / 4, First(point), 1e-12); // the others are believed to be better: a quarter is left as sent
        var other = GuardedOffers.Content(ranks, new BanditPolicy(), Margin);
        other = other with { Outcomes = [.. other.Outcomes, new("refund", OutcomeKind.Boolean)], Goal = other.Goal with { Guardrails = [new("refund", Margin)] } };
        Assert.Equal(0.98 + 0.02 / 4, First(Offers.Point(other, withModel: false) with { Bandit = point.Bandit }), 1e-12);
        Assert.Equal(0.98 + 0.02 / 4, First(Offers.Point(GuardedOffers.Content(ranks, new BanditPolicy { Algorithm = "linucb" }, Margin / 5), withModel: false) with { Bandit = point.Bandit }), 1e-12); // another margin
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Figures_tell_how_it_stands_with_what_was_sent(bool ranks)
    {
        var (policy, world) = (new BanditPolicy { Explore = 0.04 }, new GuardedOffers(ranks, 53));
        var content = GuardedOffers.Content(ranks, policy, Margin);
        var run = world.Run(policy, Margin, 2_000);
        var figure = Assert.Single(GuardrailFigure.Of(run.State, run.Found, content));
        output.WriteLine($"{figure}; truth as sent {run.BaseHarm:F4}, as it decides {run.Harm:F4}");
        Assert.Equal(("complaint", "binding", true), (figure.Outcome, figure.State, figure.Why is null));
        Assert.InRange(run.BaseHarm, figure.Baseline!.Low - 0.01, figure.Baseline.High + 0.01); // the calls of the truth are others
        Assert.True(figure.Policy!.High <= figure.Limit * 1.1 && figure.Policy.Mean < figure.Limit, $"{figure}");
        var empty = run.State with { Guards = BanditGuarding.Beginning(content, AnswerSet.Of(content).Value!, run.State.Options, run.State.Design.Width) };
        Assert.Contains(ranks ? "candidates shown. Report it with its candidate" : "decisions. Report it,", GuardrailFigure.Of(empty, null, content)[0].Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(OutcomeKind.Boolean, 0.004, 0.01, 0, 0.0236)]
    [InlineData(OutcomeKind.Boolean, -0.001, 0.01, 0, 0.0186)]
    [InlineData(OutcomeKind.Boolean, 0.999, 0.01, 0.9794, 1)]
    [InlineData(OutcomeKind.Count, 0.5, 1, 0, 2.46)]
    [InlineData(OutcomeKind.Number, 0.5, 1, -1.46, 2.46)]
    public void No_interval_of_a_guardrail_holds_what_cannot_be(OutcomeKind kind, double mean, double deviation, double low, double high)
    {
        var figure = MeanFigure.Of(mean, deviation, kind);
        Assert.Equal((low, high), (Math.Round(figure.Low, 4), Math.Round(figure.High, 4)));
        Assert.InRange(figure.Mean, figure.Low, figure.High);
    }

    private static readonly Dictionary<bool, BanditState> s_learned = new[] { false, true }.ToDictionary(ranks => ranks, ranks => new GuardedOffers(ranks, 54).Run(new BanditPolicy { Algorithm = "squarecb" }, Margin, 400).State);

    private static PointSource Guarded(bool ranks, BanditPolicy policy, double share)
    {
        var learned = s_learned[ranks];
        return Offers.Point(GuardedOffers.Content(ranks, policy, Margin), withModel: false) with { Bandit = BanditFile.Write(learned with { Guards = learned.Guards! with { Share = share, Multipliers = [0.5] } }) };
    }
}
