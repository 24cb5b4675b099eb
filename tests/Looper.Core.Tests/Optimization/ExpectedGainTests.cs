using System.Collections.Immutable;
using Looper.Core.Numerics;
using Looper.Core.Optimization;

namespace Looper.Core.Tests.Optimization;

public class ExpectedGainTests
{
    private static Surrogates Learned(double error, ImmutableArray<MetricLimit> limits = default)
    {
        var problem = new Problem(new([new Parameter("x", ParameterKind.Real) { Low = 0, High = 1 }]), [new("y", Maximize: true)], limits.IsDefault ? [] : limits, 3);
        return Surrogates.Of(problem, [.. Enumerable.Range(0, 6).Select(i => Trial.Pending(i + 1, [i / 20.0]) with
        {
            State = TrialState.Measured,
            Metrics = ImmutableSortedDictionary<string, Measured>.Empty.Add("y", new(Math.Sin(5 * i / 20.0), error)).Add("c", new(i / 20.0, error)),
        })])!;
    }

    private static double Gain(Surrogates surrogates, params double[] xs) => ExpectedGain.Of(surrogates, [.. xs.Select(x => (ReadOnlyMemory<double>)new[] { x })]);

    [Fact] // one exact setting: E(f − best)⁺ in closed form, from 4 standard errors of 256 stratified draws
    public void One_setting_brings_its_expected_improvement()
    {
        var surrogates = Learned(0);
        var best = Enumerable.Range(0, 6).Max(i => Math.Sin(5 * i / 20.0));
        double Expected(double x) => surrogates["y"].At([x]) is var at ? at.Deviation * Math.Exp(NormalLogs.LogImprovement((at.Mean - best) / at.Deviation)) : double.NaN;
        foreach (var x in (double[])[0.28, 0.31, 0.35]) // the top of the sine lies at 0.314
            Assert.Equal(Expected(x), Gain(surrogates, x), 0.1 * Expected(x));
        Assert.Equal(1 - best, Gain(surrogates, 0.314), 0.02);
    }

    [Fact]
    public void More_settings_bring_more_a_known_one_nothing_and_a_forbidden_one_nothing()
    {
        var surrogates = Learned(0.05);
        var one = Gain(surrogates, 0.12);
        Assert.True(one >= 0);
        Assert.True(Gain(surrogates, 0.12, 0.9) > one);
        Assert.Equal(0, Gain(Learned(0), 0.15), 1e-3);
        var bounded = Learned(0, [new("c", AtMost: true, 0.075)]);
        Assert.Equal(0, Gain(bounded, 0.35), 1e-3); // the best of all, but it breaks the limit
        Assert.Equal(Math.Sin(0.3) - Math.Sin(0.25), Gain(bounded, 0.06), 0.01);
        Assert.True(double.IsNaN(Gain(surrogates)));
    }
}
