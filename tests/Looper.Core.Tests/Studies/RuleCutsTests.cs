using Looper.Core.Blueprints;
using Looper.Core.Optimization;
using Looper.Core.Studies;

namespace Looper.Core.Tests.Studies;

public class RuleCutsTests
{
    private static readonly BlueprintContent s_content = new()
    {
        Shape = DecisionShape.Choice, Options = [new("a"), new("b"), new("c")], Default = "a",
        Policy = new TreePolicy(new()
        {
            Feature = "cart", AtMost = 40, Then = new() { Option = "a" },
            Else = new() { Feature = "country", Is = "NL", Then = new() { Feature = "cart", AtMost = 90, Then = new() { Option = "b" }, Else = new() { Option = "c" } }, Else = new() { Option = "b" } },
        }) { Explore = 0.1 },
    };

    [Fact]
    public void The_thresholds_of_a_rule_are_tuned_in_the_order_in_which_it_reads_them()
    {
        Assert.Equal(["cut:cart", "cut:cart:2", "explore"], PolicyParameters.Of(s_content).Select(p => p.Name));
        Assert.Equal((0, 80), (PolicyParameters.Of(s_content)[0].Low, PolicyParameters.Of(s_content)[0].High));
        Assert.Equal(90, PolicyParameters.Present(s_content)["cut:cart:2"].Number);
        var tuned = (TreePolicy)PolicyParameters.With(s_content, PolicyParameters.Present(s_content).SetItem("cut:cart:2", new ParameterValue(75)))!;
        Assert.Equal("if cart is at most 40 then a else (if country is NL then (if cart is at most 75 then b else c) else b)", tuned.Root.ToString());
        Assert.Equal(0.1, tuned.Explore);
        Assert.Equal(s_content.Policy, PolicyParameters.With(s_content, PolicyParameters.Present(s_content)));
    }
}
