using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Events.Records;
using Looper.Core.Experiments;
using Looper.Core.Numerics;
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
