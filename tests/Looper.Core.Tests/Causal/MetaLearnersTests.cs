using Looper.Core.Causal;

namespace Looper.Core.Tests.Causal;

public class MetaLearnersTests(ITestOutputHelper output)
{
    [Fact] // Σ ε(w − e)(τ̂ − τ)/σ² is 0 on average where τ̂ has not seen ε; imputed by fits that had, 3.6
    public void Effects_by_x_know_nothing_of_the_noise_of_the_units_they_are_for()
    {
        const int Runs = 60;
        var plan = new EffectPlan { Bases = [BaseLearner.Linear], MostBayesian = 0 };
        var sums = new double[Runs];
        for (var run = 0; run < Runs; run++)
        {
            var (arms, truth, e) = HteData.Simulated(400, 1, false, 7_000 + run);
            var effects = MetaLearners.Of("x", arms, Nuisances.Of(arms, plan), plan).Predictions;
            for (var i = 0; i < arms.Count; i++)
            {
                double w = arms.Treated[i] ? 1 : 0, noise = arms.Outcomes[i] - arms.Units.Values[1][i] - 0.5 * arms.Units.Values[2][i] - w * truth[i]; // of variance 1
                sums[run] += noise * (w - e[i]) * (effects[i] - truth[i]);
            }
        }
        var (mean, error) = (sums.Average(), HteData.Deviation(sums) / Math.Sqrt(Runs - 1));
        output.WriteLine($"{mean:F2} ± {error:F2}");
        Assert.InRange(mean, -3.3 * error, 3.3 * error);
    }
}
