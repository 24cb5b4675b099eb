using Looper.Core.Causal;
using Looper.Core.Learning;
using Looper.Testing;

namespace Looper.Core.Tests.Causal;

public class SurrogateIndexTests(ITestOutputHelper output)
{
    private const int Units = 1_500;
    private static readonly ParallelOptions s_lanes = new() { MaxDegreeOfParallelism = Environment.ProcessorCount };
    private static readonly EffectPlan s_plan = new() { Bases = [BaseLearner.Linear], Threads = 1 };

    private static SurrogateEffect Predict(LongTermWorld world, int seed, double known = 0, EffectPlan? plan = null, double share = 0.5)
    {
        var (units, treated) = world.Compared(Units, seed, known, share);
        return SurrogateIndex.Fit(world.History(Units, -seed), 2, (plan ?? s_plan) with { Seed = seed }).EffectOf(units, treated, share);
    }

    private static SurrogateEffect[] Simulated(LongTermWorld world, int runs, double known = 0, double share = 0.5)
    {
        var effects = new SurrogateEffect[runs];
        // the elastic net lacks the product of the early outcomes, so what it predicts leans on the correction
        Parallel.For(0, runs, s_lanes, run => effects[run] = Predict(world, 100 + run, known, Sizes.IsLong && !world.Bends && run % 4 == 0 ? s_plan with { Bases = new EffectPlan().Bases } : null, share));
        return effects;
    }

    [Theory, InlineData(0.3, 0.6, 0.5), InlineData(0, 0, 0.25)]
    public void The_interval_covers_and_units_whose_time_has_come_do_not_contradict_it(double moves, double known, double share)
    {
        var world = new LongTermWorld(moves);
        var truth = world.Truth();
        var effects = Simulated(world, Sizes.EffectSimulations, known, share);
        var covered = effects.Count(e => e.Effect.At(0.95).Contains(truth)) / (double)effects.Length;
        var z = effects.Average(e => (e.Effect.Value - truth) / e.Effect.StandardError);
        output.WriteLine($"truth {truth:F4}, covered {covered:P1} of {effects.Length}, mean z {z:F3}, error {effects.Average(e => e.Effect.StandardError):F4}");
        var (least, most) = Sizes.IsLong ? (0.93, 0.97) : (0.95 - 3.3 * Math.Sqrt(0.95 * 0.05 / effects.Length), 1);
        Assert.InRange(covered, least, most);
        Assert.InRange(Math.Abs(z), 0, 4 / Math.Sqrt(effects.Length));
        if (known == 0) Assert.All(effects, e => Assert.True(double.IsNaN(e.Observed.Value) && double.IsNaN(e.Unexplained.Value)));
        else
        {
            var carried = effects.Count(e => e.Unexplained.At(0.95).Contains(0)) / (double)effects.Length;
            output.WriteLine($"not contradicted {carried:P1}");
            Assert.InRange(carried, least, most);
        }
    }

    [Fact] // a line through the history’s square says that the treatment does nothing
    public void The_history_corrects_a_learner_that_cannot_follow_the_outcome()
    {
        var world = new LongTermWorld(0.8, Bends: true);
        var effects = Simulated(world, Sizes.EffectSimulations / 2);
        var (value, plain) = (effects.Average(e => e.Effect.Value), effects.Average(e => e.Effect.Value - e.Correction));
        output.WriteLine($"truth {world.Truth():F3}, corrected {value:F3}, not corrected {plain:F3}");
        Assert.True(Math.Abs(plain - world.Truth()) > 0.2, $"{plain}");
        Assert.True(Math.Abs(value - world.Truth()) < Math.Abs(plain - world.Truth()) / 2, $"{value} after, {plain} before"); // what weighs the history is no perfect fit either
    }

    [Fact]
    public void The_interval_counts_how_little_a_short_history_teaches()
    {
        var (world, covered, runs) = (new LongTermWorld(1.2), 0, Sizes.EffectSimulations / 2);
        var truth = world.Truth();
        Parallel.For(0, runs, s_lanes, run =>
        {
            var (units, treated) = world.Compared(4_000, 900 + run, 0);
            var effect = SurrogateIndex.Fit(world.History(400, -900 - run), 2, s_plan with { Seed = run }).EffectOf(units, treated, 0.5).Effect;
            if (effect.At(0.95).Contains(truth)) Interlocked.Increment(ref covered);
        });
        output.WriteLine($"covered {covered} of {runs}");
        Assert.InRange(covered / (double)runs, 0.95 - 3.3 * Math.Sqrt(0.95 * 0.05 / runs), 1);
    }

    [Fact]
    public void Units_whose_time_has_come_tell_of_an_effect_that_early_outcomes_do_not_carry()
    {
        var effects = Simulated(new(0.3, Bypasses: 0.4), Sizes.EffectSimulations / 4, known: 0.6);
        var flagged = effects.Count(e => !e.Unexplained.At(0.95).Contains(0)) / (double)effects.Length;
        output.WriteLine($"contradicted {flagged:P1}");
        Assert.InRange(flagged, 0.9, 1);
    }

    [Fact]
    public void It_knows_sooner_than_the_outcome_itself()
    {
        var one = Predict(new(0.3), 7, known: 0.2);
        Assert.True(one.Effect.StandardError < one.Observed.StandardError / 1.5, $"{one.Effect.StandardError} against {one.Observed.StandardError}");
        Assert.Equal(300, one.Observed.Units);
    }

    [Fact]
    public void What_early_outcomes_tell_is_told_apart_from_what_features_tell()
    {
        var history = new LongTermWorld(0.3).History(4_000, 3);
        var index = SurrogateIndex.Fit(history, 2, s_plan);
        // Var(Y) = Var(0.5x + s(1 + 0.3b) + 0.8b + ε): most of what is not ε comes with the early outcomes
        Assert.InRange(index.Explained, 0.6, 0.85);
        Assert.InRange(index.ExplainedByFeatures(), 0.2, 0.45);
        var noise = new DataSet(history.Columns, history.Values, [.. Enumerable.Range(0, history.Rows).Select(i => (double)(i * 7919 % 13))]);
        Assert.InRange(SurrogateIndex.Fit(noise, 2, s_plan).Explained, -0.05, 0.02);
        Assert.True(double.IsNaN(SurrogateIndex.Fit(new(history.Columns, history.Values, new double[history.Rows]), 2, s_plan).Explained));
    }

    [Fact]
    public void A_history_of_other_units_says_so()
    {
        var world = new LongTermWorld(0.3);
        var (units, treated) = world.Compared(Units, 11, 0);
        double Likeness(DataSet history) => SurrogateIndex.Fit(history, 2, s_plan).EffectOf(units, treated, 0.5).Likeness;
        var history = world.History(Units, 12);
        var away = new DataSet(history.Columns, [.. history.Values.Select((v, j) => j == 2 ? Array.ConvertAll(v, x => x + 4) : v)], history.Labels);
        Assert.InRange(Likeness(history), 0.5, 1);
        Assert.InRange(Likeness(away), 0, 0.2);
        Assert.InRange(Likeness(new(history.Columns, [.. history.Values.Select((v, j) => j == 2 ? Array.ConvertAll(v, x => x + 100) : v)], history.Labels)), 0, 0.05); // no unit of the past is like any
        Assert.InRange(Likeness(world.History(30 * Units, 13)), 0.5, 1); // how many of each there are says nothing of how like they are
    }

    [Fact] // a sum of fits is no chance, and goes beyond 1 where it is surest
    public void The_surer_a_unit_of_the_past_is_like_those_compared_the_more_it_counts()
    {
        double[] chances = [-0.2, 0, 0.1, 0.5, 0.9, 0.999, 1, 1.001, 1.3];
        double[] ratios = [.. chances.Select(p => SurrogateIndex.Denser(p, 300, 100))];
        Assert.Equal(ratios.Order(), ratios);
        Assert.Equal((0.01, 3.0, 100.0), (ratios[0], ratios[3], ratios[^1]));
    }

    [Fact]
    public void Without_features_the_early_outcomes_do_it_alone()
    {
        var world = new LongTermWorld(0.3);
        var (units, treated) = world.Compared(Units, 5, 0);
        static DataSet Early(DataSet data) => new(data.Columns[..2], data.Values[..2], data.Labels);
        var index = SurrogateIndex.Fit(Early(world.History(Units, 6)), 2, s_plan);
        Assert.Equal(0, index.ExplainedByFeatures());
        Assert.InRange(index.EffectOf(Early(units), treated, 0.5).Effect.Value, 0.1, 1);
    }

    [Fact]
    public void What_cannot_be_asked_is_refused()
    {
        var world = new LongTermWorld(0.3);
        var history = world.History(100, 1);
        Assert.Throws<ArgumentException>(() => SurrogateIndex.Fit(history, 0, s_plan));
        Assert.Throws<ArgumentException>(() => SurrogateIndex.Fit(history.Take([1, 2, 3]), 2, s_plan));
        var (units, treated) = world.Compared(100, 1, 0);
        var index = SurrogateIndex.Fit(history, 2, s_plan);
        Assert.Throws<ArgumentException>(() => index.EffectOf(units, treated, 1));
        Assert.Throws<ArgumentException>(() => index.EffectOf(units, new bool[100], 0.5));
        Assert.Throws<ArgumentException>(() => index.EffectOf(units, treated[1..], 0.5));
    }
}
