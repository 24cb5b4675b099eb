using Looper.Core.Bandits;
using Looper.Core.Blueprints;
using Looper.Core.Learning.Bandits;
using Looper.Core.Serving;
using Looper.Testing;

namespace Looper.Core.Tests.Serving;

/// <summary>Bandits that keep within guardrails, in a world whose truth is known.</summary>
public sealed class GuardedBanditTests(ITestOutputHelper output)
{
    private const double Margin = 0.25;
    private const int FirstSeed = 100;
    private static readonly int s_rounds = Sizes.IsLong ? 60_000 : 20_000;

    public static TheoryData<string> Algorithms => [.. BanditAlgorithms.Words];

    [Fact] // seeds from 1000 on chose the world, its size and the bars
    public void It_comes_near_the_best_admissible_policy_and_does_no_more_harm_than_the_margin_allows()
    {
        var (within, near, gained, seeds, policy) = (0, 0, 0.0, Sizes.BanditSeeds, new BanditPolicy { Explore = 0.04 });
        for (var seed = FirstSeed; seed < FirstSeed + seeds; seed++)
        {
            var world = new GuardedWorld(seed);
            var run = world.Run(policy, Margin, s_rounds, seed);
            var (limit, best, least) = (world.Limit(Margin), world.BestAdmissible(Margin, policy.Explore), world.Rewards.Average(r => r[0]));
            output.WriteLine($"{seed}: harm {run.Harm:F4} of {limit:F4}; reward {run.Reward:F4}, baseline {least:F4}, best admissible {best:F4}, gained {(run.Reward - least) / (best - least):P0} of it; left to the baseline {1 - run.State.Guards!.Share:F3}, multiplier {run.State.Guards.Multipliers[0]:F2}");
            if (run.Harm <= limit) within++;
            if (run.Reward >= least + 0.75 * (best - least)) near++;
            gained += (run.Reward - least) / (best - least) / seeds;
            Assert.InRange(run.Propensities, 0.001, 1);
        }
        Assert.True(within >= 0.95 * seeds, $"{within} of {seeds} within the margin");
        Assert.True(gained >= 0.75 && (near >= 0.95 * seeds || !Sizes.IsLong), $"{near} of {seeds} near the best, {gained:P0} of the gain on average");
        var free = new GuardedWorld(0).Run(policy, null, 4_000, 0);
        Assert.True(free.Harm > 1.5 * new GuardedWorld(0).Limit(Margin), $"{free.Harm}"); // what it would do without
    }

    [Theory, MemberData(nameof(Algorithms))]
    public void Every_algorithm_keeps_within_the_margin_and_states_exact_chances(string algorithm)
    {
        var (world, policy) = (new GuardedWorld(50), new BanditPolicy { Algorithm = algorithm, Explore = 0.04, Budget = algorithm == "softmax" ? 0.2 : null });
        var run = world.Run(policy, Margin, algorithm == "bootstrapped-trees" ? 400 : Sizes.IsLong ? 12_000 : 1_200, 50);
        output.WriteLine($"harm {run.Harm:F4} of {world.Limit(Margin):F4}, reward {run.Reward:F4}, left to the baseline {1 - run.State.Guards!.Share:F3}");
        Assert.True(run.Harm <= world.Limit(Margin), $"{run.Harm}");
        Assert.InRange(run.Propensities, 0.001, 1);
        Assert.All(run.Chances, p => Assert.Equal(1, p.Sum(), 1e-12));
        Assert.All(run.Chances, p => Assert.True(p.Min() >= 0.01 - 1e-12)); // the even share of four
        Assert.All(run.Chances.Take(50), p => Assert.Equal(0.97, p[0], 1e-12)); // nothing is known: the baseline
    }

    [Theory, InlineData(0), InlineData(0.02)]
    public void What_is_not_known_is_never_taken_for_no_harm(double known)
    {
        var run = new GuardedWorld(51).Run(new BanditPolicy(), Margin, 1_500, 51, known);
        Assert.All(run.Chances, p => Assert.Equal(0.985, p[0], 1e-12));
        var figure = Assert.Single(GuardrailFigure.Of(run.State, Found(run.State, Margin), GuardedWorld.Content(new(), Margin)));
        Assert.Equal(("unknown", (double?)null), (figure.State, figure.Multiplier));
        Assert.Contains(known == 0 ? "known for none of 1,500" : "50 are needed", figure.Why, StringComparison.Ordinal);
        Assert.InRange(figure.Known, 0, 0.034);
    }

    [Theory, InlineData(1, "one unit"), InlineData(29, "29 units"), InlineData(30, null)] // 1,500 decisions in all
    public void Many_decisions_of_few_units_say_nothing_of_others(int units, string? said)
    {
        var run = new GuardedWorld(51).Run(new BanditPolicy(), Margin, 1_500, 51, units: units);
        var figure = GuardrailFigure.Of(run.State, Found(BanditFile.Read(BanditFile.Write(run.State))!, Margin), GuardedWorld.Content(new(), Margin))[0];
        Assert.Equal(said is not null, figure.State == "unknown");
        Assert.Equal(said is not null, run.Chances.All(p => Math.Abs(p[0] - 0.985) < 1e-12));
        if (said is not null) Assert.Contains($"of {said} alone; 30 are needed", figure.Why, StringComparison.Ordinal);
    }

    [Fact] // as when nobody reports it and absence counts as none
    public void Values_that_are_all_alike_tell_nothing()
    {
        var world = new GuardedWorld(52);
        foreach (var rates in world.Harms) Array.Clear(rates);
        var run = world.Run(new BanditPolicy(), Margin, 1_500, 52);
        Assert.All(run.Chances, p => Assert.Equal(0.985, p[0], 1e-12));
        Assert.Contains("All 1,500 values of complaint are alike", GuardrailFigure.Of(run.State, Found(run.State, Margin), GuardedWorld.Content(new(), Margin))[0].Why, StringComparison.Ordinal);
    }

    [Fact] // a wide margin: nothing is held back, and the choices are those of the goal alone
    public void A_guardrail_that_is_far_away_changes_nothing()
    {
        var (world, policy) = (new GuardedWorld(53), new BanditPolicy { Algorithm = "squarecb", Explore = 0.2 });
        for (var kind = 0; kind < GuardedWorld.Kinds; kind++) world.Harms[kind] = [0.5, 0.2, 0.2, 0.2];
        var run = world.Run(policy, 1, 3_000, 53);
        var (guarded, found) = (run.State, Found(run.State, 1, policy));
        Assert.Equal((1.0, 0.0), (found.Share, found.Multipliers[0]));
        var figure = GuardrailFigure.Of(guarded, found, GuardedWorld.Content(policy, 1))[0];
        Assert.Equal(("slack", true), (figure.State, figure.Why is null));
        Assert.True(figure.Baseline!.Low < 0.5 && 0.5 < figure.Baseline.High, $"{figure.Baseline}");
        Assert.True(figure.Policy!.High < figure.Limit);
        double[] one = new double[4], other = new double[4], x = new double[guarded.Design.Width];
        var answers = AnswerSet.Of(GuardedWorld.Content(policy, 1)).Value!;
        for (var kind = 0; kind < GuardedWorld.Kinds; kind++)
        {
            guarded.Design.Write([kind / 2, kind % 2], x);
            BanditKnowledge.Of(GuardedWorld.Content(policy, 1), answers, guarded).Rule(policy, answers.Options, [], 0).Distribute(x, one);
            BanditKnowledge.Of(GuardedWorld.Content(policy, null), answers, guarded).Rule(policy, answers.Options, [], 0).Distribute(x, other);
            Assert.Equal(other, one);
        }
    }

    [Fact] // 0.985: the baseline but for the even share of four
    public void What_was_learned_for_a_guardrail_that_meant_something_else_is_not_used()
    {
        var (policy, world) = (new BanditPolicy(), new GuardedWorld(54));
        var state = BanditFile.Read(BanditFile.Write(world.Run(policy, Margin, 1_500, 54).State))!;
        var content = GuardedWorld.Content(policy, Margin);
        Assert.InRange(First(content), 0, 0.98);
        BlueprintContent With(Func<Outcome, Outcome> change) => content with { Outcomes = [.. content.Outcomes.Select(o => o.Name == "complaint" ? change(o) : o)] };
        Assert.All(
            [
                GuardedWorld.Content(policy, 0.01), With(o => o with { Better = Direction.Higher }), With(o => o with { Kind = OutcomeKind.Count }), With(o => o with { Window = 2 * o.Window }),
                With(o => o with { Aggregation = Aggregation.Any }), With(o => o with { Absent = null }),
            ], other => Assert.Equal(0.985, First(other), 1e-12));
        Assert.Equal(First(content), First(With(o => o with { Description = "Told by support." })));

        double First(BlueprintContent of)
        {
            var (answers, x, chances, least) = (AnswerSet.Of(of).Value!, new double[state.Design.Width], new double[4], 1.0);
            for (var kind = 0; kind < GuardedWorld.Kinds; kind++)
            {
                state.Design.Write([kind / 2, kind % 2], x);
                BanditKnowledge.Of(of, answers, state).Rule(policy, answers.Options, [], 0).Distribute(x, chances);
                least = Math.Min(least, chances[0]);
            }
            return least;
        }
    }

    private static FoundPenalty Found(BanditState state, double margin, BanditPolicy? policy = null)
    {
        var rows = Enumerable.Range(0, 400).Select(i =>
        {
            var x = new double[state.Design.Width];
            state.Design.Write([i % 4 / 2, i % 2], x);
            return x;
        });
        return BanditGuarding.Guard(state, [.. rows], GuardedWorld.Content(policy ?? new(), margin), policy ?? new()).Found!;
    }
}
