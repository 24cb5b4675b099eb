using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Models;
using Looper.Core.Monitoring;
using Looper.Core.Numerics;
using Looper.Core.Tests.Models;

namespace Looper.Core.Tests.Monitoring;

/// <summary>Drift against where a model learned, on the simulated banner shop.</summary>
public sealed class DriftTests
{
    private static readonly ServedProfile Then = ProfileOf(Simulated.Examples(5_000, seed: 1));

    [Fact] // 60 looks at 3 features of a shop where nothing changes; the budget is one false alarm in 30 days
    public void Nothing_fires_while_nothing_changes()
    {
        var fired = Enumerable.Range(0, 60).SelectMany(day => Look(Simulated.Examples(1_000, seed: 100 + day)).Append(OutcomeOf(Simulated.Examples(1_000, seed: 100 + day)))).Count(f => f.Condition is not null);
        Assert.Equal(0, fired);
    }

    [Theory, InlineData(1_000), InlineData(20_000)]
    public void A_small_move_is_silent_however_many_decisions_there_are(int n) =>
        Assert.All(Look(Moved(n, by: 0.08)), f => Assert.Null(f.Condition));

    [Fact]
    public void A_move_by_half_a_standard_deviation_is_found_and_named()
    {
        var figure = Assert.Single(Look(Moved(5_000, by: 0.5)), f => f.Condition is not null);
        Assert.Equal(("noise", Drift.Feature), (figure.Subject, figure.Condition));
        Assert.Contains("`noise` has moved away", figure.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_feature_that_stops_coming_is_missing_rather_than_moved()
    {
        var random = new Philox(3, "missing");
        var figures = Look(Simulated.Examples(1_000, seed: 7), e => random.Uniform() < 0.1);
        Assert.All(figures, f => Assert.Equal(Drift.Missing, f.Condition));
    }

    [Fact]
    public void An_outcome_that_changes_is_found()
    {
        var figure = OutcomeOf(Simulated.Examples(2_000, seed: 8).Select(e => e with { Values = [e.Decision.Id.EndsWith('1') || e.Decision.Id.EndsWith('2') || e.Decision.Id.EndsWith('3') ? 1 : e.Values[0]] }));
        Assert.Equal(Drift.Outcome, figure.Condition);
    }

    [Fact]
    public void Below_two_hundred_units_it_says_how_many_there_are()
    {
        Assert.All(Look(Simulated.Examples(199, seed: 9)), f =>
        {
            Assert.True(double.IsNaN(f.Index));
            Assert.Null(f.Condition);
            Assert.Equal("Not enough data: 199 of 200 units.", f.Sentence);
        });
    }

    [Fact] // 300 who come every day and 300 others who come once: who is met on a day is another crowd than everyone of a month
    public void Those_who_come_back_are_no_drift_and_a_move_among_them_is()
    {
        var then = ProfileOf(Enumerable.Range(0, 30).SelectMany(day => Crowd(day)));
        foreach (var day in Enumerable.Range(30, 30))
        {
            var figures = Watch(then, Crowd(day));
            Assert.All(figures, f => Assert.Null(f.Condition));
        }
        Assert.Equal(["country", "outcome"], Watch(then, Crowd(60, regularsOfNl: 0.1)).Where(f => f.Condition is not null).Select(f => f.Subject));
        Assert.InRange(then.Units!.Value, 1_150, 1_170); // (Σd)²/Σd² = 18,000² / (300 · 30² + 9,000)
    }

    [Fact]
    public void A_model_that_learned_from_few_units_says_so()
    {
        var then = ProfileOf(Enumerable.Range(0, 30).SelectMany(day => Crowd(day).Take(50)));
        Assert.All(Watch(then, Crowd(30)), f => Assert.Equal("Not enough data: the model learned from fewer than 200 units.", f.Sentence));
    }

    [Fact] // the last day has one weekday, whatever the weeks had where the model learned
    public void What_is_derived_of_a_time_is_not_watched()
    {
        var content = Simulated.Blueprint with
        {
            Features =
            [
                new("at", FeatureKind.Time), new("weekday", FeatureKind.Number) { Derived = new TimePartDerivation("at", TimePart.Weekday) },
                new("weekend", FeatureKind.Category) { Derived = new BucketDerivation("weekday", [6]) }, new("spent", FeatureKind.Number), new("long", FeatureKind.Number) { Derived = new LogDerivation("spent") },
            ],
        };
        var examples = new ExampleSet(2);
        examples.Add(Simulated.Decision(1, 0, 30, 0, 0), [], [0, 0]);
        Assert.Equal(["spent", "long"], ServedProfile.Of(content, new(content, [new(1, content)]), examples, [0], 0).Features.Select(f => f.Name));
    }

    private static IEnumerable<Example> Moved(int n, double by)
    {
        var random = new Philox(11, "moved");
        for (var i = 0; i < n; i++) yield return new(Simulated.Decision(i, random.Below(3), 18 + 62 * random.Uniform(), random.Normal() + by, random.Below(3)), [0, 0], [0, 0], [true, true], 0);
    }

    /// <summary>A day's decisions: regulars thrice, mostly of NL and buying; casuals once, and seldom either.</summary>
    private static IEnumerable<Example> Crowd(int day, double regularsOfNl = 0.6)
    {
        var random = new Philox(day, "crowd");
        for (var i = 0; i < 1_200; i++)
        {
            var (regular, unit) = (i < 900, i < 900 ? $"regular-{i % 300}" : $"casual-{day}-{i}");
            var ofNl = regular ? i % 300 < 300 * regularsOfNl : random.Uniform() < 0.1;
            var decision = Simulated.Decision((day * 1_200) + i, ofNl ? 0 : 1, 18 + (62 * random.Uniform()), random.Normal(), 0) with { Unit = unit, Time = Simulated.Start.AddDays(day).AddSeconds(i) };
            double bought = ofNl ? 1 : 0;
            yield return new(decision, [bought, bought], [bought, bought], [true, true], 0);
        }
    }

    private static ImmutableArray<DriftFigure> Watch(ServedProfile then, IEnumerable<Example> now)
    {
        var (count, labels) = (new UnitCount(then, Simulated.Start), new Dictionary<string, double>());
        foreach (var example in now)
        {
            count.Add(example.Decision, Simulated.Blueprint);
            labels[example.Decision.Unit] = example.Values[0];
        }
        return [.. Drift.OfFeatures(then, count.Count()), Drift.OfOutcome("outcome", then, labels.Values)!];
    }

    private static ImmutableArray<DriftFigure> Look(IEnumerable<Example> now, Func<Example, bool>? isEmpty = null)
    {
        var counter = Then.Counter();
        foreach (var example in now) counter.Add(Simulated.Blueprint.Features, isEmpty?.Invoke(example) is true ? [] : example.Decision.Served.Span);
        return Drift.OfFeatures(Then, counter);
    }

    private static DriftFigure OutcomeOf(IEnumerable<Example> now) => Drift.OfOutcome("bought", Then, [.. now.Select(e => e.Values[0])])!;

    private static ServedProfile ProfileOf(IEnumerable<Example> examples)
    {
        Simulated.Trainer(examples, out var reading);
        return ServedProfile.Of(Simulated.Blueprint, new VersionTable(Simulated.Blueprint, [new(1, Simulated.Blueprint)]), reading.Examples, [.. Enumerable.Range(0, reading.Examples.Rows)], 0);
    }
}
