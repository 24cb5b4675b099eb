using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Numerics;
using Looper.Core.Policies;
using Looper.Core.Serving;
using Looper.Core.Serving.Candidates;
using Looper.Core.Tests.Serving;
using Looper.Core.Tests.Serving.Candidates;

namespace Looper.Core.Tests.Policies;

/// <summary>The value of a draft that ranks, from rankings that the engine itself drew and logged. Truth: bought one time in twenty and 4 % more for every
/// step of the price, if it was looked at: the first place always, the second half the time, and less below something dear.</summary>
public class RankedValueTests
{
    private const int Shown = 2;
    private static readonly double[] s_prices = [4.5, 9, 1.5, 6, 0.5];

    private static BlueprintContent Ranks(PolicySpec policy) => Offers.Pick(policy) with { Shape = DecisionShape.Ranking, Positions = Shown };

    [Fact]
    public void What_a_draft_would_show_is_weighed_by_what_was_drawn_place_by_place()
    {
        var (covered, differences) = (0, new List<double>());
        var truth = Truth(new EpsilonGreedyPolicy(0.3));
        for (var seed = 0; seed < 40; seed++)
        {
            var result = Judged(Ranks(new SoftmaxPolicy(0.5)), new EpsilonGreedyPolicy(0.3), 1_500, seed);
            Assert.Null(result.Refused);
            Assert.Equal(("snips", 1_500L, "place shown"), (result.Headline, result.Decisions, result.Per));
            Assert.Equal(1, result.Overlap!.MeanWeight, 0.1);
            if (result.Value.Low <= truth && truth <= result.Value.High) covered++;
            differences.Add(result.Value.Value - truth);
        }
        var (mean, deviation) = (differences.Average(), Math.Sqrt(differences.Sum(d => d * d) / differences.Count));
        Assert.InRange(mean, -4 * deviation / Math.Sqrt(differences.Count), 4 * deviation / Math.Sqrt(differences.Count));
        Assert.True(deviation < 0.05 * truth, $"{deviation:0.0000} around {truth:0.0000}");
        Assert.InRange(covered, 33, 40); // of 40 at 95 %: below 33 once in 2,000
    }

    [Fact]
    public void The_policy_that_logged_is_worth_what_was_served()
    {
        var result = Judged(Ranks(new SoftmaxPolicy(0.5)), new SoftmaxPolicy(0.5), 500, seed: 1);
        Assert.Equal(0, result.Change.Value, 1e-12);
        Assert.Equal((1.0, 1.0), (result.Overlap!.MeanWeight, result.Overlap.LargestWeight));
    }

    [Fact] // the log is certain: it kept the order as sent
    public void An_order_that_was_never_shown_is_refused()
    {
        var result = Judged(Ranks(new AsSentPolicy()), new BestPolicy(), 300, seed: 1);
        Assert.Equal("never-tried", result.RefusedCode);
    }

    [Fact]
    public void A_draft_that_shows_more_places_than_were_logged_is_not_judged()
    {
        var draft = Ranks(new BestPolicy()) with { Positions = 3 };
        var log = Log(Ranks(new RandomPolicy()), draft, 60, 1);
        Assert.Equal((0, 60L), (log.Count, log.NotUsed.Total));
    }

    private static PolicyEvaluationResult Judged(BlueprintContent logging, PolicySpec policy, int decisions, int seed)
    {
        var draft = Ranks(policy);
        return PolicyValuation.Judge(new() { Key = "offers" }, new("Draft", "{}", null, null, null), draft, GoalReward.Of(draft).Value!, Log(logging, draft, decisions, seed), new([], 0, null, null), 1, (_, _) => { }, default);
    }

    private static LoggedDecisions Log(BlueprintContent logging, BlueprintContent draft, int decisions, int seed)
    {
        var log = LoggedDecisions.For(draft, new Dictionary<int, BlueprintContent> { [1] = logging }, GoalReward.Of(draft).Value!, [Offers.Model()]).Value!;
        var (snapshot, workspace, random) = (Serve.Snapshot(Offers.Point(logging)), new DecisionWorkspace(), new Philox(seed, "ranked"));
        for (var i = 0; i < decisions; i++)
        {
            var decision = Offers.Decide(snapshot, $"{seed}-{i}", Offers.Priced(s_prices), workspace, $"u-{i}");
            ImmutableArray<double> bought = [.. Chances(workspace.Candidates.Order).Select(p => random.Uniform() < p ? 1.0 : 0)];
            log.Add(new(new()
            {
                Id = $"{seed}-{i}", DecisionPointId = default, Unit = $"u-{i}", Time = DateTimeOffset.UnixEpoch.AddSeconds(i), BlueprintVersion = 1, Option = decision.Answer.Option,
                Propensity = decision.Propensity, Reason = Reason.Policy, Served = workspace.Served.ToArray(), Candidates = ServedCandidates.Write(workspace.Candidates),
            }, [bought.Max()], [bought.Max()], [true], 0) { Places = [.. bought.Select(b => new Looper.Core.Events.PlaceOutcomes([b], [b]))] });
        }
        return log;
    }

    private static double Truth(PolicySpec policy)
    {
        var (snapshot, workspace, sum) = (Serve.Snapshot(Offers.Point(Ranks(policy))), new DecisionWorkspace(), 0.0);
        const int n = 40_000;
        for (var i = 0; i < n; i++)
        {
            Offers.Decide(snapshot, $"truth-{i}", Offers.Priced(s_prices), workspace);
            sum += Chances(workspace.Candidates.Order).Average();
        }
        return sum / n;
    }

    private static double[] Chances(ReadOnlySpan<int> order)
    {
        double first = Chance(s_prices[order[0]]), second = Chance(s_prices[order[1]]);
        return [first, second * (first > 0.3 ? 0.3 : 0.5)];
    }

    private static double Chance(double price) => 0.05 + 0.04 * Math.Floor(price);
}
