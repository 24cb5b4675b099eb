using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Experiments;
using Looper.Web.Console.Experiments;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Console.Experiments;

public sealed class FirstPlansTests
{
    [Fact]
    public async Task Of_a_yes_or_no_decision_each_option_is_an_arm_though_its_blueprint_names_none()
    {
        await using var looper = new LooperApp();
        using var client = await looper.SignedInAsync(Role.Analyst);
        await new ExperimentPages(looper, client).PointAsync("tip", ExperimentPages.Content with { Shape = DecisionShape.Binary, Options = [], Default = "false" });
        var served = await looper.Get<VersionQueries>().ServedAsync(Caller.System, "tip", 0, default);
        var plan = FirstPlans.Of(Comparing.Options, served.Value!).Value!;
        Assert.Equal([("false", "false", 0.5), ("true", "true", 0.5)], plan.Arms.Select(a => (a.Key, a.Option!, a.Weight)));
        Assert.True((await looper.Get<ExperimentActions>().CreateAsync(Caller.System, new("tip", "tip-q4", "Tip", Plan: plan), default)).Refusal is null);
    }

    [Fact]
    public void The_option_of_before_comes_first()
    {
        var content = ExperimentPages.Content with { Options = [new("a"), new("b"), new("c")], Rollout = new() { Baseline = "c" } };
        Assert.Equal(["c", "a", "b"], FirstPlans.Of(Comparing.Options, content).Value!.Arms.Select(a => a.Option!));
    }

    [Fact]
    public void Where_there_are_no_options_to_compare_nothing_else_is_compared_instead()
    {
        var refused = FirstPlans.Of(Comparing.Options, ExperimentPages.Content with { Shape = DecisionShape.Value, Options = [], Default = "0" });
        Assert.Equal("compare", refused.Refusal!.Field);
        Assert.Null(refused.Value);
    }
}
