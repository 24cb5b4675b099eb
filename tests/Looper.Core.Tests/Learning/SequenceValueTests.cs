using System.Collections.Immutable;
using Looper.Core.Learning.Sequences;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Learning;

public class SequenceValueTests
{
    private const double Discount = 0.9;
    private static readonly ImmutableArray<double> s_even = [0.5, 0.5];

    // Option 1 earns 1 in state 0 and leads to state 1, where option 0 earns 2; anything else earns 0. Three decisions, a day apart.
    private static List<Step> Unit(Philox random)
    {
        var (steps, state) = (new List<Step>(), 0);
        for (var t = 0; t < 3; t++)
        {
            var action = random.Below(2);
            var (reward, next) = (state, action) switch { (0, 1) => (1.0, 1), (1, 0) => (2.0, 0), (0, _) => (0.0, 0), _ => (0.0, 1) };
            steps.Add(new([state], action, s_even, reward, 1, t < 2 ? [next] : null, t < 2 ? s_even : []));
            state = next;
        }
        return steps;
    }

    private static List<IReadOnlyList<Step>> Units(int count, long seed)
    {
        var random = new Philox(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Unit(random))];
    }

    private static ImmutableArray<double> Best(ImmutableArray<double> state, ImmutableArray<double> logged) => state[0] == 0 ? [0, 1] : [1, 0];

    [Fact] // by hand: the best policy earns 1, then 2, then 1; a coin's expected reward is ½, then ½·½ + ½·1 = ¾, then ¾ again (the state is a coin)
    public void A_policy_and_the_behaviour_are_valued_rightly()
    {
        var value = SequenceValue.Of(Units(4_000, 1), Best, Discount, 1);
        Assert.Equal(1 + Discount * 2 + Discount * Discount, value.Value.Mean, 1e-9); // deterministic rewards: every unit that followed it earned the same
        Assert.Equal(0.5 + 0.75 * Discount + 0.75 * Discount * Discount, value.Behaviour.Mean, 0.05);
        Assert.True(value.IsOffered);
        Assert.Equal(500, value.EffectiveUnits, 60.0); // one in eight
    }

    [Fact]
    public void A_policy_that_is_worse_than_the_behaviour_is_not_offered() =>
        Assert.False(SequenceValue.Of(Units(2_000, 2), (state, _) => state[0] == 0 ? [1, 0] : [0, 1], Discount, 1).IsOffered);

    [Fact] // simulation: band(0.95, 200) of statistics.md
    public void The_interval_covers_the_truth_as_often_as_it_says()
    {
        ImmutableArray<double> Often(ImmutableArray<double> state, ImmutableArray<double> logged) => state[0] == 0 ? [0.2, 0.8] : [0.8, 0.2];
        // by hand: expected rewards 0.8, then 0.2·0.8 + 0.8·1.6 = 1.44, then (state 1 with chance 0.32) 0.68·0.8 + 0.32·1.6 = 1.056
        const double truth = 0.8 + Discount * 1.44 + Discount * Discount * 1.056;
        var covered = Enumerable.Range(0, 200).Count(k => SequenceValue.Of(Units(200, 1_000 + k), Often, Discount, k).Value is var v && v.Low <= truth && truth <= v.High);
        Assert.InRange(covered / 200.0, 0.95 - 0.051, 1);
    }

    [Fact]
    public void Without_overlap_there_is_no_value_and_no_offer()
    {
        var always = Units(50, 4).Select(u => (IReadOnlyList<Step>)[.. u.Select(s => s with { Action = 0 })]).ToList();
        var value = SequenceValue.Of(always, (_, _) => [0, 1], Discount, 1);
        Assert.True(double.IsNaN(value.Value.Mean));
        Assert.False(value.IsOffered);
        Assert.Equal(0, value.EffectiveUnits);
    }
}
