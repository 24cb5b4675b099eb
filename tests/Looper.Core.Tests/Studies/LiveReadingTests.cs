using Looper.Core.Blueprints;
using Looper.Core.Experiments;
using Looper.Core.Numerics;
using Looper.Core.Studies;
using Looper.Core.Tests.Experiments;

namespace Looper.Core.Tests.Studies;

public class LiveReadingTests
{
    private static readonly StudyPlan s_plan = new() { Source = TrialSource.Live, Goals = [new("sale")], Guardrails = [new("complaint") { AtMost = 0.1 }], UnitsPerArm = 1_000 };

    private static ReportContent Report(int units, double complaints = 0.05)
    {
        var random = new Philox(1);
        return Exposed.Report(Exposed.Settings(Exposed.Plan(("present", 0.34), ("trial-4", 0.33), ("trial-5", 0.33)), "sale", ExperimentState.Running),
            Exposed.Blueprint(new("sale", OutcomeKind.Boolean), new("complaint", OutcomeKind.Boolean) { Better = Direction.Lower }),
            Enumerable.Range(0, units).Select(i => Exposed.Unit(i % 3, [random.Uniform() < 0.2 + 0.05 * (i % 3) ? 1 : 0, random.Uniform() < (i % 3 == 2 ? complaints : 0.05) ? 1 : 0])));
    }

    [Fact]
    public void Enough_units_give_relative_changes_with_the_error_that_the_control_shares()
    {
        var reading = LiveReading.Of(s_plan, Report(30_000), TimeSpan.FromDays(1), isStopped: false);
        Assert.True(reading.IsComplete);
        Assert.Null(reading.Breach);
        var sale = reading.Arms["trial-5"].Metrics!["sale"];
        Assert.Equal(0.5, sale.Mean, 4 * sale.StandardError);
        Assert.InRange(sale.StandardError, 0.01, 0.05);
        // by hand: the control's part of the delta method, R²·p(1−p)/(n·p²)
        Assert.Equal(Math.Pow(1 + sale.Mean, 2) * 0.8 / 0.2 / 10_000, sale.SharedVariance, 0.0002);
        Assert.InRange(sale.SharedVariance, 0.3 * sale.StandardError * sale.StandardError, 0.95 * sale.StandardError * sale.StandardError);
    }

    [Fact]
    public void Few_units_wait_until_the_days_are_over_and_then_fail_with_how_many_there_were()
    {
        Assert.False(LiveReading.Of(s_plan, Report(1_500), TimeSpan.FromDays(1), isStopped: false).IsComplete);
        var late = LiveReading.Of(s_plan, Report(90), TimeSpan.FromDays(15), isStopped: false);
        Assert.True(late.IsComplete);
        Assert.StartsWith("'sale' is not known: the batch ended with 30 of 100 units", late.Arms["trial-4"].Note, StringComparison.Ordinal);
        Assert.Null(late.Arms["trial-4"].Metrics);
    }

    [Fact]
    public void A_broken_guardrail_ends_the_batch_at_once()
    {
        var reading = LiveReading.Of(s_plan with { UnitsPerArm = 100_000 }, Report(6_000, complaints: 0.2), TimeSpan.FromHours(1), isStopped: false);
        Assert.True(reading.IsComplete);
        Assert.StartsWith("Guardrail complaint is broken by trial-5:", reading.Breach, StringComparison.Ordinal);
    }

    [Theory, InlineData(0.1, 20, true), InlineData(0.1, 0, false), InlineData(1_000, 20, false)] // a bound so wide that none of the present ones decides
    public void A_guardrail_that_never_happened_before_is_broken_once_it_happens(double atMost, int every, bool isBroken)
    {
        var report = Exposed.Report(Exposed.Settings(Exposed.Plan(("present", 0.5), ("trial-4", 0.5)), "sale", ExperimentState.Running),
            Exposed.Blueprint(new("sale", OutcomeKind.Boolean), new("complaint", OutcomeKind.Boolean) { Better = Direction.Lower }),
            Enumerable.Range(0, 20_000).Select(i => Exposed.Unit(i % 2, [i / 2 % 5 == 0 ? 1 : 0, i % 2 == 1 && every > 0 && i / 2 % every == 0 ? 1 : 0])));
        var reading = LiveReading.Of(s_plan with { UnitsPerArm = 100_000, Guardrails = [new("complaint") { AtMost = atMost }] }, report, TimeSpan.FromHours(1), isStopped: false);
        Assert.Equal(isBroken, reading.IsComplete);
        Assert.Equal(isBroken ? "Guardrail complaint is broken by trial-4: 500 of 10,000 units, where 0 of 10,000 of the present policy are, and 10.0% is the bound. Its arms have ended; look at them before you resume." : null, reading.Breach);
    }

    [Fact] // by hand: a baseline below zero is divided by its size, so the arm's part of it is 1 − lift
    public void The_error_that_a_negative_control_shares_is_that_of_its_ratio()
    {
        var report = Report(30_000);
        var sale = report.Metrics[0];
        var control = sale.Arms[0] with { Mean = -10, Deviation = 20, Units = 10_000 };
        var comparison = sale.Comparisons[0] with { Relative = sale.Comparisons[0].Relative with { Estimate = 0.5, StandardError = 0.03 } }; // from −10 to −5
        report = report with { Metrics = [sale with { Arms = sale.Arms.SetItem(0, control), Comparisons = sale.Comparisons.SetItem(0, comparison) }, report.Metrics[1]] };
        Assert.Equal(0.25 * 4 / 10_000, LiveReading.Of(s_plan, report, TimeSpan.FromDays(1), isStopped: false).Arms["trial-4"].Metrics!["sale"].SharedVariance, 1e-12);
    }

    [Theory] // whoever ends it: the days of the batch, or a person
    [InlineData(15, false), InlineData(1, true)]
    public void What_a_batch_leaves_too_small_to_be_told_when_it_ends_has_failed(int days, bool isStopped)
    {
        var report = Report(900);
        var sale = report.Metrics[0];
        report = report with { Metrics = [sale with { Comparisons = [.. sale.Comparisons.Select((c, i) => c with { Shortage = i == 0 ? new(12, 20, "units with sale in trial-4") : null })] }, report.Metrics[1] with { Comparisons = [.. report.Metrics[1].Comparisons.Select(c => c with { Shortage = null })] }] };
        var reading = LiveReading.Of(s_plan, report, TimeSpan.FromDays(days), isStopped);
        Assert.True(reading.IsComplete);
        Assert.Null(reading.Breach);
        Assert.Equal("'sale' is not known: the batch ended with 12 of 20 units with sale in trial-4.", reading.Arms["trial-4"].Note);
        Assert.Null(reading.Arms["trial-4"].Metrics);
        Assert.Equal("Measured on 300 of 1000 units: the batch ended.", reading.Arms["trial-5"].Note);
        Assert.NotNull(reading.Arms["trial-5"].Metrics);
    }

    [Fact]
    public void What_a_broken_guardrail_leaves_too_small_to_be_told_has_failed()
    {
        var report = Report(6_000, complaints: 0.2);
        var sale = report.Metrics[0];
        report = report with { Metrics = [sale with { Comparisons = sale.Comparisons.SetItem(0, sale.Comparisons[0] with { Shortage = new(12, 20, "units with sale in trial-4") }) }, report.Metrics[1]] };
        var reading = LiveReading.Of(s_plan with { UnitsPerArm = 100_000 }, report, TimeSpan.FromHours(1), isStopped: false);
        Assert.Equal("'sale' is not known: a guardrail ended the batch with 12 of 20 units with sale in trial-4.", reading.Arms["trial-4"].Note);
        Assert.Null(reading.Arms["trial-4"].Metrics);
        Assert.Equal("Measured on 2000 of 100000 units: a guardrail ended the batch.", reading.Arms["trial-5"].Note);
        Assert.NotNull(reading.Arms["trial-5"].Metrics);
    }
}
