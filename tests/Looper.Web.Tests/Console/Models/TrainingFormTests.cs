using Looper.Core.Blueprints;
using Looper.Web.Console.Models;

namespace Looper.Web.Tests.Console.Models;

public sealed class TrainingFormTests
{
    [Fact]
    public void What_is_no_number_stays_as_typed_and_is_named_until_it_is_one()
    {
        var form = new TrainingForm(new TrainingPlan());
        void Leaves(string? text) => form.Number("training.settings.leaves", text, n => form.Settings(s => s with { Leaves = TrainingForm.Whole(n) }));
        Leaves("many");
        Assert.Equal("training.settings.leaves", Assert.Single(form.Faults).Field);
        Assert.Equal("many", form.Shown("training.settings.leaves", form.Plan.Settings.Leaves));
        Leaves(" 64 ");
        Assert.Empty(form.Faults);
        Assert.Equal(64, form.Plan.Settings.Leaves);
        Leaves("");
        Assert.Null(form.Plan.Settings.Leaves);
    }

    [Theory, InlineData("0.2", 0.002, "0.2"), InlineData("50", 0.5, "50")]
    public void A_share_is_typed_in_percent(string typed, double share, string shown)
    {
        var form = new TrainingForm(new TrainingPlan());
        form.Number("training.selection.tolerance", typed, n => form.Selection(s => s with { Tolerance = n ?? 0 }), scale: 100);
        Assert.Equal(share, form.Plan.Selection.Tolerance);
        Assert.Equal(shown, form.Shown("training.selection.tolerance", form.Plan.Selection.Tolerance, scale: 100));
    }

    [Fact]
    public void An_objective_is_replaced_not_added_and_only_a_quantile_has_a_share()
    {
        var form = new TrainingForm(new TrainingPlan());
        form.Objective("revenue", OutcomeTarget.Quantile, 0.9);
        form.Objective("revenue", OutcomeTarget.Mean, 0.9);
        Assert.Null(Assert.Single(form.Plan.Objectives).Quantile);
        form.Objective("revenue", null, null);
        Assert.Empty(form.Plan.Objectives);
    }

    [Theory]
    [InlineData(true, 1_000, "Looper trains the first model at 1,000 closed examples.")]
    [InlineData(true, 0, "Somebody trains the first model by hand.")]
    [InlineData(false, 1_000, "Looper trains here only when somebody presses “Train now”.")]
    public void The_settings_read_as_a_sentence(bool isOn, int first, string start)
    {
        var plan = new TrainingPlan { IsOn = isOn, FirstModelAt = first, PromoteAutomatically = false };
        Assert.StartsWith(start, TrainingWords.Summary(plan), StringComparison.Ordinal);
        Assert.EndsWith("waits for a person.", TrainingWords.Summary(plan), StringComparison.Ordinal);
        Assert.DoesNotContain("answering none", TrainingWords.Summary(plan with { Gate = new() { ShadowDecisions = 0 } }), StringComparison.Ordinal);
    }
}
