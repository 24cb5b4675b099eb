using Looper.Core.Blueprints;
using Looper.Core.Serving;
using Looper.Core.Tests.Decisions;

namespace Looper.Core.Tests.Serving;

public class ConfigurationServingTests
{
    private const string Bold = """{"threshold":0.1,"perDay":9,"mode":"eager"}""";

    private static Decision Decide(BlueprintContent content, string unit = "user-1", params ExperimentSource[] experiments) =>
        Serve.Decide(Serve.Snapshot(Serve.Point(content, experiments: experiments)), unit);

    [Fact]
    public void The_policy_answers_its_values_and_units_outside_get_the_present_ones()
    {
        var inside = Decide(Sample.Settings);
        Assert.Equal(("""{"threshold":0.4,"perDay":3,"mode":"calm"}""", 1.0, Reason.Policy, -1), (inside.Answer.Configuration!.Text, inside.Propensity, inside.Reason, inside.Answer.Option));
        var outside = Decide(Sample.Settings with { Rollout = new() { Share = 0 } });
        Assert.Equal((Sample.Settings.Default, Reason.Holdout), (outside.Answer.Configuration!.Text, outside.Reason));
    }

    [Fact]
    public void Arms_answer_their_own_and_alike_ones_share_the_propensity()
    {
        var experiment = Serve.Experiment(new("present", 0.5, null, null, null), new("bold", 0.3, null, new FixedPolicy(Bold), null), new("bold-too", 0.2, Bold, null, null));
        var decisions = Enumerable.Range(0, 400).Select(i => Decide(Sample.Settings, $"user-{i}", experiment)).ToList();
        Assert.All(decisions, d =>
        {
            Assert.Equal(d.Arm == 0 ? ((FixedPolicy)Sample.Settings.Policy).Option : Bold, d.Answer.Configuration!.Text);
            Assert.Equal((0.5, Reason.Experiment), (d.Propensity, d.Reason));
        });
        Assert.Equal(3, decisions.Select(d => d.Arm).Distinct().Count());
    }

    [Fact]
    public void What_cannot_be_served_answers_the_default_and_says_why()
    {
        var broken = Serve.Snapshot(Serve.Point(Sample.Settings with { Policy = new RandomPolicy() }));
        Assert.Equal("policy.invalid", broken.Points[0].Fault!.Code);
        var decision = Serve.Decide(broken, "user-1");
        Assert.Equal((Sample.Settings.Default, Reason.DefaultError), (decision.Answer.Configuration!.Text, decision.Reason));
        var arm = Serve.Snapshot(Serve.Point(Sample.Settings, experiments: Serve.Experiment(new("a", 0.5, null, null, null), new("b", 0.5, """{"threshold":7}""", null, null))));
        Assert.Equal("experiment.invalid", arm.Points[0].Fault!.Code);
    }
}
