using System.Globalization;
using System.Text.Json;
using Looper.Core.Optimization;
using Looper.Testing;
using Looper.Testing.Optimization;

namespace Looper.Core.Tests.Optimization;

/// <summary>The bars on problems of the literature. A push runs five seeds, and the short problems; LOOPER_TEST_LONG=1 all twenty of all.</summary>
public class ReferenceTests(ITestOutputHelper output)
{
    private const double Floor = 1e-5; // smaller regrets count as this

    private static double Median(IEnumerable<double> values) => values.Order().ToArray() is var v ? (v[(v.Length - 1) / 2] + v[v.Length / 2]) / 2 : double.NaN;

    private static double Reference(string problem, int trials)
    {
        using var file = JsonDocument.Parse(File.ReadAllText(SharedData.File("bo", "reference_regret.json")));
        return file.RootElement.GetProperty(problem).GetProperty("gp_ei").GetProperty(trials.ToString(CultureInfo.InvariantCulture)).GetProperty("median").GetDouble();
    }

    private void NoWorse(ReferenceProblem problem, int budget)
    {
        Assert.SkipUnless(SharedData.IsHere, SharedData.Absent);
        var runs = Enumerable.Range(0, Sizes.TuningSeeds).Select(seed => ReferenceProblems.Run(problem, seed, budget)).ToArray();
        // half of the budget, or the next number of trials that the reference has
        foreach (var trials in (int[])[(budget / 2 + 9) / 10 * 10, budget])
        {
            var regret = Median(runs.Select(r => ReferenceProblems.SimpleRegret(problem, r.Take(trials))));
            output.WriteLine($"{problem.Name}, {trials} trials: {regret:G3}, reference {Reference(problem.Name, trials):G3}");
            Assert.True(Math.Max(regret, Floor) <= Math.Max(Reference(problem.Name, trials), Floor), $"{problem.Name} at {trials}: {regret:G3}");
        }
    }

    [Fact] // bar: median simple regret ≤ the reference Gaussian process's, at half the budget and at its end
    public void Branin_is_solved_as_well_as_by_the_reference() => NoWorse(ReferenceProblems.Branin, 40);

    [Fact]
    public void Ackley_is_solved_as_well_as_by_the_reference()
    {
        Assert.SkipUnless(Sizes.IsLong, "Runs with LOOPER_TEST_LONG=1.");
        NoWorse(ReferenceProblems.Ackley4, 60);
    }

    [Fact]
    public void Hartmann_is_solved_as_well_as_by_the_reference()
    {
        Assert.SkipUnless(Sizes.IsLong, "Runs with LOOPER_TEST_LONG=1.");
        NoWorse(ReferenceProblems.Hartmann6, 70);
    }

    [Fact] // bar: and the recommended trial truly feasible in 19 of 20
    public void A_constrained_problem_is_solved_as_well_as_by_the_reference()
    {
        NoWorse(ReferenceProblems.Gardner1, 40);
        var feasible = Enumerable.Range(0, Sizes.TuningSeeds).Count(seed => ReferenceProblems.Gardner1.IsFeasible(
            [.. Standing.Recommended(Surrogates.Of(ReferenceProblems.Gardner1.ToProblem(seed), ReferenceProblems.Run(ReferenceProblems.Gardner1, seed, 20))!).Trial.Point]));
        Assert.True(feasible >= 0.95 * Sizes.TuningSeeds, $"{feasible} feasible");
    }

    [Fact] // bar: median true regret of the recommended trial ≤ 1.0 after 50 noisy ones (reference 1.40, random search 1.07)
    public void Noise_of_known_size_does_not_mislead()
    {
        var regret = Median(Enumerable.Range(0, Sizes.TuningSeeds).Select(seed =>
            ReferenceProblems.RecommendedRegret(ReferenceProblems.BraninNoise5, seed, ReferenceProblems.Run(ReferenceProblems.BraninNoise5, seed, 50))));
        output.WriteLine($"{regret:G3}");
        Assert.InRange(regret, 0, 1.0);
    }

    [Fact] // bar: median dominated volume ≥ 54 of 59.28 after 40 trials (reference 48.6)
    public void Two_goals_are_traded_off_along_the_front()
    {
        var problem = ReferenceProblems.BraninCurrin;
        var volume = Median(Enumerable.Range(0, Sizes.IsLong ? 10 : 3).Select(seed => ParetoFront.Hypervolume(
            [.. ReferenceProblems.Run(problem, seed, 40).Select(t => new[] { problem.Value([.. t.Point]), problem.Second!([.. t.Point]) })], [18, 6])));
        output.WriteLine($"{volume:G4}");
        Assert.True(volume >= 54, $"{volume}");
    }

    [Theory, InlineData("branin", 40), InlineData("hartmann6", 70)] // bar: regret of batches of five ≤ 2 × that of one by one, at the same number of trials
    public void Five_side_by_side_cost_at_most_twice_the_regret(string name, int budget)
    {
        Assert.SkipUnless(Sizes.IsLong, "Runs with LOOPER_TEST_LONG=1.");
        var problem = name == "branin" ? ReferenceProblems.Branin : ReferenceProblems.Hartmann6;
        double Regret(int batch) => Math.Max(Floor, Median(Enumerable.Range(0, Sizes.TuningSeeds).Select(s => ReferenceProblems.SimpleRegret(problem, ReferenceProblems.Run(problem, s, budget, batch)))));
        var (parallel, sequential) = (Regret(5), Regret(1));
        output.WriteLine($"{name}: {parallel:G3} against {sequential:G3}");
        Assert.True(parallel <= 2 * sequential, $"{parallel:G3} against {sequential:G3}");
    }
}
