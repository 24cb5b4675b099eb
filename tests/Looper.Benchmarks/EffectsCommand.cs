using System.Diagnostics;
using System.Globalization;
using Looper.Benchmarks.Serving;
using Looper.Core.Causal;
using Looper.Core.Learning;
using Looper.Core.Numerics;

namespace Looper.Benchmarks;

/// <summary>How long effects of very many units take, beside one model of the outcome from the same rows.</summary>
internal static class EffectsCommand
{
    public const string Usage = "Looper.Benchmarks effects [--units N] [--columns N] [--learner NAME]";

    public static int Run(string[] args)
    {
        var given = args.Chunk(2).ToDictionary(a => a[0], a => a[1]);
        int Of(string name, int otherwise) => given.TryGetValue(name, out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
        var (arms, truth) = Make(Of("--units", 1_000_000), Of("--columns", 20));
        var settings = new LearnerSettings { Objective = Objective.Squared, Rounds = 200, Leaves = 31, Threads = Environment.ProcessorCount };
        var model = Stopclock.Time(_ => new GradientBoosting().Fit(arms.Units, null, settings, 1, null, default), 1);
        var clock = Stopwatch.StartNew();
        var told = 0;
        var plan = new EffectPlan
        {
            Learner = given.GetValueOrDefault("--learner", "auto"),
            Progress = (what, share) =>
            {
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{clock.Elapsed.TotalSeconds,6:F0} s {share:P0} {what}"));
                told++;
            },
        };
        EffectAnalysis? analysis = null;
        var effects = Stopclock.Time(_ => analysis = EffectAnalysis.Of(arms, plan), 1);
        using var process = Process.GetCurrentProcess();
        var error = Math.Sqrt(analysis!.Models.Effects.Select((e, i) => (e - truth[i]) * (e - truth[i])).Average());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            | Ours | | Baseline, same run | | Ours / baseline |
            |---|---|---|---|---|
            | effects of {arms.Count:N0} units × {arms.Units.Columns.Length}, {plan.Learner} | {effects:F0} s | one model of the outcome, 200 trees × 31 leaves | {model:F1} s | **{effects / model:F1}** |

            error of a unit's effect {error:F3}, differs {analysis.Validation.Differs}, learner {analysis.Models.Learner}, peak memory {process.PeakWorkingSet64 >> 20} MB, {told} reports of progress
            """));
        return 0;
    }

    // an effect of two columns, one of them bent, in an outcome of five; assignment by chance
    private static (TwoArms Arms, double[] Truth) Make(int units, int columns)
    {
        var random = new Philox(1, "effects-benchmark");
        var values = Enumerable.Range(0, columns).Select(_ => Enumerable.Range(0, units).Select(_ => random.Normal()).ToArray()).ToArray();
        var (y, truth, treated) = (new double[units], new double[units], new bool[units]);
        for (var i = 0; i < units; i++)
        {
            treated[i] = random.Uniform() < 0.5;
            truth[i] = 0.2 + 0.3 * values[0][i] + 0.4 * Math.Max(0, values[1][i]);
            y[i] = values[1][i] + 0.5 * values[2][i] * values[3][i] + (values[4][i] > 0.5 ? 1 : 0) + (treated[i] ? truth[i] : 0) + random.Normal();
        }
        var described = Enumerable.Range(0, columns).Select(j => new Column($"x{j + 1}", ColumnKind.Number, []));
        return (new(new DataSet([.. described], values, y), treated, [.. Enumerable.Repeat(0.5, units)], 1), truth);
    }
}
