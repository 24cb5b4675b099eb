using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Models;

namespace Looper.Core.Tests.Models;

public sealed class ExampleReadingTests
{
    [Fact]
    public void An_open_window_is_no_example_until_it_closes()
    {
        var reading = Read(provisional: false, Open(0, soFar: 1), Open(1, soFar: double.NaN), Closed(2, 1), Closed(3, 0));
        Assert.Equal([2, 3], reading.RowsOf(0).Rows);
        Assert.Equal(0, reading.RowsOf(0).Provisional);
    }

    [Fact]
    public void Provisionally_an_outcome_that_came_counts_and_silence_so_far_does_not()
    {
        var rows = Read(provisional: true, Open(0, soFar: 1), Open(1, soFar: double.NaN), Open(2, soFar: 0), Closed(3, 0)).RowsOf(0);
        Assert.Equal([0, 2, 3], rows.Rows);
        Assert.Equal(2, rows.Provisional);
        Assert.Equal(2 / 3.0, rows.ArrivedShare, tolerance: 1e-12);
    }

    [Fact]
    public void Where_silence_means_nothing_early_outcomes_are_no_biased_sample()
    {
        var outcome = Simulated.Bought with { Absent = null };
        var blueprint = Simulated.Blueprint with { Outcomes = [outcome, Simulated.Spent] };
        var reading = new ExampleReading([outcome], new VersionTable(blueprint, [new(1, blueprint)]), provisional: true);
        reading.Add(Open(0, soFar: 1), new double[1]);
        reading.Add(Open(1, soFar: double.NaN), new double[1]);
        Assert.True(double.IsNaN(reading.RowsOf(0).ArrivedShare));
    }

    [Theory, InlineData(Aggregation.Sum, OutcomeKind.Number, true), InlineData(Aggregation.First, OutcomeKind.Number, false), InlineData(Aggregation.Max, OutcomeKind.Boolean, false)]
    public void What_has_come_of_a_sum_so_far_is_not_all_of_it(Aggregation aggregation, OutcomeKind kind, bool mayGrow)
    {
        var outcome = new Outcome("spent", kind) { Window = TimeSpan.FromHours(1), Aggregation = aggregation, Absent = null };
        var blueprint = Simulated.Blueprint with { Outcomes = [outcome] };
        var reading = new ExampleReading([outcome], new VersionTable(blueprint, [new(1, blueprint)]), provisional: true);
        reading.Add(Closed(0, 1), new double[1]);
        Assert.False(reading.RowsOf(0).MayGrow);
        reading.Add(Open(1, soFar: 1), new double[1]);
        Assert.Equal(mayGrow, reading.RowsOf(0).MayGrow);
    }

    [Fact]
    public void Decisions_for_an_option_that_is_gone_are_left_out_and_an_outcome_redefined_is_unknown()
    {
        var older = Simulated.Blueprint with { Options = [new("gone"), new("green"), new("blue")] };
        var redefined = Simulated.Blueprint with { Outcomes = [Simulated.Bought with { Window = TimeSpan.FromDays(9) }, Simulated.Spent] };
        var versions = new VersionTable(Simulated.Blueprint, [new(1, Simulated.Blueprint), new(2, older), new(3, redefined)]);
        var reading = new ExampleReading([Simulated.Bought], versions, provisional: false);
        foreach (var (version, option) in new[] { (1, 0), (2, 0), (2, 1), (3, 0), (4, 0) })
        {
            reading.Add(new(Simulated.Decision(version, 0, 30, 0, option, version), [1], [1], [true], 0), new double[1]);
        }
        Assert.Equal(3, reading.Examples.Rows);
        Assert.Equal([0, 1], reading.RowsOf(0).Rows);
        Assert.Contains("2 left out", reading.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void A_yes_or_no_decision_stored_without_its_options_is_learned_from()
    {
        var stored = BlueprintJson.Served(BlueprintJson.Write(Simulated.Blueprint with { Shape = DecisionShape.Binary, Options = [], Default = "false" }));
        var versions = new VersionTable(stored, [new(1, stored)]);
        var reading = new ExampleReading([Simulated.Bought], versions, provisional: false);
        for (var i = 0; i < 4; i++) reading.Add(new(Simulated.Decision(i, 0, 30, 0, i % 2), [1], [1], [true], 0), new double[1]);
        Assert.Equal(4, reading.Examples.Rows);
        var columns = new DataSetBuilder(stored, versions, reading.Examples).ColumnsOf([0, 1, 2, 3]);
        Assert.Equal(["false", "true"], columns[0].Categories);
    }

    private static ExampleReading Read(bool provisional, params Example[] examples)
    {
        Simulated.Trainer(examples, out var reading, provisional);
        return reading;
    }

    private static Example Closed(int i, double value) => new(Simulated.Decision(i, 0, 30, 0, 0), [value, 0], [value, 0], [true, true], 0);

    private static Example Open(int i, double soFar) => new(Simulated.Decision(i, 0, 30, 0, 0), [double.NaN, 0], [soFar, 0], [false, true], 0);
}
