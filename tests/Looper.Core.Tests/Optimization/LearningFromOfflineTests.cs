using System.Collections.Immutable;
using Looper.Core.Numerics;
using Looper.Core.Optimization;
using Looper.Testing;
using Looper.Testing.Optimization;

namespace Looper.Core.Tests.Optimization;

public class LearningFromOfflineTests
{
    // 30 offline estimates of a biased copy, or of something else
    private static List<Trial> Offline(long seed, Func<double[], double> estimate)
    {
        var design = new Sobol(2, new Philox(seed, "offline"));
        var point = new double[2];
        return [.. Enumerable.Range(0, 30).Select(i =>
        {
            design.Point((uint)i, point);
            return Trial.Pending(1_000 + i, point) with { State = TrialState.Measured, Offline = true, Metrics = ImmutableSortedDictionary<string, Measured>.Empty.Add("y", new(estimate(point), 0)) };
        })];
    }

    private static double Regret(long seed, Func<double[], double>? estimate)
    {
        var (reference, problem) = (ReferenceProblems.Branin, ReferenceProblems.Branin.ToProblem(seed));
        var trials = estimate is null ? [] : Offline(seed, estimate);
        var live = 0;
        while (live < 10)
        {
            var next = Proposer.Next(problem, trials)[0];
            trials.Add(reference.Measure(Trial.Pending(++live, next.Point.AsSpan()), seed));
        }
        return ReferenceProblems.SimpleRegret(reference, trials.Where(t => !t.Offline));
    }

    private static double Median(Func<double[], double>? estimate) =>
        Enumerable.Range(0, Sizes.TuningSeeds).Select(s => Regret(s, estimate)).Order().ElementAt(Sizes.TuningSeeds / 2);

    [Fact] // bar: a smooth biased copy helps (≤ 0.7 of the regret without), an unrelated one does little harm (≤ 1.2)
    public void A_biased_copy_helps_and_an_unrelated_one_does_little_harm()
    {
        var alone = Median(null);
        Assert.InRange(Median(u => 0.8 * ReferenceProblems.Branin.Value(u) + 20 * u[0] + 15), 0, 0.7 * alone);
        Assert.InRange(Median(u => 100 * Math.Sin(9 * u[1]) * Math.Cos(7 * u[0])), 0, 1.2 * alone);
    }

    [Fact]
    public void Estimates_that_do_not_foretell_live_trials_are_dropped_and_said_so()
    {
        var (reference, problem) = (ReferenceProblems.Branin, ReferenceProblems.Branin.ToProblem(1));
        var live = ReferenceProblems.Run(reference, 1, 14);
        Assert.True(Surrogates.Of(problem, [.. live, .. Offline(1, u => reference.Value(u) + 10)])!.OfflineHelps["y"]);
        Assert.Empty(Surrogates.Of(problem, live)!.OfflineHelps);
        Assert.Equal(14, Surrogates.Of(problem, [.. live, .. Offline(1, reference.Value)])!.Live.Length);
    }
}
