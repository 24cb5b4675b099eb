using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Events.Records;
using Looper.Core.Experiments;
using Looper.Core.Numerics;
using Looper.Core.Serving;
using Looper.Core.Statistics;

namespace Looper.Core.Tests.Experiments;

public class OverlapTests
{
    private static readonly Outcome Revenue = new("revenue", OutcomeKind.Number);

    [Fact]
    public void An_effect_that_depends_on_another_experiment_is_found_with_its_size()
    {
        var (figures, cells) = Run(interaction: 0.4, (i, random) => random.Below(2));
        var expected = Interaction.Between(MetricSummary.OfMean(cells[0]), MetricSummary.OfMean(cells[2]), MetricSummary.OfMean(cells[1]), MetricSummary.OfMean(cells[3]));
        Assert.Equal(expected.Value, figures.Estimate, 1e-9);
        Assert.True(figures.AdjustedP < 0.01);
        Assert.Equal("The effect of treatment depends on other: it differs where units also have on.", figures.Sentence);
    }

    [Fact]
    public void Independent_experiments_show_no_sign_of_it() =>
        Assert.Equal("No sign that the effect of treatment depends on other.", Run(0, (i, random) => random.Below(2)).Figures.Sentence);

    [Fact]
    public void Arms_that_go_together_cannot_be_told_apart()
    {
        var (figures, _) = Run(0, (i, random) => random.Uniform() < 0.7 ? i % 2 : 1 - i % 2);
        Assert.True(double.IsNaN(figures.Estimate));
        Assert.Contains("cannot be told apart", figures.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_few_shared_units_are_said()
    {
        var (figures, _) = Run(0.4, (i, random) => random.Below(2), units: 2_000);
        Assert.StartsWith("Not enough data:", figures.Sentence, StringComparison.Ordinal);
    }

    [Fact] // identity: by hand from the units that the metric takes, cut where it is cut
    public void An_interaction_is_of_the_metric_on_the_scorecard_filtered_and_cut()
    {
        var plan = Exposed.Plan(("control", 0.5), ("treatment", 0.5)) with
        {
            PrimaryOutcome = "spend",
            Metrics = [new Metric { Key = "spend", Kind = MetricKind.Sum, Outcome = "revenue", CapPercentile = 0.999, Only = [new("member", FilterRule.Is, "yes")] }],
        };
        var random = new Philox(13);
        var (there, units, values) = (new Dictionary<long, int>(), new List<ExposedUnit>(), new List<(int Cell, double Value)>());
        for (var i = 0; i < 12_000; i++)
        {
            var (arm, second, member) = (i % 2, random.Below(2), random.Below(2) == 1);
            var value = i == 7 ? 50_000 : 10 + random.Normal();
            there[UnitHash.Of($"u{i}")] = second;
            if (member || i == 7) values.Add((2 * arm + second, value));
            var unit = Exposed.Unit(arm, [value], [(byte)(member || i == 7 ? ServedKind.True : ServedKind.False)]);
            units.Add(unit with { Values = [value, value], SoFar = [value, value], Closed = [true, true], Decision = unit.Decision with { Unit = $"u{i}" } });
        }

        var analysis = new ExperimentAnalysis(Exposed.Settings(plan, "spend"), Exposed.Blueprint(Revenue), CovariateReader.None,
            new Dictionary<int, System.Collections.Immutable.ImmutableArray<Feature>> { [1] = [new("member", FeatureKind.Boolean)] }, new OtherExperiment("other", ["off", "on"], there));
        foreach (var unit in units) analysis.Add(unit);
        var report = analysis.Finish();
        var metric = report.Metrics.Single(m => m.Outcome == "spend");
        var figures = report.Interactions.Single(i => i.Outcome == "spend");
        var cells = new Moments[4];
        foreach (var (cell, value) in values) cells[cell] = cells[cell].With(Math.Min(value, metric.Cap));
        Assert.Equal(metric.Arms.Sum(a => a.Units), figures.Units);
        Assert.Equal(cells[3].Mean - cells[2].Mean - cells[1].Mean + cells[0].Mean, figures.Estimate, 1e-9);
        Assert.InRange(figures.Estimate, -0.3, 0.3); // the order of 50,000 alone would move it by some 30
    }

    [Fact] // no unit is in two experiments of one layer, so they can have no interaction and take nobody's place
    public void Experiments_of_its_own_layer_are_not_among_those_it_is_compared_with()
    {
        var own = Exposed.Plan(("control", 0.5), ("treatment", 0.5)) with { Layer = "checkout" };
        Experiment[] newest = [.. Enumerable.Range(0, 5).Select(i => Other($"same-{i}", "checkout")), Other("slots", null, new(60)), Other("free", null), Other("search", "search")];
        Assert.Equal(["free", "search"], ReportActions.Compared(own, newest).Select(o => o.Experiment.Key));
        Assert.Equal(["same-0", "same-1", "same-2", "same-3", "same-4"], ReportActions.Compared(own with { Layer = null }, newest).Select(o => o.Experiment.Key));
        Assert.Equal(["free"], ReportActions.Compared(own with { Layer = null }, [Other("free", null)]).Select(o => o.Experiment.Key));

        Experiment Other(string key, string? layer, SwitchbackDesign? slots = null) => new() { Key = key, Plan = ExperimentJson.Write(own with { Layer = layer, Switchback = slots }) };
    }

    private static (InteractionFigures Figures, Moments[] Cells) Run(double interaction, Func<int, Philox, int> there, int units = 8_000)
    {
        var random = new Philox(12);
        var other = new Dictionary<long, int>();
        var cells = new Moments[4];
        var exposed = new List<ExposedUnit>();
        for (var i = 0; i < units; i++)
        {
            int arm = i % 2, second = there(i, random);
            var value = random.Normal() + 0.1 * arm + interaction * arm * second;
            other[UnitHash.Of($"u{i}")] = second;
            cells[2 * arm + second] = cells[2 * arm + second].With(value);
            var unit = Exposed.Unit(arm, [value]);
            exposed.Add(unit with { Decision = unit.Decision with { Unit = $"u{i}" } });
        }

        var plan = Exposed.Plan(("control", 0.5), ("treatment", 0.5));
        var analysis = new ExperimentAnalysis(Exposed.Settings(plan, "revenue"), Exposed.Blueprint(Revenue), CovariateReader.None,
            new Dictionary<int, System.Collections.Immutable.ImmutableArray<Feature>>(), new OtherExperiment("other", ["off", "on"], other));
        foreach (var unit in exposed) analysis.Add(unit);
        return (Assert.Single(analysis.Finish().Interactions), cells);
    }
}
