using Looper.Web.Console.Experiments;

namespace Looper.Web.Tests.Console;

/// <summary>What the budget of a rule promises.</summary>
public class BudgetHelpTests
{
    [Fact] // 0.95 · 0.3 + 0.05
    public void It_says_what_exploring_adds_to_the_budget()
    {
        Assert.EndsWith("comes on top: up to 33.5% of the units in all.", PolicyFromEffects.BudgetHelp(30, 5), StringComparison.Ordinal);
        Assert.EndsWith("comes on top.", PolicyFromEffects.BudgetHelp(null, 5), StringComparison.Ordinal);
        Assert.Equal("By the rule.", PolicyFromEffects.BudgetHelp(30, 0));
    }
}
