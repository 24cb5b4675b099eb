using System.Collections.Immutable;
using Looper.Core.Optimization;
using Looper.Testing.Optimization;

namespace Looper.Core.Tests.Optimization;

public class ProposerTests
{
    private static readonly ParameterSpace s_mixed = new(
    [
        new("w1", ParameterKind.Real) { Low = 0, High = 1 }, new("w2", ParameterKind.Real) { Low = 0, High = 1 },
        new("n", ParameterKind.Whole) { Low = 1, High = 40 }, new("kind", ParameterKind.Category) { Values = ["a", "b", "c"] },
    ], [new(ImmutableSortedDictionary<string, double>.Empty.Add("w1", 1).Add("w2", 1), 1)]);

    private static Trial Told(Trial trial, double value, double error = 0) =>
        trial with { State = TrialState.Measured, Metrics = ImmutableSortedDictionary<string, Measured>.Empty.Add("y", new(value, error)) };

    private static List<Trial> Run(Problem problem, int trials, Func<ImmutableSortedDictionary<string, ParameterValue>, Trial, Trial> measure, int batch = 1)
    {
        var all = new List<Trial>();
        while (all.Count < trials)
            foreach (var p in Proposer.Next(problem, all, batch))
                all.Add(measure(problem.Space.Values(p.Point.AsSpan()), Trial.Pending(all.Count + 1, p.Point.AsSpan())));
        return all;
    }

    [Fact] // the best is w1 = 0.6, w2 = 0.4 (on the constraint), n = 17, kind b: value 0
    public void Whole_numbers_categories_and_constraints_are_tuned_together()
    {
        var problem = new Problem(s_mixed, [new("y", Maximize: false)], [], 3);
        var trials = Run(problem, 40, (v, t) => Told(t, Math.Pow(v["w1"].Number - 0.8, 2) + Math.Pow(v["w2"].Number - 0.6, 2) - 0.08
            + Math.Pow((v["n"].Number - 17) / 40, 2) + (v["kind"].Category == "b" ? 0 : 0.3)));
        Assert.All(trials, t => Assert.True(s_mixed.Allows(t.Point.AsSpan())));
        Assert.Equal(40, trials.Select(t => string.Join(' ', s_mixed.Values(t.Point.AsSpan()))).Distinct().Count());
        var best = s_mixed.Values(Standing.Recommended(Surrogates.Of(problem, trials)!).Trial.Point.AsSpan());
        Assert.Equal("b", best["kind"].Category);
        Assert.InRange(best["n"].Number, 15, 19);
        Assert.Equal(0.6, best["w1"].Number, 0.05);
        Assert.Equal(0.4, best["w2"].Number, 0.05);
    }

    [Fact]
    public void The_same_trials_give_the_same_proposals_and_a_batch_is_its_proposals_one_by_one()
    {
        var (reference, problem) = (ReferenceProblems.BraninNoise5, ReferenceProblems.BraninNoise5.ToProblem(4));
        var trials = ReferenceProblems.Run(reference, 4, 12);
        var batch = Proposer.Next(problem, trials, 3);
        Assert.Equal(batch.Select(p => string.Join(' ', p.Point)), Proposer.Next(problem, trials, 3).Select(p => string.Join(' ', p.Point)));
        foreach (var proposal in batch)
        {
            Assert.Equal(proposal.Point, Proposer.Next(problem, trials)[0].Point);
            trials.Add(Trial.Pending(trials.Count + 1, proposal.Point.AsSpan()));
        }
        Assert.Equal(3, batch.Select(p => p.Point[0]).Distinct().Count());
        Assert.NotEqual(Proposer.Next(problem, [])[0].Point, Proposer.Next(problem with { Seed = 5 }, [])[0].Point);
    }

    [Fact]
    public void A_finite_space_is_tried_whole_and_then_nothing_is_left()
    {
        var problem = new Problem(new([new("k", ParameterKind.Category) { Values = ["a", "b", "c"] }, new("n", ParameterKind.Whole) { Low = 0, High = 3 }]), [new("y", true)], [], 1);
        var trials = Run(problem, 12, (v, t) => Told(t, v["n"].Number + (v["k"].Category == "c" ? 1 : 0)));
        Assert.Equal(12, trials.Select(t => string.Join(' ', t.Point)).Distinct().Count());
        Assert.Empty(Proposer.Next(problem, trials));
    }

    [Fact]
    public void What_is_done_today_comes_first()
    {
        var problem = new Problem(s_mixed, [new("y", false)], [], 1) { StatusQuo = [0.2, 0.3, 0, 1] };
        Assert.Equal((ProposalReason.StatusQuo, problem.StatusQuo), (Proposer.Next(problem, [])[0].Reason, Proposer.Next(problem, [])[0].Point));
    }

    [Fact]
    public void A_failed_setting_is_left_alone_and_so_is_its_neighbourhood_after_several()
    {
        var problem = new Problem(new([new("x", ParameterKind.Real) { Low = 0, High = 1 }]), [new("y", false)], [], 2);
        // falls towards 1, but nothing above 0.5 can be measured
        var trials = Run(problem, 22, (v, t) => v["x"].Number > 0.5 ? t with { State = TrialState.Failed } : Told(t, -v["x"].Number));
        Assert.Equal(22, trials.Select(t => t.Point[0]).Distinct().Count());
        Assert.Contains(trials.Skip(12), t => t.State == TrialState.Measured);
        double Worth(IReadOnlyList<Trial> known) => Proposer.AcquisitionOf(Surrogates.Of(problem, known)!, known, 23)!.Value([0.8], []);
        Assert.True(Worth(trials) < Worth([.. trials.Where(t => t.State == TrialState.Measured)]) - 2);
        Assert.InRange(problem.Space.Values(Standing.Recommended(Surrogates.Of(problem, trials)!).Trial.Point.AsSpan())["x"].Number, 0.4, 0.5);
    }

    [Fact]
    public void All_failed_or_all_equal_still_gives_new_settings()
    {
        var problem = new Problem(new([new("x", ParameterKind.Real) { Low = 0, High = 1 }]), [new("y", false)], [], 2);
        Assert.Equal(15, Run(problem, 15, (_, t) => t with { State = TrialState.Failed }).Select(t => t.Point[0]).Distinct().Count());
        Assert.Null(Surrogates.Of(problem, Run(problem, 6, (_, t) => t with { State = TrialState.Failed })));
        Assert.Equal(15, Run(problem, 15, (_, t) => Told(t, 7)).Select(t => t.Point[0]).Distinct().Count());
        Assert.Equal(12, Run(problem, 12, (_, t) => Told(t, 7, 0.5)).Count);
    }

    [Fact]
    public void A_limit_that_must_be_kept_from_below_is_kept()
    {
        var space = new ParameterSpace([new("x", ParameterKind.Real) { Low = 0, High = 1 }]);
        var problem = new Problem(space, [new("y", Maximize: true)], [new("z", AtMost: false, 0.4)], 2);
        var trials = Run(problem, 18, (v, t) => t with
        {
            State = TrialState.Measured,
            Metrics = ImmutableSortedDictionary<string, Measured>.Empty.Add("y", new(v["x"].Number, 0)).Add("z", new(1 - v["x"].Number * v["x"].Number, 0)),
        });
        Assert.InRange(space.Values(Standing.Recommended(Surrogates.Of(problem, trials)!).Trial.Point.AsSpan())["x"].Number, 0.76, Math.Sqrt(0.6));
    }
}
